"""A contract office of its own for each test."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from .office import ContractOffice


@pytest.fixture
def office(tmp_path: Path) -> Iterator[ContractOffice]:
    made = ContractOffice(tmp_path)
    with closing(made.database):
        yield made
