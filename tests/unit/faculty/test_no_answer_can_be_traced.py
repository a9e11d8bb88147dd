"""Nothing that is kept or shown joins a person to an answer: not one look, nor two, nor a log."""

import json
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from services.platform import metadata_of
from shared.database import Database
from shared.errors import Conflict, Invalid
from shared.messaging import tables
from shared.work import Actor, Call
from tests.alone import guest_of
from tests.unit.faculty.examples import PARTNER
from tests.unit.faculty.office import FacultyOffice

pytestmark = pytest.mark.row("F5")

OFFICER = Actor("officer", frozenset({"partnership_officer"}))
LEAD_OF_MANY = Actor("lead-of-many", frozenset({"programme_lead"}))


@pytest.fixture
def office(database: Database) -> FacultyOffice:
    return FacultyOffice(database)


def reaction(programme: str, person: str, points: int) -> dict[str, Any]:
    questions = ("relevance", "teaching", "organisation", "recommendation")
    return {
        "id": programme,
        "participant_id": person,
        "level": "1",
        "ratings": dict.fromkeys(questions, points),
    }


def behaviour(programme: str, person: str, points: int) -> dict[str, Any]:
    questions = ("use", "change", "support")
    return reaction(programme, person, points) | {
        "level": "3",
        "ratings": dict.fromkeys(questions, points),
    }


def results(office: FacultyOffice, programme: str) -> dict[tuple[str, str], dict[str, Any]]:
    shown = office.ask("get_evaluation", id=programme)["results"]
    return {(each["level"], each["moment"]): each for each in shown}


def everything_stored(office: FacultyOffice) -> dict[str, list[Any]]:
    """All rows of all tables, as text."""
    all_tables = [*tables.metadata.sorted_tables, *metadata_of("faculty").sorted_tables]
    with office.database.reading() as session:
        return {
            table.name: [[str(value) for value in row] for row in session.execute(select(table))]
            for table in all_tables
        }


def everything_told(office: FacultyOffice) -> str:
    """Every event with its metadata, and every answer kept under a command id."""
    stored = everything_stored(office)
    return json.dumps([stored["event_log"], stored["answers"]])


def answers_kept(office: FacultyOffice, programme: str) -> Any:
    evaluations = metadata_of("faculty").tables["evaluations"]
    this = evaluations.c.programme_id == UUID(programme)
    with office.database.reading() as session:
        return session.scalar(select(evaluations.c.answers).where(this))


def test_looking_after_each_answer_shows_no_figure(office: FacultyOffice) -> None:
    programme, people = office.delivered(7)
    for person in people:
        office.do("evaluate", **reaction(programme, person, 4))
        shown = results(office, programme)["1", "after"]
        assert shown["mean"] is None
        assert all(question["mean"] is None for question in shown["questions"])
    assert '"mean"' not in everything_told(office)
    office.do("complete_programme", id=programme)
    assert results(office, programme)["1", "after"]["mean"] == "4.00"


def test_the_office_sees_who_has_not_answered_yet_and_partners_do_not(
    office: FacultyOffice,
) -> None:
    programme, people = office.delivered(2)
    office.do("evaluate", **reaction(programme, people[0], 1))
    shown = office.ask("get_register", id=programme)["items"]
    assert [each["answered"] for each in shown] == [[{"level": "1", "moment": "after"}], []]
    own = office.person(9, partner_id=str(PARTNER))
    office.do("redesign_programme", id=programme, capacity=3)
    office.do("enrol_late", id=programme, participant_id=own)
    (theirs,) = office.ask("get_register", actor=guest_of(PARTNER), id=programme)["items"]
    assert theirs["answered"] == []


def test_released_results_are_the_same_at_every_later_look(office: FacultyOffice) -> None:
    programme, people = office.delivered(6)
    for person in people[:5]:
        office.do("evaluate", **reaction(programme, person, 4))
    office.do("complete_programme", id=programme)
    first = results(office, programme)["1", "after"]
    with pytest.raises(Conflict):
        office.do("evaluate", **reaction(programme, people[5], 1))
    assert results(office, programme)["1", "after"] == first


def test_what_is_kept_does_not_depend_on_who_answered_what(office: FacultyOffice) -> None:
    """Two who exchange their answers leave the same rows behind, apart from ids and times."""
    kept: list[Any] = []
    for points in ((1, 5), (5, 1)):
        programme, people = office.delivered(2) if not kept else _another(office)
        for person, given in zip(people, points, strict=True):
            office.do("evaluate", **reaction(programme, person, given))
        kept.append(answers_kept(office, programme))
    assert kept[0] == kept[1]


