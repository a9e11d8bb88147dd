"""One person under several records: registered by the office and by partners."""

from datetime import date
from typing import Any

import pytest

from shared.database import Database
from shared.errors import Conflict, Invalid, Refusal
from shared.work import Actor
from tests.alone import guest_of
from tests.unit.faculty.examples import PARTNER
from tests.unit.faculty.office import FacultyOffice
from tests.unit.faculty.test_no_answer_can_be_traced import reaction, results

pytestmark = pytest.mark.row("F5")

GUEST = guest_of(PARTNER)


@pytest.fixture
def office(sqlite: Database) -> FacultyOffice:
    return FacultyOffice(sqlite)


def delivered_to(office: FacultyOffice, *people: str) -> str:
    programme = office.enrolling(capacity=len(people))
    for person in people:
        actor = GUEST if is_of_partner(office, person) else None
        office.do(
            "enrol", id=programme, participant_id=person, **({"actor": actor} if actor else {})
        )
    office.do("start_programme", id=programme)
    office.day = date(2026, 3, 4)
    for session in office.ask("get_programme", id=programme)["sessions"]:
        office.do(
            "record_attendance", id=programme, session_id=session["id"], present_ids=[*people]
        )
    office.do("deliver_programme", id=programme)
    return programme


def is_of_partner(office: FacultyOffice, person: str) -> bool:
    return office.ask("get_participant", id=person)["partner_id"] is not None


def is_answered(office: FacultyOffice, programme: str, person: str, **given: Any) -> bool:
    try:
        office.do("evaluate", **reaction(programme, person, 4) | given)
    except Conflict as refused:
        return refused.rule != "answered-once"
    return True


@pytest.mark.parametrize("address", ["rana@example.org", "RANA@Example.ORG"])
def test_one_person_registered_by_office_and_partner_answers_once(
    office: FacultyOffice, address: str
) -> None:
    office.hears_of_partner()
    ours = office.person(1, email="rana@example.org")
    theirs = office.person(1, actor=GUEST, email=address)
    assert ours != theirs
    programme = delivered_to(office, ours, theirs)
    assert is_answered(office, programme, ours)
    assert not is_answered(office, programme, theirs)
    assert results(office, programme)["1", "after"]["responses"] == 1


def test_each_instrument_is_still_answered(office: FacultyOffice) -> None:
    office.hears_of_partner()
    ours = office.person(1, email="rana@example.org")
    theirs = office.person(1, actor=GUEST, email="rana@example.org")
    programme = delivered_to(office, ours, theirs)
    attitudes = dict.fromkeys(("confidence", "value", "openness", "learners"), 3)
    assert is_answered(office, programme, ours)
    assert is_answered(office, programme, theirs, level="2A", ratings=attitudes)
    assert not is_answered(office, programme, ours, level="2A", ratings=attitudes)


def test_an_address_with_a_tag_is_another_one(office: FacultyOffice) -> None:
    programme = delivered_to(
        office,
        office.person(1, email="rana@example.org"),
        office.person(2, email="rana+teaching@example.org"),
    )
    people = [each["participant_id"] for each in office.ask("get_register", id=programme)["items"]]
    assert all(is_answered(office, programme, person) for person in people)


def test_two_records_of_one_account_are_one_person(office: FacultyOffice) -> None:
    people = [
        office.person(1, email="rana@example.org"),
        office.person(2, email="rana@hospital.example.org"),
    ]
    programme = delivered_to(office, *people)
    for person in people:
        office.do("correct_participant", id=person, account_id="rana")
    rana = Actor(id="rana", roles=frozenset({"observer"}))
    mine = office.ask("get_own_enrolments", actor=rana)["items"]
    one, other = (each["participant_id"] for each in mine)
    assert is_answered(office, programme, one, actor=rana)
    assert not is_answered(office, programme, other, actor=rana)


