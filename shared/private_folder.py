"""Folders that nobody but the user who runs Entente looks into."""

import os
from pathlib import Path

import structlog

#: What is made from now on is readable and writable by its owner alone.
UMASK = 0o077
#: Rights of everybody else.
OTHERS = 0o077

log = structlog.get_logger()


class OthersData(Exception):
    """Somebody else's file lies where our data should; the message says what to do."""


def make_private(folder: Path) -> None:
    """Create the folder if need be; take it and what lies in it from everybody but the owner.

    What this process makes from now on is private too. Raises OSError where the folder cannot be,
    OthersData.
    """
    os.umask(UMASK)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = folder.resolve()  # of a link to it the rights mean nothing
    found = of_others(folder)
    if found:
        raise OthersData(found)
    for path in (folder, *folder.iterdir()):
        mode = path.lstat().st_mode
        if not mode & OTHERS or path.is_symlink():
            continue
        try:
            path.chmod(mode & 0o777 & ~OTHERS)
        except PermissionError:
            log.warning("open to others, and not ours to close", path=str(path))


def of_others(folder: Path) -> str:
    """Why an existing folder cannot be trusted: what in it belongs to somebody else; "": nothing.

    They could have put a key there that they know, and change a database under us. Root could
    anyway.
    """
    for path in (folder, *folder.iterdir()):
        owner = path.lstat().st_uid
        if owner not in (os.geteuid(), 0):
            return (
                f"{path} belongs to another user (number {owner}), who could read or replace the "
                f"office's data. Start Entente as that user, or give the folder to the present one "
                f"(chown -R), or choose another by ENTENTE_DATA_DIR."
            )
    return ""


def is_open(folder: Path) -> bool:
    """Whether anybody but its owner can look into an existing folder."""
    return bool(folder.stat().st_mode & OTHERS)
