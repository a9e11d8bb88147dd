"""A command answers at once: it loads no more of the platform than it needs."""

import subprocess
import sys

import pytest

#: What takes longest to load, and what a command needs none of that talks to a running process.
HEAVY = {"alembic", "dns", "flask", "kombu", "marshmallow", "nameko", "openpyxl", "sqlalchemy"}

LOADED = """
import sys
sys.argv[1:] = {arguments!r}
from services import __main__
try:
    __main__.main()
except SystemExit:
    pass
print("loaded:", *(each for each in {heavy!r} if each in sys.modules))
"""


def loaded_by(*arguments: str) -> set[str]:
    script = LOADED.format(arguments=list(arguments), heavy=sorted(HEAVY))
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120
    )
    return set(done.stdout.rpartition("loaded:")[2].split())


@pytest.mark.parametrize(
    "command", ["verify", "events", "tick", "held list", "held retry", "held discard"]
)
def test_a_command_that_talks_to_a_running_process_loads_little(command):
    assert loaded_by(*command.split(), "--help") == set()


def test_the_version_is_told_at_once():
    assert loaded_by("--version") == set()
