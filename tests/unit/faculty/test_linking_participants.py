"""Which account a participant is: nobody makes, changes or removes the link to their own."""

import pytest

from shared.database import Database
from shared.errors import Forbidden
from shared.work import Actor
from tests.unit.faculty.office import LEAD, FacultyOffice

pytestmark = pytest.mark.row("F2")

COLLEAGUE = Actor(id="colleague", roles=LEAD.roles)


@pytest.fixture
def office(sqlite: Database) -> FacultyOffice:
    return FacultyOffice(sqlite)


def refused(office: FacultyOffice, person: str, account_id: str | None) -> str:
    with pytest.raises(Forbidden) as refusal:
        office.do("correct_participant", id=person, account_id=account_id)
    return refusal.value.rule


def test_nobody_registers_a_participant_as_their_own_account(office: FacultyOffice) -> None:
    with pytest.raises(Forbidden) as refusal:
        office.person(1, account_id="lead")
    assert (refusal.value.rule, refusal.value.field) == ("link-by-another", "account_id")


def test_nobody_links_a_participant_to_their_own_account(office: FacultyOffice) -> None:
    assert refused(office, office.person(1, account_id="rana"), "lead") == "link-by-another"


@pytest.mark.parametrize("account_id", [None, "rana"])
def test_the_person_linked_does_not_change_the_link(
    office: FacultyOffice, account_id: str | None
) -> None:
    person = office.person(1, actor=COLLEAGUE, account_id="lead")
    assert refused(office, person, account_id) == "link-by-another"


def test_the_person_once_linked_does_not_link_it_again(office: FacultyOffice) -> None:
    person = office.person(1, actor=COLLEAGUE, account_id="lead")
    office.do("correct_participant", actor=COLLEAGUE, id=person, account_id=None)
    assert refused(office, person, "rana") == "link-by-another"


def test_the_person_linked_corrects_all_else(office: FacultyOffice) -> None:
    person = office.person(1, actor=COLLEAGUE, account_id="lead")
    corrected = office.do("correct_participant", id=person, profession="nurse", account_id="lead")
    assert (corrected["profession"], corrected["account_id"]) == ("nurse", "lead")
