"""The data of the office are for the eyes of the user who runs it."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.control import sole_owner
from services.platform import upgrade_databases
from shared import settings as configuration
from shared.private_folder import is_open, make_private


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
