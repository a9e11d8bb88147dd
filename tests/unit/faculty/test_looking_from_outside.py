"""What an attacker sees who asks for everything: the same, whatever anybody has answered."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from services.platform import service_class
from shared.database import Database
from shared.errors import Conflict, Refusal
from shared.work import Actor, Call
from tests.alone import guest_of
from tests.unit.faculty.examples import PARTNER
from tests.unit.faculty.office import LEAD, FacultyOffice
from tests.unit.faculty.test_no_answer_can_be_traced import everything_told, reaction, results

pytestmark = pytest.mark.row("F5")

READERS = (
    LEAD,
    Actor("officer", frozenset({"partnership_officer"})),
    Actor("auditor", frozenset({"auditor"})),
    Actor("observer", frozenset({"observer"})),
    guest_of(PARTNER),
)
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{64}")
QUERIES = sorted(
    name
    for name, each in service_class("faculty").runtime.parts.operations.all.items()
    if not each.is_command
)


@pytest.fixture
def offices(tmp_path: Path) -> Iterator[Callable[[], FacultyOffice]]:
    made: list[Database] = []

    def another() -> FacultyOffice:
        made.append(Database(f"sqlite:///{tmp_path}/{len(made)}.db"))
        return FacultyOffice(made[-1])

    yield another
    for each in made:
        each.close()


def seen(office: FacultyOffice, programme: str) -> list[str]:
    """Whatever anybody may read of the programme, and whatever was told, without ids."""
    certificate = office.ask("list_certificates")["items"][0]["id"]
    person = office.ask("list_participants")["items"][0]["id"]
    enrolment = office.ask("get_register", id=programme)["items"][0]["id"]
    wanted: dict[str, dict[str, str]] = {
        "get_certificate": {"id": certificate},
        "get_participant": {"id": person},
        "get_enrolment": {"id": programme, "enrolment_id": enrolment},
    }
    answers = [everything_told(office)]
    for reader in READERS:
        for name in QUERIES:
            parameters = wanted.get(name, {"id": programme} if name.startswith("get_") else {})
            if name == "get_own_enrolments":
                parameters = {}
            answers.append(_answer(office, name, reader, parameters))
    return [_ID.sub("…", each) for each in answers]


def _answer(office: FacultyOffice, name: str, reader: Actor, parameters: dict[str, str]) -> str:
    try:
        answer = office.desk.ask(name, parameters, Call(actor=reader))
    except Refusal as refusal:
        return json.dumps(refusal.to_plain())
    # What is equal otherwise stands in the order of its ids, which says nothing.
    items = answer["body"].get("items", ())
    shown = sorted(_ID.sub("…", json.dumps(each)) for each in items)
    return json.dumps({**answer, "body": {**answer["body"], "items": shown}})


@pytest.mark.parametrize("answered", [1, 4, 6])
def test_while_questions_are_open_all_looks_alike_whatever_was_answered(
    offices: Callable[[], FacultyOffice], answered: int
) -> None:
    """Lengths and versions too: they stand in what is compared."""
    worlds = []
    for points in (1, 5):
        office = offices()
        programme, people = office.delivered(7)
        for person in people[:answered]:
            office.do("evaluate", **reaction(programme, person, points))
        worlds.append(seen(office, programme))
    assert worlds[0] == worlds[1]


@pytest.mark.parametrize("answered", [1, 4])
def test_what_stays_hidden_looks_alike_after_completion(
    offices: Callable[[], FacultyOffice], answered: int
) -> None:
    worlds = []
    for points in (2, 4):
        office = offices()
        programme, people = office.delivered(7)
        for person in people[:answered]:
            office.do("evaluate", **reaction(programme, person, points))
        office.do("complete_programme", id=programme, confirm_few_answers=True)
        worlds.append(seen(office, programme))
    assert worlds[0] == worlds[1]


def test_a_refusal_to_complete_says_nothing_of_what_was_answered(
    offices: Callable[[], FacultyOffice],
) -> None:
    refusals = []
    for points in (1, 5):
        office = offices()
        programme, people = office.delivered(7)
        for person in people[:4]:
            office.do("evaluate", **reaction(programme, person, points))
        with pytest.raises(Conflict) as refused:
            office.do("complete_programme", id=programme)
        refusals.append(refused.value.to_plain())
    assert refusals[0] == refusals[1]


def test_an_answer_leaves_the_version_of_the_programme_as_it_was(
    offices: Callable[[], FacultyOffice],
) -> None:
    office = offices()
    programme, people = office.delivered(5)
    before = office.ask("get_programme", id=programme)
    office.do("evaluate", **reaction(programme, people[0], 3))
    assert office.ask("get_programme", id=programme) == before


@pytest.mark.parametrize(
    "correction",
    [
        lambda office, programme, person: office.do(
            "correct_participant", id=person, name="Another", email="another@example.org"
        ),
        lambda office, programme, person: office.do(
            "correct_participant", id=person, account_id="somebody"
        ),
        lambda office, programme, person: [
            office.do(
                "remove_attendance",
                id=programme,
                session_id=each["id"],
                participant_id=person,
            )
            for each in office.ask("get_programme", id=programme)["sessions"]
        ],
        lambda office, programme, _: [
            office.do("take_back_step", id=programme, reason="By mistake"),
            office.do("deliver_programme", id=programme),
        ],
        lambda office, programme, _: [
            office.do("take_back_step", id=programme, reason="By mistake"),
            office.do("cancel_programme", id=programme, reason="By mistake"),
            office.do("reinstate_programme", id=programme),
            office.do("deliver_programme", id=programme),
        ],
    ],
    ids=["name", "account", "attendance", "redelivery", "cancellation"],
)
def test_nothing_that_is_corrected_of_a_person_changes_the_result(
    offices: Callable[[], FacultyOffice], correction: Callable[[FacultyOffice, str, str], object]
) -> None:
    """Else the result with and without the person would give their answer away."""
    office = offices()
    programme, people = office.delivered(6)
    for person, points in zip(people, (1, 2, 3, 3, 4, 5), strict=True):
        office.do("evaluate", **reaction(programme, person, points))
    correction(office, programme, people[0])
    office.do("complete_programme", id=programme)
    shown = results(office, programme)["1", "after"]
    assert (shown["responses"], shown["mean"]) == (6, "3.00")


def test_who_leaves_after_answering_before_the_teaching_takes_no_answer_along(
    offices: Callable[[], FacultyOffice],
) -> None:
    office = offices()
    programme = office.enrolling(capacity=6)
    ratings = ("confidence", "value", "openness", "learners")
    ids = []
    people = [office.person(number) for number in range(6)]
    for person, points in zip(people, (1, 2, 3, 3, 4, 5), strict=True):
        ids.append(office.do("enrol", id=programme, participant_id=person)["id"])
        body = reaction(programme, person, points) | {
            "level": "2A",
            "moment": "before",
            "ratings": dict.fromkeys(ratings, points),
        }
        office.do("evaluate", **body)
    office.do("withdraw", id=programme, enrolment_id=ids[0])
    office.do("start_programme", id=programme)
    office.day = date(2026, 3, 4)
    for session in office.ask("get_programme", id=programme)["sessions"]:
        office.do(
            "record_attendance", id=programme, session_id=session["id"], present_ids=people[1:]
        )
    office.do("deliver_programme", id=programme)
    office.do("complete_programme", id=programme, confirm_few_answers=True)
    shown = results(office, programme)["2A", "before"]
    assert (shown["responses"], shown["mean"]) == (6, "3.00")