def test_an_address_corrected_afterwards_is_no_second_answer(office: FacultyOffice) -> None:
    """That both are one person turns out once the spelling is corrected."""
    office.hears_of_partner()
    ours = office.person(1, email="rana@example.org")
    theirs = office.person(1, actor=GUEST, email="rena@example.org")
    programme = delivered_to(office, ours, theirs)
    assert is_answered(office, programme, ours)
    with pytest.raises(Conflict) as refused:
        office.do("correct_participant", id=theirs, email="rana@example.org")
    assert refused.value.rule == "registered-once"


@pytest.mark.parametrize(
    "address",
    [
        "RANA.O'NEILL@bücher.example",
        "rana.o’neill@bücher.example",
        "rana.o'neill@xn--bcher-kva.example",
        "ｒana.o'neill@bücher.example",
        "rana.o'neill@bü\u00adcher.example",
        "rana.o'neill@bücher.exam\u200bple",
        "RANA.O'NEİLL@bücher.example",
    ],
)
def test_another_spelling_of_an_address_is_refused_in_words(
    office: FacultyOffice, address: str
) -> None:
    office.person(1, email="rana.o'neill@bücher.example")
    with pytest.raises(Refusal, match=r"registered already|Must be an e-mail address"):
        office.person(2, email=address)
    found = office.ask("list_participants", text="rana.o'neill")["items"]
    assert [each["email"] for each in found] == ["rana.o'neill@bücher.example"]


@pytest.mark.parametrize(
    "address", ["rana+tag@example.org", "r.ana@example.org", "rana@mail.example.org"]
)
def test_another_address_is_another_person(office: FacultyOffice, address: str) -> None:
    office.person(1, email="rana@example.org")
    assert office.person(2, email=address)


@pytest.mark.row("F2")
def test_one_person_has_one_place_whichever_record_is_enrolled(office: FacultyOffice) -> None:
    office.hears_of_partner()
    ours = office.person(1, email="rana@example.org")
    theirs = office.person(1, actor=GUEST, email="rana@example.org")
    programme = office.enrolling(capacity=3)
    office.do("enrol", id=programme, participant_id=ours)
    bodies: dict[str, dict[str, Any]] = {
        "enrol": {"participant_id": theirs},
        "enrol_group": {"participant_ids": [theirs]},
    }
    for name, body in bodies.items():
        with pytest.raises(Conflict) as refused:
            office.do(name, id=programme, **body)
        assert refused.value.rule == "enrolled-once"
    office.do("start_programme", id=programme)
    with pytest.raises(Conflict, match="another record"):
        office.do("enrol_late", id=programme, participant_id=theirs)


@pytest.mark.row("F2")
def test_a_partner_enrols_its_person_without_learning_of_the_other_place(
    office: FacultyOffice,
) -> None:
    office.hears_of_partner()
    ours = office.person(1, email="rana@example.org")
    theirs = office.person(1, actor=GUEST, email="rana@example.org")
    programme = office.enrolling(capacity=3)
    first = office.do("enrol", id=programme, participant_id=ours)
    second = office.do("enrol", actor=GUEST, id=programme, participant_id=theirs)
    assert second["state"] == "enrolled"
    (seen,) = office.ask("get_register", actor=GUEST, id=programme)["items"]
    assert seen["same_person"] == []
    items = office.ask("get_register", id=programme)["items"]
    assert [each["same_person"] for each in items] == [[second["id"]], [first["id"]]]
    office.do("withdraw", id=programme, enrolment_id=second["id"])
    items = office.ask("get_register", id=programme)["items"]
    assert [each["same_person"] for each in items] == [[], []]


@pytest.mark.row("F2")
@pytest.mark.parametrize("name", ["42", "…", "2026-03-01"])
def test_a_participant_has_a_name_with_a_letter(office: FacultyOffice, name: str) -> None:
    with pytest.raises(Invalid) as refused:
        office.person(1, name=name)
    assert (refused.value.rule, refused.value.field) == ("name-has-letter", "name")
    person = office.person(1, name=" 李\u200b  明 ")
    with pytest.raises(Invalid):
        office.do("correct_participant", id=person, name=name)
    assert office.ask("get_participant", id=person)["name"] == "李 明"
