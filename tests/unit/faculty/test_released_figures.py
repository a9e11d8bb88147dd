"""Released figures never say what everybody answered (ADR 0027)."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import text

from services.faculty.domain.figures import Figure, figure_of, mean_of
from shared.database import Database
from shared.events.faculty import Bound
from tests.unit.faculty.office import FacultyOffice
from tests.unit.faculty.test_no_answer_can_be_traced import answers_kept, reaction, results

pytestmark = pytest.mark.row("F5")


@pytest.mark.parametrize(
    ("answers", "released"),
    [
        ([5, 5, 5, 5, 5], ("4.80", "at_least")),
        ([5, 5, 5, 5, 4], ("4.80", "at_least")),
        ([5, 5, 5, 4, 4], ("4.60", "exact")),
        ([3, 3, 3, 3, 3], ("3.00", "exact")),
        ([1, 1, 1, 1, 1], ("1.20", "at_most")),
        ([2, 1, 1, 1, 1], ("1.20", "at_most")),
        ([5, 5, 5], ("4.66", "at_least")),
        ([1, 1, 1], ("1.34", "at_most")),
        ([5] * 1000, ("4.99", "at_least")),
    ],
)
def test_at_an_end_of_the_scale_a_limit_is_released(
    answers: list[int], released: tuple[str, str]
) -> None:
    figure = figure_of(answers, 1, 5)
    assert (str(figure.rounded), figure.bound.value) == released


@given(some.lists(some.integers(1, 5), min_size=3, max_size=12))
def test_of_every_figure_any_one_answer_may_have_been_another(answers: list[int]) -> None:
    """For each person there are other answers that lead to the same figure with theirs changed."""
    figure = figure_of(answers, 1, 5)
    for place, given_ in enumerate(answers):
        others = [
            [*answers[:place], changed, *answers[place + 1 :]]
            for changed in (given_ - 1, given_ + 1)
            if 1 <= changed <= 5
        ]
        assert any(
            figure_of(each, 1, 5) == figure or _balanced(each, place, figure) for each in others
        )


def _balanced(answers: list[int], place: int, figure: Figure) -> bool:
    """Whether another person's answer, one point away, makes up for the change."""
    return any(
        figure_of([*answers[:other], changed, *answers[other + 1 :]], 1, 5) == figure
        for other in range(len(answers))
        if other != place
        for changed in (answers[other] - 1, answers[other] + 1)
        if 1 <= changed <= 5
    )


def test_the_mean_of_all_questions_gives_no_limit_back() -> None:
    """Four means but one, and the mean of all, would say the one that was withheld."""
    figures = [figure_of(answers, 1, 5) for answers in ([5] * 5, [4] * 5, [4] * 5, [3] * 5)]
    nearly = [figure_of([5, 5, 5, 5, 4], 1, 5), *figures[1:]]
    assert mean_of(figures) == mean_of(nearly)
    assert (mean_of(figures).rounded, mean_of(figures).bound) == (Decimal("3.95"), Bound.AT_LEAST)


def test_a_mean_of_limits_at_both_ends_is_about_right() -> None:
    assert mean_of([figure_of([5] * 5, 1, 5), figure_of([1] * 5, 1, 5)]).bound is Bound.ABOUT


def test_a_test_that_everybody_passed_in_full_is_released_as_a_limit() -> None:
    figure = figure_of([100] * 5, 0, 100)
    assert (figure.rounded, figure.bound) == (Decimal("95.00"), Bound.AT_LEAST)


@pytest.fixture
def office(database: Database) -> FacultyOffice:
    return FacultyOffice(database)


@pytest.mark.parametrize(("points", "bound"), [(5, "at_least"), (4, "exact"), (1, "at_most")])
def test_the_limit_is_shown_and_told_as_one(office: FacultyOffice, points: int, bound: str) -> None:
    programme, people = office.delivered(5)
    for person in people:
        office.do("evaluate", **reaction(programme, person, points))
    office.do("complete_programme", id=programme)
    shown = results(office, programme)["1", "after"]
    (completed,) = office.told("programme_completed")
    (summarised,) = office.told("evaluation_summarised")
    assert shown["mean_bound"] == completed["mean_reaction_bound"] == bound
    assert summarised["mean_bound"] == bound
    assert {each["mean_bound"] for each in shown["questions"]} == {bound}
    assert shown["mean"] == completed["mean_reaction"] == summarised["mean"]


def test_answers_are_deleted_once_their_result_is_released(office: FacultyOffice) -> None:
    programme, people = office.delivered(5)
    attitudes: dict[str, Any] = {
        "level": "2A",
        "ratings": dict.fromkeys(("confidence", "value", "openness", "learners"), 3),
    }
    for person in people[:2]:
        office.do("evaluate", **reaction(programme, person, 4))
        office.do("evaluate", **(reaction(programme, person, 4) | attitudes))
    assert len(answers_kept(office, programme)) == 4
    office.do("complete_programme", id=programme, confirm_few_answers=True)
    assert not answers_kept(office, programme)
    assert results(office, programme)["1", "after"]["responses"] == 2


def test_no_file_shows_the_answers_one_after_the_other(sqlite: Database, tmp_path: Path) -> None:
    """A copy of the disk holds the present state: not who had answered before what came."""
    office = FacultyOffice(sqlite)
    programme, people = office.delivered(5)
    for number, person in enumerate(people, start=1):
        office.do("evaluate", **reaction(programme, person, 3))
        assert _times(tmp_path, b'"relevance", "points"') == number
    office.do("complete_programme", id=programme)
    office.tick(office.day)
    assert _times(tmp_path, b'"points"') == 0


def _times(folder: Path, what: bytes) -> int:
    """How often this stands in the database's files, the write-ahead log among them."""
    files = [path.read_bytes() for path in folder.glob("one.db*")]
    assert files
    return sum(each.replace(b'":"', b'": "').replace(b',"', b', "').count(what) for each in files)


def test_what_is_deleted_is_overwritten_in_the_file(sqlite: Database) -> None:
    with sqlite.reading() as session:
        assert session.scalar(text("PRAGMA secure_delete")) == 1
