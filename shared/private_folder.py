"""Folders that nobody but the user who runs Entente looks into."""

import os
from pathlib import Path

import structlog

#: What is made from now on is readable and writable by its owner alone.
UMASK = 0o077
#: Rights of everybody else.
OTHERS = 0o077

log = structlog.get_logger()


def make_private(folder: Path) -> None:
    """Create the folder if need be; take it and what lies in it from everybody but the owner.

    What this process makes from now on is private too. Raises OSError where the folder cannot be.
    """
    os.umask(UMASK)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in (folder, *folder.iterdir()):
        mode = path.lstat().st_mode
        if not mode & OTHERS or path.is_symlink():
            continue
        try:
            path.chmod(mode & 0o777 & ~OTHERS)
        except PermissionError:
            log.warning("open to others, and not ours to close", path=str(path))


def is_open(folder: Path) -> bool:
    """Whether anybody but its owner can look into an existing folder."""
    return bool(folder.stat().st_mode & OTHERS)
