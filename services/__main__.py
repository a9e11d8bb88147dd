"""The command line: `python -m services`, or `entente` where it is installed."""

import os
import warnings

# eventlet's own resolver of host names breaks TLS, and takes longer to load than all the rest.
os.environ.setdefault("EVENTLET_NO_GREENDNS", "yes")
warnings.filterwarnings("ignore", message=r"(?s).*[Ee]ventlet is deprecated")

import eventlet

eventlet.monkey_patch()  # before anything else is imported, or sockets would block everybody

from services.cli.main import main

if __name__ == "__main__":
    main()
