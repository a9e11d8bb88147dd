"""A contract office of its own for each test."""

import pytest

from shared.database import Database
from tests.unit.contract.office import ContractOffice


@pytest.fixture
def office(sqlite: Database) -> ContractOffice:
    return ContractOffice(sqlite)
