import pytest

from shared.database import Database
from tests.unit.partner.office import PartnerOffice
from tests.unit.partner.story import TODAY


@pytest.fixture
def office(sqlite: Database) -> PartnerOffice:
    return PartnerOffice(sqlite, TODAY)
