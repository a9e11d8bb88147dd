from pathlib import Path

import pytest

from tests.unit.partner.office import PartnerOffice
from tests.unit.partner.story import TODAY


@pytest.fixture
def office(tmp_path: Path) -> PartnerOffice:
    return PartnerOffice(tmp_path, TODAY)
