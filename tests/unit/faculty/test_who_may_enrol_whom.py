"""Groups, latecomers and people who wait; and what outsiders can find out about others."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from shared.database import Database
from shared.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from shared.work import Actor
from tests.alone import guest_of
from tests.unit.faculty.examples import PARTNER
from tests.unit.faculty.office import FacultyOffice

pytestmark = pytest.mark.row("F2")

GUEST = guest_of(PARTNER)
RANA = Actor(id="rana", roles=frozenset({"observer"}))


@pytest.fixture
def office(sqlite: Database) -> FacultyOffice:
    return FacultyOffice(sqlite)


def enrol(office: FacultyOffice, programme: str, number: int, **details: Any) -> dict[str, Any]:
    person = office.person(number, **details)
    return office.do("enrol", id=programme, participant_id=person)


def refusal(office: FacultyOffice, name: str, **body: Any) -> tuple[type, str, str]:
    with pytest.raises(Refusal) as refused:
        office.do(name, actor=GUEST, **body)
    return type(refused.value), refused.value.rule, refused.value.field


def test_a_guest_gets_one_answer_for_people_of_others_and_for_nobody(
    office: FacultyOffice,
) -> None:
    programme, stranger = office.enrolling(), office.person(1)
    known = refusal(office, "enrol", id=programme, participant_id=stranger)
    assert known == refusal(office, "enrol", id=programme, participant_id=str(uuid4()))
    group = refusal(office, "enrol_group", id=programme, participant_ids=[stranger])
    assert group == refusal(office, "enrol_group", id=programme, participant_ids=[str(uuid4())])


@pytest.mark.parametrize("deed", ["withdraw", "accept_offer", "decline_offer"])
def test_a_guest_gets_one_answer_for_enrolments_of_others_and_for_none(
    office: FacultyOffice, deed: str
) -> None:
    programme = office.enrolling()
    theirs = enrol(office, programme, 1)["id"]
    assert refusal(office, deed, id=programme, enrolment_id=theirs) == refusal(
        office, deed, id=programme, enrolment_id=str(uuid4())
    )


def test_a_guest_registers_an_address_that_others_have_without_learning_it(
    office: FacultyOffice,
) -> None:
    office.hears_of_partner()
    office.person(1, email="rana@example.org")
    registered = office.do(
        "register_participant",
        actor=GUEST,
        name="Rana",
        email="Rana@Example.org",
        profession="nurse",
    )
    assert registered["partner_id"] == str(PARTNER)


def test_a_guest_registers_nobody_of_their_own_twice(office: FacultyOffice) -> None:
    office.hears_of_partner()
    office.person(1, actor=GUEST)
    with pytest.raises(Conflict) as refused:
        office.person(1, actor=GUEST)
    assert refused.value.rule == "registered-once"


def test_a_guest_sees_of_those_present_their_own_people_alone(office: FacultyOffice) -> None:
    programme = office.enrolling()
    own, other = office.person(1, partner_id=str(PARTNER)), office.person(2)
    for person in (own, other):
        office.do("enrol", id=programme, participant_id=person)
    office.do("start_programme", id=programme)
    office.day = date(2026, 3, 4)
    session = office.ask("get_programme", id=programme)["sessions"][0]["id"]
    office.do("record_attendance", id=programme, session_id=session, present_ids=[own, other])
    seen = office.ask("get_programme", actor=GUEST, id=programme)
    assert [each["present_ids"] for each in seen["attendance"]] == [[own]]
    assert other not in str(seen)


def test_a_group_gets_all_its_places(office: FacultyOffice) -> None:
    programme = office.enrolling(capacity=3)
    group = [office.person(number) for number in range(3)]
    items = office.do("enrol_group", id=programme, participant_ids=group)["items"]
    assert [each["state"] for each in items] == ["enrolled"] * 3


def test_a_group_that_does_not_fit_gets_none(office: FacultyOffice) -> None:
    programme = office.enrolling(capacity=2)
    group = [office.person(number) for number in range(3)]
    with pytest.raises(Conflict) as refused:
        office.do("enrol_group", id=programme, participant_ids=group)
    assert (refused.value.rule, refused.value.field) == ("group-fits", "participant_ids")
    assert office.ask("get_register", id=programme) == {"items": []}


def test_a_group_does_not_overtake_who_waits(office: FacultyOffice) -> None:
    programme = office.enrolling(capacity=1)
    first = enrol(office, programme, 1)
    enrol(office, programme, 2)
    office.do("withdraw", id=programme, enrolment_id=first["id"])
    with pytest.raises(Conflict, match="none is free"):
        office.do("enrol_group", id=programme, participant_ids=[office.person(3)])


def test_a_person_twice_in_a_group_is_named(office: FacultyOffice) -> None:
    programme, person = office.enrolling(), office.person(1)
    with pytest.raises(Invalid) as refused:
        office.do("enrol_group", id=programme, participant_ids=[person, person])
    assert refused.value.field == "participant_ids.1"


def test_a_walk_in_is_enrolled_and_present_at_once(office: FacultyOffice) -> None:
    programme = _running(office, capacity=2)
    office.day = date(2026, 3, 2)
    session = office.ask("get_programme", id=programme)["sessions"][0]["id"]
    walk_in = office.person(2)
    shown = office.do("enrol_late", id=programme, participant_id=walk_in, session_id=session)
    assert (shown["state"], shown["certificate_out_of_reach"]) == ("enrolled", None)


def test_nobody_walks_in_beyond_the_capacity(office: FacultyOffice) -> None:
    programme = _running(office, capacity=1)
    with pytest.raises(Conflict) as refused:
        office.do("enrol_late", id=programme, participant_id=office.person(2))
    assert refused.value.rule == "place-free"
    office.do("redesign_programme", id=programme, capacity=2)
    office.do("enrol_late", id=programme, participant_id=office.person(3))


def test_only_the_lead_enrols_late(office: FacultyOffice) -> None:
    programme = _running(office, capacity=2)
    person = office.person(2, account_id="rana")
    with pytest.raises(Forbidden):
        office.do("enrol_late", actor=RANA, id=programme, participant_id=person)


def test_a_mandatory_session_missed_by_a_latecomer_shows_at_once(office: FacultyOffice) -> None:
    programme = _running(office, capacity=2)
    office.day = date(2026, 3, 3)
    (mandatory, _) = office.ask("get_programme", id=programme)["sessions"]
    office.do("record_attendance", id=programme, session_id=mandatory["id"], present_ids=[])
    late = office.do("enrol_late", id=programme, participant_id=office.person(2))
    assert late["certificate_out_of_reach"] == "A mandatory session was missed."


def test_a_person_waiting_sees_their_place_and_why(office: FacultyOffice) -> None:
    programme = office.enrolling(capacity=1)
    enrol(office, programme, 1)
    enrol(office, programme, 2)
    enrol(office, programme, 3, account_id="rana")
    (mine,) = office.ask("get_own_enrolments", actor=RANA)["items"]
    assert (mine["state"], mine["place_in_queue"]) == ("waiting", 2)
    assert mine["waiting_because"] == ("The only place is taken. 1 before you on the waiting list.")


def test_a_person_offered_a_place_sees_the_offer(database: Database) -> None:
    office = FacultyOffice(database)
    programme = office.enrolling(capacity=1)
    first = enrol(office, programme, 1)
    enrol(office, programme, 2, account_id="rana")
    office.do("withdraw", id=programme, enrolment_id=first["id"])
    (mine,) = office.ask("get_own_enrolments", actor=RANA)["items"]
    assert (mine["state"], mine["offered_until"]) == ("offered", "2026-02-04T12:00:00+00:00")
    assert mine["title"] == "Teaching on the ward round"


def test_a_guest_who_takes_part_sees_the_offer_and_accepts_it(office: FacultyOffice) -> None:
    rana = replace(guest_of(PARTNER), id="rana")
    programme = office.enrolling(capacity=1)
    first = enrol(office, programme, 1)
    person = office.person(2, account_id="rana", partner_id=str(PARTNER))
    office.do("enrol", actor=rana, id=programme, participant_id=person)
    office.do("withdraw", id=programme, enrolment_id=first["id"])
    (mine,) = office.ask("get_own_enrolments", actor=rana)["items"]
    assert (mine["state"], mine["offered_until"]) == ("offered", "2026-02-04T12:00:00+00:00")
    taken = office.do("accept_offer", actor=rana, id=programme, enrolment_id=mine["id"])
    assert taken["state"] == "enrolled"


def test_a_guest_of_another_partner_has_no_places_there(office: FacultyOffice) -> None:
    enrol(office, office.enrolling(), 1, account_id="rana")
    elsewhere = replace(guest_of(uuid4()), id="rana")
    assert office.ask("get_own_enrolments", actor=elsewhere) == {"items": []}


def test_an_offer_that_ran_out_shows_as_lapsed_before_anybody_settles_it(
    office: FacultyOffice,
) -> None:
    programme = office.enrolling(capacity=1)
    first = enrol(office, programme, 1)
    enrol(office, programme, 2, account_id="rana")
    office.do("withdraw", id=programme, enrolment_id=first["id"])
    office.day = date(2026, 2, 5)
    (mine,) = office.ask("get_own_enrolments", actor=RANA)["items"]
    assert mine["state"] == "lapsed"


def test_who_answers_an_offer_too_late_can_do_what_the_refusal_advises(
    office: FacultyOffice,
) -> None:
    programme = office.enrolling(capacity=1)
    first = enrol(office, programme, 1)
    person = office.person(2, account_id="rana")
    waiting = office.do("enrol", id=programme, participant_id=person)
    office.do("withdraw", id=programme, enrolment_id=first["id"])
    office.day = date(2026, 2, 5)
    with pytest.raises(Conflict, match="Enrol again"):
        office.do("accept_offer", actor=RANA, id=programme, enrolment_id=waiting["id"])
    again = office.do("enrol", actor=RANA, id=programme, participant_id=person)
    assert again["state"] == "enrolled"


def test_nobody_sees_the_places_of_others_as_their_own(office: FacultyOffice) -> None:
    enrol(office, office.enrolling(), 1, account_id="omar")
    assert office.ask("get_own_enrolments", actor=RANA) == {"items": []}


def test_the_waiting_list_is_reordered_with_a_reason_that_the_person_sees(
    office: FacultyOffice,
) -> None:
    programme = office.enrolling(capacity=1)
    enrol(office, programme, 1)
    earlier = enrol(office, programme, 2)
    later = enrol(office, programme, 3, account_id="rana")
    moved = office.do(
        "move_in_queue",
        id=programme,
        enrolment_id=later["id"],
        place=1,
        reason="Came from abroad for it",
    )
    assert moved["place_in_queue"] == 1
    (mine,) = office.ask("get_own_enrolments", actor=RANA)["items"]
    assert mine["moved_because"] == "Came from abroad for it"
    (event,) = office.told("waiting_list_reordered")
    assert "abroad" not in str(event)
    register = office.ask("get_register", id=programme)["items"]
    assert [each["id"] for each in register][1:] == [later["id"], earlier["id"]]


@pytest.mark.parametrize(
    ("place", "reason", "field"), [(1, "", "reason"), (1, " ", "reason"), (9, "Urgent", "place")]
)
def test_the_waiting_list_is_not_reordered_without_reason_or_beyond_its_end(
    office: FacultyOffice, place: int, reason: str, field: str
) -> None:
    programme = office.enrolling(capacity=1)
    enrol(office, programme, 1)
    waiting = enrol(office, programme, 2)
    with pytest.raises(Invalid) as refused:
        office.do(
            "move_in_queue",
            id=programme,
            enrolment_id=waiting["id"],
            place=place,
            reason=reason,
        )
    assert refused.value.field == field


def test_somebody_with_a_place_is_not_moved_on_the_waiting_list(office: FacultyOffice) -> None:
    programme = office.enrolling()
    enrolled = enrol(office, programme, 1)
    with pytest.raises(Conflict) as refused:
        office.do(
            "move_in_queue", id=programme, enrolment_id=enrolled["id"], place=1, reason="Urgent"
        )
    assert refused.value.rule == "on-waiting-list"


def test_an_unknown_enrolment_is_named_by_its_field(office: FacultyOffice) -> None:
    with pytest.raises(NotFound) as refused:
        office.do("withdraw", id=office.enrolling(), enrolment_id=str(uuid4()))
    assert refused.value.field == "enrolment_id"


@pytest.mark.parametrize(
    "moment",
    ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "0026-03-02T09:00:00+02:00"],
)
def test_absurd_years_of_a_session_are_refused(office: FacultyOffice, moment: str) -> None:
    with pytest.raises(Invalid) as refused:
        office.enrolling(
            sessions=[{"title": "Day", "starts_at": moment, "ends_at": "2026-03-02T10:00:00Z"}]
        )
    assert refused.value.field == "sessions.0.starts_at"


def _running(office: FacultyOffice, *, capacity: int) -> str:
    programme = office.enrolling(capacity=capacity)
    enrol(office, programme, 1)
    office.do("start_programme", id=programme)
    return programme