def _another(office: FacultyOffice) -> tuple[str, list[str]]:
    office.day = date(2026, 2, 2)
    programme = office.enrolling(capacity=2)
    people = [office.person(number) for number in (10, 11)]
    for person in people:
        office.do("enrol", id=programme, participant_id=person)
    office.do("start_programme", id=programme)
    office.day = date(2026, 3, 4)
    for session in office.ask("get_programme", id=programme)["sessions"]:
        office.do("record_attendance", id=programme, session_id=session["id"], present_ids=people)
    office.do("deliver_programme", id=programme)
    return programme, people


def leads(office: FacultyOffice, programme: str) -> None:
    """From now on, it is somebody else's programme."""
    named = {"lead_id": LEAD_OF_MANY.id, "reason": "She leads many"}
    office.do("change_lead", actor=OFFICER, id=programme, **named)


def test_nothing_of_the_answer_is_kept_under_the_command_id(sqlite: Database) -> None:
    """A hash of body and person would tell the answer: there are only 625 to try."""
    office = FacultyOffice(sqlite)
    programme, (person,) = office.delivered(1)
    leads(office, programme)
    call = Call(actor=LEAD_OF_MANY, command_id=str(uuid4()))
    first = office.desk.execute("evaluate", reaction(programme, person, 2), call)
    again = office.desk.execute("evaluate", reaction(programme, person, 5), call)
    assert first == again
    assert "ratings" not in str(everything_stored(office)["answers"])
    assert results(office, programme)["1", "after"]["responses"] == 1


def test_a_command_id_used_for_another_instrument_is_refused(sqlite: Database) -> None:
    office = FacultyOffice(sqlite)
    programme, (person,) = office.delivered(1)
    leads(office, programme)
    call = Call(actor=LEAD_OF_MANY, command_id=str(uuid4()))
    office.desk.execute("evaluate", reaction(programme, person, 2), call)
    with pytest.raises(Invalid) as refused:
        office.desk.execute("evaluate", reaction(programme, person, 2) | {"level": "2A"}, call)
    assert refused.value.rule == "idempotency-key-reused"


def test_the_event_of_an_answer_names_no_caller_and_no_request(office: FacultyOffice) -> None:
    programme, people = office.delivered(1)
    leads(office, programme)
    call = Call(
        actor=LEAD_OF_MANY,
        correlation_id="request-4711",
        causation_id="cause-4711",
        command_id="command-4711",
        traceparent="00-4bf92f3577b34da6a3ce929d0e0e4711-00f067aa0ba94711-01",
    )
    office.desk.execute("evaluate", reaction(programme, people[0], 5), call)
    log = [str(row) for row in everything_stored(office)["event_log"] if "evaluation_" in str(row)]
    assert log
    for trace in ("lead-of-many", "4711", people[0]):
        assert trace not in "".join(log)


def test_behaviour_is_released_once_when_its_time_is_over(office: FacultyOffice) -> None:
    programme, people = office.delivered(6)
    office.do("complete_programme", id=programme, confirm_few_answers=True)
    office.day = date(2026, 6, 3)
    for person in people[:5]:
        office.do("evaluate", **behaviour(programme, person, 3))
    for day in (date(2026, 6, 3), date(2026, 9, 3)):
        office.tick(day)
        assert results(office, programme)["3", "after"]["mean"] is None
    for _ in range(2):
        office.tick(date(2026, 9, 4))
    assert results(office, programme)["3", "after"]["mean"] == "3.00"
    assert [each["level"] for each in office.told("evaluation_summarised")] == ["3"]


def test_results_asked_after_a_year_are_released_too(office: FacultyOffice) -> None:
    programme, people = office.delivered(5)
    office.day = date(2027, 3, 3)
    for person in people:
        body = reaction(programme, person, 4) | {
            "level": "4B",
            "ratings": {"learners": 4, "patients": 3},
        }
        office.do("evaluate", **body)
    office.tick(date(2027, 6, 4))
    assert results(office, programme)["4B", "after"]["mean"] == "3.50"
    assert results(office, programme)["4A", "after"]["released"]
    assert results(office, programme)["4A", "after"]["mean"] is None
