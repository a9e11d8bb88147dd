"""Participants from a list: each row registers and enrols somebody, or says why not."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from services.platform import metadata_of
from shared.database import Database
from shared.errors import Conflict, Forbidden, Invalid, Refusal
from shared.messaging import tables
from shared.work import Actor
from tests.alone import guest_of
from tests.unit.faculty.examples import PARTNER
from tests.unit.faculty.office import LEAD, FacultyOffice

pytestmark = pytest.mark.row("F2")

GUEST = guest_of(PARTNER)


@pytest.fixture
def office(sqlite: Database) -> FacultyOffice:
    return FacultyOffice(sqlite)


def row(number: int, **told: Any) -> dict[str, Any]:
    return {
        "name": f"Participant {number}",
        "email": f"participant{number}@example.org",
        "profession": "nurse",
        **told,
    }


def take(
    office: FacultyOffice, programme: str, *rows: Any, actor: Actor = LEAD, **batch: Any
) -> list[dict[str, Any]]:
    """What became of each row, the same in a dry run before."""
    body = {"id": programme, "rows": list(rows), **batch}
    tried = office.do("import_participants", actor=actor, dry_run=True, **body)["rows"]
    taken = office.do("import_participants", actor=actor, **body)["rows"]
    assert [_decided(each) for each in tried] == [_decided(each) for each in taken]
    return list(taken)


def _decided(answer: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in answer.items() if not key.endswith("_id")}


def outcomes(answers: list[dict[str, Any]]) -> list[tuple[str, str | None]]:
    return [(each["outcome"], each["state"]) for each in answers]


def test_a_list_registers_and_enrols_in_its_order(database: Database) -> None:
    office = FacultyOffice(database)
    programme = office.enrolling(capacity=2)
    answers = take(office, programme, *(row(number) for number in range(3)))
    assert outcomes(answers) == [
        ("created", "enrolled"),
        ("created", "enrolled"),
        ("created", "waiting"),
    ]
    register = office.ask("get_register", id=programme)["items"]
    assert [each["name"] for each in register] == [f"Participant {number}" for number in range(3)]
    assert [each["id"] for each in register] == [each["enrolment_id"] for each in answers]
    assert [each["place"] for each in answers] == [1, 2, 3]


def test_a_dry_run_leaves_nothing_behind(office: FacultyOffice) -> None:
    programme = office.enrolling()
    before = _everything(office)
    (answer,) = office.do("import_participants", id=programme, rows=[row(1)], dry_run=True)["rows"]
    assert answer["outcome"] == "created"
    assert (answer["participant_id"], answer["enrolment_id"]) == (None, None)
    assert _everything(office) == before


def _everything(office: FacultyOffice) -> list[Any]:
    with office.database.reading() as session:
        return [
            session.execute(select(table)).all()
            for table in (*metadata_of("faculty").sorted_tables, tables.event_log)
        ]


BAD_ROWS: list[tuple[Any, str]] = [
    (row(7, email="nobody"), "email"),
    (row(7, name=" "), "name"),
    (row(7, name=None), "name"),
    (row(7, name="07700 900123"), "name"),
    (row(7, name="–"), "name"),
    (row(7, name="Rana\x00"), "name"),
    (row(7, profession=None), "profession"),
    (row(7, wanted="on the roof"), "wanted"),
    (row(7, wanted="remote"), "wanted"),
    (row(7, colour="blue"), "colour"),
    (row(7, name="x" * 301), "name"),
    ("a line of text", ""),
    (None, ""),
    ([], ""),
    ({}, "name"),
    ({"name": "Nobody Known"}, "email"),
]


@pytest.mark.parametrize(("bad", "field"), BAD_ROWS)
def test_a_bad_row_costs_itself_alone(office: FacultyOffice, bad: Any, field: str) -> None:
    programme = office.enrolling(capacity=9)
    answers = take(office, programme, row(1), bad, row(2))
    assert [each["outcome"] for each in answers] == ["created", "refused", "created"]
    assert answers[1]["field"] == field
    assert answers[1]["reason"]
    assert office.ask("get_programme", id=programme)["enrolled"] == 2
    assert len(office.ask("list_participants")["items"]) == 2


def test_a_known_person_is_enrolled_and_stays_as_registered(office: FacultyOffice) -> None:
    programme, person = office.enrolling(), office.person(1, name="Dr Rana Haddad")
    told = row(1, name="haddad, rana", email="PARTICIPANT1@example.org", profession=None)
    (answer,) = take(office, programme, told)
    assert (answer["outcome"], answer["participant_id"]) == ("changed", person)
    assert (answer["field"], answer["reason"]) == (
        "name",
        "Registered as Dr Rana Haddad; that name stays.",
    )
    assert office.ask("get_participant", id=person)["name"] == "Dr Rana Haddad"


def test_an_address_of_somebody_else_is_refused(office: FacultyOffice) -> None:
    programme = office.enrolling()
    office.person(1, name="Omar Saleh")
    (answer,) = take(office, programme, row(1, name="Rana Haddad"))
    assert (answer["outcome"], answer["field"]) == ("refused", "email")
    assert "address of Omar Saleh" in answer["reason"]


def test_two_people_of_one_address_in_a_list_are_told_apart(office: FacultyOffice) -> None:
    programme = office.enrolling()
    answers = take(office, programme, row(1, name="Omar Saleh"), row(1, name="Rana Haddad"), row(1))
    assert [each["outcome"] for each in answers] == ["created", "refused", "refused"]


def test_a_row_about_the_same_person_again_is_a_duplicate(office: FacultyOffice) -> None:
    programme = office.enrolling()
    answers = take(
        office, programme, row(1, place=4), row(1, place=9, email="Participant1@EXAMPLE.org")
    )
    assert [each["outcome"] for each in answers] == ["created", "duplicate"]
    assert answers[1]["reason"] == "Row 4 is about the same person."
    assert [each["place"] for each in answers] == [4, 9]


def test_the_same_list_again_changes_nothing(office: FacultyOffice) -> None:
    programme = office.enrolling(capacity=1)
    rows = [row(1), row(2)]
    take(office, programme, *rows)
    told = office.tells()
    again = take(office, programme, *rows)
    assert outcomes(again) == [("unchanged", "enrolled"), ("unchanged", "waiting")]
    assert office.tells() == told


def test_no_list_brings_back_who_withdrew(office: FacultyOffice) -> None:
    programme = office.enrolling()
    (first,) = take(office, programme, row(1))
    office.do("withdraw", id=programme, enrolment_id=first["enrolment_id"])
    (again,) = take(office, programme, row(1))
    assert (again["outcome"], again["state"]) == ("skipped", "withdrawn")
    assert "withdrawn already" in again["reason"]
    assert office.ask("get_programme", id=programme)["enrolled"] == 0


def test_somebody_without_address_is_found_by_name(office: FacultyOffice) -> None:
    programme, person = office.enrolling(), office.person(1, name="Rana Haddad")
    (answer,) = take(office, programme, {"name": " RANA  haddad "})
    assert (answer["outcome"], answer["participant_id"]) == ("changed", person)


def test_a_name_of_two_people_is_not_guessed(office: FacultyOffice) -> None:
    programme = office.enrolling()
    for number in (1, 2):
        office.person(number, name="Rana Haddad")
    (answer,) = take(office, programme, {"name": "Rana Haddad"})
    assert (answer["outcome"], answer["field"]) == ("refused", "email")
    assert "participant1@example.org, participant2@example.org" in answer["reason"]


def test_a_name_that_somebody_else_has_is_reported(office: FacultyOffice) -> None:
    programme = office.enrolling()
    office.person(1, name="Rana Haddad")
    (answer,) = take(office, programme, row(2, name="Rana Haddad"))
    assert (answer["outcome"], answer["similar"]) == ("created", ["participant1@example.org"])


def test_of_two_records_the_one_in_the_programme_counts(office: FacultyOffice) -> None:
    office.hears_of_partner()
    office.person(1)
    theirs = office.person(1, actor=GUEST)
    programme = office.enrolling()
    office.do("enrol", actor=GUEST, id=programme, participant_id=theirs)
    (answer,) = take(office, programme, row(1))
    assert (answer["outcome"], answer["participant_id"]) == ("unchanged", theirs)


def test_of_two_records_the_partners_is_enrolled(office: FacultyOffice) -> None:
    office.hears_of_partner()
    office.person(1)
    theirs = office.person(1, actor=GUEST)
    (answer,) = take(office, office.enrolling(), row(1))
    assert (answer["outcome"], answer["participant_id"]) == ("changed", theirs)


def test_people_of_a_partner_are_registered_as_such(office: FacultyOffice) -> None:
    programme = office.enrolling()
    take(office, programme, row(1), partner_id=str(PARTNER))
    (seen,) = office.ask("get_register", actor=GUEST, id=programme)["items"]
    assert seen["name"] == "Participant 1"
    with pytest.raises(Conflict) as refused:
        take(office, programme, row(2), partner_id=str(uuid4()))
    assert refused.value.rule == "partner-known"


@pytest.mark.parametrize("written", ["On-site", "ON SITE", "on_site", "on‐site"])
def test_kinds_of_places_are_read_as_people_write_them(office: FacultyOffice, written: str) -> None:
    programme = office.enrolling(capacity=3, remote_capacity=1)
    answers = take(
        office, programme, row(1, wanted=written), row(2), row(3, wanted=""), wanted="remote"
    )
    assert outcomes(answers)[:2] == [("created", "enrolled"), ("created", "enrolled")]
    register = office.ask("get_register", id=programme)["items"]
    assert [each["place"] for each in register] == ["on_site", "remote", None]
    assert outcomes(answers)[2] == ("created", "waiting")


def test_nobody_guesses_the_kind_of_place_of_a_row(office: FacultyOffice) -> None:
    programme = office.enrolling(capacity=2, remote_capacity=1)
    (answer,) = take(office, programme, row(1))
    assert (answer["outcome"], answer["field"]) == ("refused", "wanted")
    assert office.ask("list_participants")["items"] == []


def test_after_the_start_a_list_enrols_as_long_as_places_are_free(office: FacultyOffice) -> None:
    programme = office.enrolling(capacity=2)
    take(office, programme, row(1))
    office.do("start_programme", id=programme)
    answers = take(office, programme, row(2), row(3))
    assert outcomes(answers) == [("created", "enrolled"), ("refused", None)]
    assert "Raise the capacity" in answers[1]["reason"]
    assert len(office.ask("list_participants")["items"]) == 2


def test_a_list_does_not_overtake_who_waits(office: FacultyOffice) -> None:
    programme = office.enrolling(capacity=1)
    answers = take(office, programme, row(1), row(2))
    office.do("withdraw", id=programme, enrolment_id=answers[0]["enrolment_id"])
    assert outcomes(take(office, programme, row(3))) == [("created", "waiting")]


@pytest.mark.parametrize("state", ["designed", "published", "cancelled"])
def test_a_programme_that_takes_nobody_takes_no_list(office: FacultyOffice, state: str) -> None:
    programme = office.enrolling()
    if state == "cancelled":
        office.do("cancel_programme", id=programme, reason="Strike")
    else:
        office.do("take_back_step", id=programme, reason="Too early")
        if state == "designed":
            office.do("take_back_step", id=programme, reason="Too early")
    with pytest.raises(Conflict) as refused:
        office.do("import_participants", id=programme, rows=[row(1)])
    assert refused.value.rule == "programme-state"


@pytest.mark.parametrize("size", [0, 501])
def test_a_list_has_one_to_500_rows(office: FacultyOffice, size: int) -> None:
    programme = office.enrolling()
    with pytest.raises(Invalid) as refused:
        office.do("import_participants", id=programme, rows=[row(1)] * size)
    assert refused.value.field == "rows"


def test_a_dry_run_knows_the_earlier_rows_of_its_list(office: FacultyOffice) -> None:
    programme = office.enrolling(capacity=1)
    body: dict[str, Any] = {"id": programme, "earlier": [row(1, place=2)], "rows": [row(2), row(1)]}
    tried = office.do("import_participants", dry_run=True, **body)["rows"]
    assert outcomes(tried) == [("created", "waiting"), ("duplicate", "enrolled")]
    assert tried[1]["reason"] == "Row 2 is about the same person."
    with pytest.raises(Invalid) as refused:
        office.do("import_participants", **body)
    assert refused.value.field == "earlier"


@pytest.mark.parametrize(
    "actor",
    [
        GUEST,
        Actor("another", frozenset({"programme_lead"})),
        Actor("rana", frozenset({"observer"})),
        Actor("auditor", frozenset({"auditor"})),
    ],
    ids=lambda actor: actor.id,
)
def test_only_its_lead_and_the_office_bring_a_list(office: FacultyOffice, actor: Actor) -> None:
    programme = office.enrolling()
    with pytest.raises(Refusal) as refused:
        office.do("import_participants", actor=actor, id=programme, rows=[row(1)])
    assert isinstance(refused.value, Forbidden)
    officer = Actor("officer", frozenset({"partnership_officer"}))
    assert take(office, programme, row(1), actor=officer)[0]["outcome"] == "created"


def test_no_name_of_a_list_stands_in_an_event(office: FacultyOffice) -> None:
    programme = office.enrolling()
    take(office, programme, row(1, name="Rana Haddad"))
    with office.database.reading() as session:
        log = str(session.execute(select(tables.event_log)).all())
    assert "Rana" not in log
    assert "participant1@" not in log


def test_a_name_is_kept_without_invisible_characters(office: FacultyOffice) -> None:
    programme = office.enrolling()
    take(office, programme, row(1, name=" Rana\u200b  Haddad "))
    (person,) = office.ask("list_participants")["items"]
    assert person["name"] == "Rana Haddad"


def test_what_a_list_is_said_to_have_brought_is_looked_up(office: FacultyOffice) -> None:
    programme, person = office.enrolling(), office.person(1)
    (answer,) = take(office, programme, row(1), met={person: 2, str(uuid4()): 3})
    assert answer["outcome"] == "changed"
