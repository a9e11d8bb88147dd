"""A partner sees a programme once it is published, not while it is being designed."""

import pytest

from shared.database import Database
from shared.errors import NotFound
from tests.alone import guest_of
from tests.unit.faculty.office import ACTIVATED, DESIGN, PARTNER, FacultyOffice

pytestmark = pytest.mark.row("F1")


@pytest.fixture
def office(sqlite: Database) -> FacultyOffice:
    return FacultyOffice(sqlite)


def test_a_design_is_ours_alone_until_it_is_published(office: FacultyOffice) -> None:
    office.hears(ACTIVATED)
    id = str(office.do("design_programme", **DESIGN)["id"])
    guest = guest_of(PARTNER)
    with pytest.raises(NotFound):
        office.ask("get_programme", actor=guest, id=id)
    assert office.ask("list_programmes", actor=guest)["items"] == []

    office.do("publish_programme", id=id)

    assert office.ask("get_programme", actor=guest, id=id)["state"] == "published"
    assert [each["id"] for each in office.ask("list_programmes", actor=guest)["items"]] == [id]
