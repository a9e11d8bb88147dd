"""A partner sees a programme once it is published, not while it is being designed."""

from typing import Any
from uuid import uuid4

import pytest

from services.platform import service_class
from shared.database import Database
from shared.errors import NotFound, Refusal
from shared.work import Actor
from tests.alone import guest_of
from tests.unit.faculty.examples import PARTNER
from tests.unit.faculty.office import ACTIVATED, DESIGN, FacultyOffice

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


OPERATIONS = service_class("faculty").runtime.parts.operations.all
ON_PROGRAMMES = sorted(name for name, each in OPERATIONS.items() if each.scoped_by == "shown_to")
RANA = Actor("rana", frozenset({"observer"}))
DRAFTS = ("designed", "given_up", "taken_back")


def draft(office: FacultyOffice, how: str) -> str:
    """A programme of the partner that nobody outside may know of."""
    office.hears(ACTIVATED)
    id = str(office.do("design_programme", **DESIGN)["id"])
    if how == "given_up":
        office.do("cancel_programme", id=id, reason="Another plan")
    if how == "taken_back":
        office.do("publish_programme", id=id)
        office.do("take_back_step", id=id, reason="Too early")
    return id


def body_for(name: str, person: str) -> dict[str, Any]:
    bodies: dict[str, dict[str, Any]] = {
        "enrol": {"participant_id": person},
        "enrol_group": {"participant_ids": [person]},
        "evaluate": {"participant_id": person, "level": "1", "ratings": {}},
    }
    if name == "change_place":
        return {"enrolment_id": str(uuid4()), "wanted": "either"}
    if name.endswith("_offer") or name in ("withdraw", "get_enrolment"):
        return {"enrolment_id": str(uuid4())}
    return bodies.get(name, {})


def answer(
    office: FacultyOffice, name: str, actor: Actor, id: str, body: dict[str, Any]
) -> tuple[object, ...]:
    ask = office.do if OPERATIONS[name].is_command else office.ask
    with pytest.raises(Refusal) as refused:
        ask(name, actor=actor, id=id, **body)
    said = refused.value.to_plain()
    return (type(refused.value), str(said).replace(id, "…"))


@pytest.mark.parametrize("how", DRAFTS)
@pytest.mark.parametrize("name", ON_PROGRAMMES)
def test_a_draft_answers_a_guest_like_a_programme_that_is_not_there(
    office: FacultyOffice, name: str, how: str
) -> None:
    guest = guest_of(PARTNER)
    hidden = draft(office, how)
    person = office.person(1, actor=guest)
    body = body_for(name, person)
    said = answer(office, name, guest, hidden, body)
    assert said[0] is NotFound
    assert said == answer(office, name, guest, str(uuid4()), body)


@pytest.mark.parametrize("name", [each for each in ON_PROGRAMMES if each != "get_register"])
def test_a_draft_answers_other_colleagues_like_a_programme_that_is_not_there(
    office: FacultyOffice, name: str
) -> None:
    hidden = draft(office, "designed")
    body = body_for(name, office.person(1, account_id="rana"))
    said = answer(office, name, RANA, hidden, body)
    assert said == answer(office, name, RANA, str(uuid4()), body)


@pytest.mark.parametrize("how", DRAFTS)
@pytest.mark.parametrize("actor", [guest_of(PARTNER), RANA], ids=lambda actor: actor.id)
def test_a_draft_stands_in_no_list_of_theirs(office: FacultyOffice, actor: Actor, how: str) -> None:
    draft(office, how)
    assert office.ask("list_programmes", actor=actor)["items"] == []


def test_who_withdrew_does_not_see_what_became_a_draft_again(office: FacultyOffice) -> None:
    programme = office.enrolling()
    person = office.person(1, account_id="rana")
    mine = office.do("enrol", actor=RANA, id=programme, participant_id=person)
    office.do("withdraw", actor=RANA, id=programme, enrolment_id=mine["id"])
    for _ in range(2):
        office.do("take_back_step", id=programme, reason="Too early")
    assert office.ask("get_own_enrolments", actor=RANA) == {"items": []}


def test_a_programme_cancelled_after_its_publication_stays_to_be_seen(
    office: FacultyOffice,
) -> None:
    programme = office.enrolling()
    office.do("cancel_programme", id=programme, reason="Strike")
    seen = office.ask("get_programme", actor=guest_of(PARTNER), id=programme)
    assert seen["cancelled_because"] == "Strike"
