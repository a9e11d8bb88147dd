"""The consultancy service on a database of its own."""

import pytest

from shared.database import Database
from tests.unit.consultancy.office import ConsultancyOffice


@pytest.fixture
def office(sqlite: Database) -> ConsultancyOffice:
    return ConsultancyOffice(sqlite)


@pytest.fixture
def busy_office(database: Database) -> ConsultancyOffice:
    """An office in which several people work at once, on each kind of database."""
    return ConsultancyOffice(database)
