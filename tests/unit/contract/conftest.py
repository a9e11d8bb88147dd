"""A contract office of its own for each test."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from .office import ContractOffice, empty_database


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with tables and nothing in them; making one for each test would be slow."""
    file = tmp_path_factory.mktemp("contract") / "empty.db"
    empty_database(file)
    return file


@pytest.fixture
def office(empty_file: Path, tmp_path: Path) -> Iterator[ContractOffice]:
    made = ContractOffice(Path(shutil.copy(empty_file, tmp_path / "contract.db")))
    with closing(made.database):
        yield made
