"""Completing closes the questions: what that would hide for good is said first."""

from datetime import date
from typing import Any

import pytest

from shared.database import Database
from shared.errors import Conflict
from shared.work import Actor
from tests.unit.faculty.office import FacultyOffice
from tests.unit.faculty.test_no_answer_can_be_traced import behaviour, reaction, results

pytestmark = pytest.mark.row("F5")

ATTITUDES = dict.fromkeys(("confidence", "value", "openness", "learners"), 3)


@pytest.fixture
def office(sqlite: Database) -> FacultyOffice:
    return FacultyOffice(sqlite)


def refused(office: FacultyOffice, programme: str) -> Conflict:
    with pytest.raises(Conflict) as caught:
        office.do("complete_programme", id=programme)
    assert caught.value.rule == "few-answers-confirmed"
    assert caught.value.field == "confirm_few_answers"
    return caught.value


@pytest.mark.parametrize("answers", [0, 1, 4])
def test_too_few_answers_are_named_before_they_are_hidden(
    office: FacultyOffice, answers: int
) -> None:
    programme, people = office.delivered(7)
    for person in people[:answers]:
        office.do("evaluate", **reaction(programme, person, 4))
    message = refused(office, programme).message
    count = {0: "no answers", 1: "1 answer", 4: "4 answers"}[answers]
    assert f"{count} about reaction (level 1), {5 - answers} more needed" in message
    assert "Remind" in message
    assert not results(office, programme)["1", "after"]["released"]
    for person in people[answers:5]:
        office.do("evaluate", **reaction(programme, person, 4))
    assert office.do("complete_programme", id=programme)["state"] == "completed"
    assert results(office, programme)["1", "after"]["mean"] == "4.00"


def test_a_confirmed_completion_hides_them(office: FacultyOffice) -> None:
    programme, people = office.delivered(7)
    office.do("evaluate", **reaction(programme, people[0], 4))
    done = office.do("complete_programme", id=programme, confirm_few_answers=True)
    assert done["state"] == "completed"
    shown = results(office, programme)["1", "after"]
    assert (shown["released"], shown["responses"], shown["mean"]) == (True, 1, None)


def test_answers_at_another_level_are_missed_too(office: FacultyOffice) -> None:
    programme, people = office.delivered(6)
    for person in people:
        office.do("evaluate", **reaction(programme, person, 4))
    office.do(
        "evaluate", **reaction(programme, people[0], 4) | {"level": "2A", "ratings": ATTITUDES}
    )
    message = refused(office, programme).message
    assert "1 answer about attitudes (level 2A), 4 more needed" in message
    assert "reaction" not in message


def test_questions_closed_long_ago_are_no_reason_to_ask(office: FacultyOffice) -> None:
    programme = office.enrolling(capacity=5)
    people = [office.person(number) for number in range(5)]
    for person in people:
        office.do("enrol", id=programme, participant_id=person)
    before: dict[str, Any] = {"level": "2A", "moment": "before", "ratings": ATTITUDES}
    office.do("evaluate", id=programme, participant_id=people[0], **before)
    _deliver(office, programme, people)
    for person in people:
        office.do("evaluate", **reaction(programme, person, 4))
    assert office.do("complete_programme", id=programme)["state"] == "completed"


def test_a_small_programme_is_told_that_nothing_will_ever_be_shown(office: FacultyOffice) -> None:
    programme, people = office.delivered(3)
    for person in people:
        office.do("evaluate", **reaction(programme, person, 4))
    assert "Results need 5 answers, and only 3 took part" in refused(office, programme).message


def test_a_programme_that_cannot_be_completed_is_not_asked_about_answers(
    office: FacultyOffice,
) -> None:
    with pytest.raises(Conflict) as caught:
        office.do("complete_programme", id=_running(office))
    assert caught.value.rule == "programme-state"


def test_a_confirmation_that_was_not_needed_does_no_harm(office: FacultyOffice) -> None:
    programme, people = office.delivered(5)
    for person in people:
        office.do("evaluate", **reaction(programme, person, 2))
    office.do("complete_programme", id=programme, confirm_few_answers=True)
    assert results(office, programme)["1", "after"]["mean"] == "2.00"


