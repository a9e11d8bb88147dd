"""The consultancy service on a database of its own."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from shared.database import Database
from shared.messaging import tables
from tests.unit.consultancy.office import ConsultancyOffice


@pytest.fixture
def office(tmp_path: Path) -> Iterator[ConsultancyOffice]:
    with closing(Database(f"sqlite:///{tmp_path}/consultancy.db")) as database:
        tables.metadata.create_all(database.engine)
        yield ConsultancyOffice(database)


@pytest.fixture
def busy_office(database: Database) -> ConsultancyOffice:
    """An office in which several people work at once, on each kind of database."""
    return ConsultancyOffice(database)
