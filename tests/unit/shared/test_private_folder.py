"""The data of the office are for the eyes of the user who runs it."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.control import sole_owner
from services.platform import upgrade_databases
from shared import settings as configuration
from shared.private_folder import OthersData, is_open, make_private


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_folder_and_its_databases_are_private(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with sole_owner(folder):
        upgrade_databases(configuration.read({"ENTENTE_DATA_DIR": str(folder)}), ["gateway"])
    assert mode(folder) == 0o700
    assert {path.name: mode(path) for path in folder.iterdir()} == {
        path.name: 0o600 for path in folder.iterdir()
    }
    assert (folder / "gateway.db").exists()


def test_an_open_folder_is_closed_with_what_lies_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    (folder / "below").mkdir(parents=True)
    (folder / "partner.db").touch()
    folder.chmod(0o755)
    assert is_open(folder)
    make_private(folder)
    assert not is_open(folder)
    assert (mode(folder / "partner.db"), mode(folder / "below")) == (0o600, 0o700)


def test_a_folder_behind_a_link_is_closed_itself(tmp_path: Path) -> None:
    folder, link = tmp_path / "disk", tmp_path / "data"
    folder.mkdir(mode=0o755)
    link.symlink_to(folder)
    make_private(link)
    assert mode(folder) == 0o700


def test_a_link_among_the_data_changes_nothing_elsewhere(tmp_path: Path) -> None:
    """Not even the rights of what it points to."""
    folder, elsewhere = tmp_path / "data", tmp_path / "elsewhere"
    folder.mkdir()
    elsewhere.touch(mode=0o644)
    (folder / "partner.db").symlink_to(elsewhere)
    make_private(folder)
    assert mode(elsewhere) == 0o644


@pytest.mark.parametrize("of_whom", ["the folder", "gateway.key", "keys", "partner.db", "lock"])
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_data_of_another_user_are_not_taken_for_ours(tmp_path: Path, of_whom: str) -> None:
    """Whoever laid a key there knows it."""
    folder = tmp_path / "data"
    folder.mkdir()
    planted = folder if of_whom == "the folder" else folder / of_whom
    planted.touch()
    os.chown(planted, 12345, 12345)
    with pytest.raises(OthersData, match=f"{planted} belongs to another user"):
        make_private(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_link_that_another_user_laid_is_theirs_whatever_it_points_to(tmp_path: Path) -> None:
    folder, ours = tmp_path / "data", tmp_path / "ours"
    folder.mkdir()
    ours.touch()
    (folder / "lock").symlink_to(ours)
    os.chown(folder / "lock", 12345, 12345, follow_symlinks=False)
    with pytest.raises(OthersData, match="lock belongs to another user"):
        make_private(folder)


def test_a_folder_is_locked_by_whatever_name_it_goes(tmp_path: Path) -> None:
    folder, link = tmp_path / "data", tmp_path / "link"
    link.symlink_to(folder)
    folder.mkdir()
    again = f"""
from pathlib import Path
from services.control import AlreadyRunning, sole_owner
try:
    with sole_owner(Path({str(link)!r})): print("taken twice")
except AlreadyRunning: print("refused")
"""
    with sole_owner(folder):
        done = subprocess.run([sys.executable, "-c", again], capture_output=True, text=True)
    assert done.stdout == "refused\n", done.stderr