def answers_themselves(office: FacultyOffice, programme: str, number: int, points: int) -> None:
    actor = Actor(id=f"account-{number}", roles=frozenset({"observer"}))
    (mine,) = office.ask("get_own_enrolments", actor=actor)["items"]
    office.do("evaluate", actor=actor, **reaction(programme, mine["participant_id"], points))


def _with_accounts(office: FacultyOffice, number: int) -> tuple[str, list[str]]:
    """A delivered programme of people who can answer for themselves."""
    programme = office.enrolling(capacity=number)
    people = [office.person(each, account_id=f"account-{each}") for each in range(number)]
    for person in people:
        office.do("enrol", id=programme, participant_id=person)
    _deliver(office, programme, people)
    return programme, people


def _answered(office: FacultyOffice, on_paper: int, online: int) -> str:
    """A programme that so many rated 3, on paper entered by the office and by themselves."""
    programme, people = _with_accounts(office, on_paper + online)
    for person in people[online:]:
        office.do("evaluate", **reaction(programme, person, 3))
    for number in range(online):
        answers_themselves(office, programme, number, 3)
    return programme


@pytest.mark.parametrize(("on_paper", "online"), [(4, 1), (6, 4), (10, 1)])
def test_who_enters_answers_from_paper_does_not_learn_the_others(
    office: FacultyOffice, on_paper: int, online: int
) -> None:
    """Somebody who has read four of five answers would know the fifth from any mean."""
    programme = _answered(office, on_paper, online)
    assert results(office, programme)["1", "after"]["still_needed"] == 5 - online
    assert (
        f"{on_paper + online} answers about reaction (level 1), {5 - online} more needed"
        in refused(office, programme).message
    )
    office.do("complete_programme", id=programme, confirm_few_answers=True)
    assert results(office, programme)["1", "after"]["mean"] is None
    assert office.told("evaluation_summarised") == []


@pytest.mark.parametrize(("on_paper", "online"), [(5, 0), (1, 5), (0, 5)])
def test_enough_answers_are_released_however_they_came(
    office: FacultyOffice, on_paper: int, online: int
) -> None:
    programme = _answered(office, on_paper, online)
    office.do("complete_programme", id=programme)
    assert results(office, programme)["1", "after"]["mean"] == "3.00"


@pytest.mark.parametrize("afterwards", ["take_back_step", "cancel_programme"])
def test_nothing_is_released_of_a_delivery_that_was_taken_back(
    office: FacultyOffice, afterwards: str
) -> None:
    programme, people = office.delivered(5)
    office.day = date(2026, 6, 3)
    for person in people:
        office.do("evaluate", **behaviour(programme, person, 3))
    office.do("take_back_step", id=programme, reason="Another session is to come")
    if afterwards == "cancel_programme":
        office.do("cancel_programme", id=programme, reason="The visit fell through")
    office.tick(date(2027, 6, 4))
    assert not results(office, programme)["3", "after"]["released"]
    assert office.told("evaluation_summarised") == []


def test_what_was_answered_before_a_delivery_was_taken_back_is_released_after_the_next(
    office: FacultyOffice,
) -> None:
    programme, people = office.delivered(5)
    office.day = date(2026, 6, 3)
    for person in people:
        office.do("evaluate", **behaviour(programme, person, 3))
    office.do("take_back_step", id=programme, reason="By mistake")
    office.tick(date(2026, 9, 4))
    office.do("deliver_programme", id=programme)
    assert results(office, programme)["3", "after"]["mean"] == "3.00"


def _running(office: FacultyOffice) -> str:
    programme = office.enrolling()
    office.do("enrol", id=programme, participant_id=office.person(1))
    office.do("start_programme", id=programme)
    return programme


def _deliver(office: FacultyOffice, programme: str, people: list[str]) -> None:
    office.do("start_programme", id=programme)
    office.day = date(2026, 3, 4)
    sessions: list[dict[str, Any]] = office.ask("get_programme", id=programme)["sessions"]
    for session in sessions:
        office.do("record_attendance", id=programme, session_id=session["id"], present_ids=people)
    office.do("deliver_programme", id=programme)
