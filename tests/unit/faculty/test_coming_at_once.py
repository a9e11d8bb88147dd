"""Many come at the same moment: nobody gets a place that is not there, and nobody is sent away."""

import subprocess
import sys
import threading
from collections import Counter

import pytest

from shared.database import Database
from shared.errors import Refusal
from tests.unit.faculty.office import FacultyOffice

DOORS = 2  # processes that enrol at the same time
EACH = 5


@pytest.fixture
def office(database: Database) -> FacultyOffice:
    return FacultyOffice(database)


def rush(office: FacultyOffice, programme: str, wanted: str = "") -> Counter[str]:
    """What people got who came through all doors at once, counted; a refusal by its rule.

    wanted: the kind of place, of a programme that keeps them apart.
    """
    url = office.database.engine.url.render_as_string(hide_password=False)
    doors = []
    for door in range(DOORS):
        people = [office.person(door * EACH + number) for number in range(EACH)]
        command = [sys.executable, "-m", "tests.unit.faculty.rush", url, programme, wanted, *people]
        doors.append(
            subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
            )
        )
    for each in doors:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
    for each in doors:
        assert each.stdin is not None
        each.stdin.write("\n")
        each.stdin.flush()
    return Counter(line for each in doors for line in each.communicate(timeout=60)[0].split())


@pytest.mark.row("F2")
def test_two_cannot_take_the_last_place(office: FacultyOffice) -> None:
    programme = office.enrolling(capacity=3)
    assert rush(office, programme) == {"enrolled": 3, "waiting": DOORS * EACH - 3}
    counts = [event["enrolled"] for event in office.told("participant_enrolled")]
    assert counts == [1, 2, 3]


@pytest.mark.row("F5")
def test_no_answer_is_lost_when_a_whole_class_answers_at_once(office: FacultyOffice) -> None:
    programme, people = office.delivered(12)
    together = threading.Barrier(len(people))

    def answer(person: str) -> None:
        together.wait()
        ratings = {"relevance": 4, "teaching": 4, "organisation": 3, "recommendation": 5}
        office.do("evaluate", id=programme, participant_id=person, level="1", ratings=ratings)

    threads = [threading.Thread(target=answer, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert office.ask("get_evaluation", id=programme)["results"][0]["responses"] == len(people)


@pytest.mark.row("F3")
def test_desks_that_record_people_at_once_lose_nobody(office: FacultyOffice) -> None:
    programme, people = office.delivered(6)
    first = office.ask("get_programme", id=programme)["sessions"][0]["id"]
    together = threading.Barrier(len(people))
    refused: list[Refusal] = []

    def at_a_desk(person: str) -> None:
        together.wait()
        try:
            for name in ("remove_attendance", "add_attendance"):
                office.do(name, id=programme, session_id=first, participant_id=person)
        except Refusal as refusal:
            refused.append(refusal)

    threads = [threading.Thread(target=at_a_desk, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == []
    attendance = office.ask("get_programme", id=programme)["attendance"]
    (present,) = (each["present_ids"] for each in attendance if each["session_id"] == first)
    assert sorted(present) == sorted(people)
    certificates = office.ask("list_certificates", programme_id=programme)["items"]
    valid = [each["participant_id"] for each in certificates if each["revoked_on"] is None]
    assert sorted(valid) == sorted(people)
