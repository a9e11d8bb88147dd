"""A programme has a lead, who alone of all leads runs it; the partnerships team steps in."""

from typing import Any

import pytest

from shared.database import Database
from shared.errors import Conflict, Forbidden, NotFound, Refusal
from shared.work import Actor
from tests.alone import guest_of
from tests.unit.faculty.examples import PARTNER
from tests.unit.faculty.office import DESIGN, LEAD, FacultyOffice

pytestmark = pytest.mark.row("F1")

ANOTHER = Actor(id="another-lead", roles=frozenset({"programme_lead"}))
OFFICER = Actor(id="officer", roles=frozenset({"partnership_officer"}))
FORMER = Actor(id="lead", roles=frozenset({"observer"}))


@pytest.fixture
def office(sqlite: Database) -> FacultyOffice:
    office = FacultyOffice(sqlite)
    office.hears_of_partner()
    return office


def designed(office: FacultyOffice, *, actor: Actor | None = None, **changed: Any) -> str:
    told = {"actor": actor} if actor else {}
    return str(office.do("design_programme", **told, **{**DESIGN, **changed})["id"])


def refused(office: FacultyOffice, name: str, actor: Actor, **body: Any) -> Refusal:
    """Why a command or a query is refused."""
    ask = office.ask if name.startswith("get_") else office.do
    with pytest.raises(Refusal) as refusal:
        ask(name, actor=actor, **body)
    return refusal.value


def test_who_designs_a_programme_leads_it_and_all_are_told(office: FacultyOffice) -> None:
    designed(office)
    assert office.told("programme_designed")[0]["lead_id"] == "lead"


def test_the_office_designs_a_programme_for_somebody_else_to_lead(office: FacultyOffice) -> None:
    programme = designed(office, actor=OFFICER, lead_id="another-lead")
    assert office.do("publish_programme", actor=ANOTHER, id=programme)["lead_id"] == "another-lead"


def test_a_lead_designs_only_what_they_lead_themselves(office: FacultyOffice) -> None:
    refusal = refused(office, "design_programme", ANOTHER, **DESIGN, lead_id="lead")
    assert (refusal.rule, refusal.field) == ("own-programme", "lead_id")
    assert designed(office, actor=ANOTHER, lead_id="another-lead")


@pytest.mark.parametrize(
    ("deed", "body"),
    [
        ("redesign_programme", {"title": "Mine now"}),
        ("publish_programme", {}),
        ("cancel_programme", {"reason": "not mine"}),
        ("take_back_step", {"reason": "not mine"}),
    ],
)
def test_another_lead_changes_nothing_of_it(
    office: FacultyOffice, deed: str, body: dict[str, Any]
) -> None:
    assert refused(office, deed, ANOTHER, id=designed(office), **body).rule == "own-programme"


def test_another_lead_enrols_answers_and_reissues_nothing_of_it(office: FacultyOffice) -> None:
    programme, people = office.delivered(1)
    certificate = office.ask("list_certificates")["items"][0]["id"]
    assert isinstance(refused(office, "reissue_certificate", ANOTHER, id=certificate), Forbidden)
    answer = {"participant_id": people[0], "level": "1", "ratings": {}}
    assert refused(office, "evaluate", ANOTHER, id=programme, **answer).rule in (
        "answers-for-oneself",
        "fields",
    )
    assert isinstance(
        refused(office, "enrol", ANOTHER, id=programme, participant_id=people[0]), Forbidden
    )


def test_another_lead_sees_neither_its_register_nor_its_certificates(
    office: FacultyOffice,
) -> None:
    programme, _ = office.delivered(1)
    certificate = office.ask("list_certificates")["items"][0]["id"]
    assert isinstance(refused(office, "get_register", ANOTHER, id=programme), Forbidden)
    assert isinstance(refused(office, "get_certificate", ANOTHER, id=certificate), Forbidden)
    assert office.ask("list_certificates", actor=ANOTHER)["items"] == []
    assert len(office.ask("list_certificates", actor=OFFICER)["items"]) == 1


def test_designs_of_others_are_hidden_until_they_are_published(office: FacultyOffice) -> None:
    programme = designed(office)
    assert isinstance(refused(office, "get_programme", ANOTHER, id=programme), NotFound)
    assert office.ask("list_programmes", actor=ANOTHER)["items"] == []
    assert len(office.ask("list_programmes", lead_id="lead")["items"]) == 1
    office.do("publish_programme", id=programme)
    assert len(office.ask("list_programmes", actor=ANOTHER)["items"]) == 1


def test_the_partnerships_team_steps_in(office: FacultyOffice) -> None:
    programme = designed(office)
    office.do("publish_programme", actor=OFFICER, id=programme)
    office.do("open_enrolment", actor=OFFICER, id=programme)
    person = office.person(1)
    office.do("enrol", actor=OFFICER, id=programme, participant_id=person)
    assert len(office.ask("get_register", actor=OFFICER, id=programme)["items"]) == 1


def test_the_lead_is_changed_by_the_office_with_the_reason(office: FacultyOffice) -> None:
    programme = designed(office)
    change = {"id": programme, "lead_id": "another-lead", "reason": "On leave"}
    assert isinstance(refused(office, "change_lead", ANOTHER, **change), Forbidden)
    office.do("change_lead", actor=OFFICER, **change)
    told = office.told("programme_lead_changed")[0]
    assert (told["former_lead_id"], told["lead_id"], told["reason"], told["actor"]) == (
        "lead",
        "another-lead",
        "On leave",
        "officer",
    )
    assert refused(office, "publish_programme", LEAD, id=programme)
    assert office.do("publish_programme", actor=ANOTHER, id=programme)["state"] == "published"


def test_the_lead_is_not_changed_to_who_leads_already(office: FacultyOffice) -> None:
    refusal = refused(
        office, "change_lead", OFFICER, id=designed(office), lead_id="lead", reason="Mistaken"
    )
    assert isinstance(refusal, Conflict)
    assert refusal.field == "lead_id"


def test_who_has_lost_the_role_leads_nothing_though_the_programme_names_them(
    office: FacultyOffice,
) -> None:
    programme, person = office.enrolling(), office.person(1)
    assert isinstance(
        refused(office, "enrol", FORMER, id=programme, participant_id=person), Forbidden
    )
    assert isinstance(
        refused(office, "cancel_programme", FORMER, id=programme, reason="x"), Forbidden
    )


def test_partners_are_not_told_which_colleague_leads(office: FacultyOffice) -> None:
    programme = office.enrolling()
    assert office.ask("get_programme", actor=guest_of(PARTNER), id=programme)["lead_id"] is None


@pytest.mark.parametrize("query", ["get_programme", "get_evaluation"])
def test_a_draft_is_open_to_its_lead_and_those_who_see_all_drafts(
    office: FacultyOffice, query: str
) -> None:
    programme = designed(office)
    for reader in (LEAD, OFFICER):
        assert office.ask(query, actor=reader, id=programme)
    for reader in (ANOTHER, FORMER, guest_of(PARTNER)):
        assert isinstance(refused(office, query, reader, id=programme), NotFound)
