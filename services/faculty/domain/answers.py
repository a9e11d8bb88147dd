"""What is kept of an answer, and what may be shown of many."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from services.faculty.domain.instruments import HIGHEST, LOWEST, Instrument
from shared.errors import Invalid
from shared.events.faculty import Bound, Moment
from shared.events.vocabulary import KirkpatrickLevel


@dataclass(frozen=True)
class Rating:
    question: str
    points: int  # 1 to 5


@dataclass(frozen=True)
class Answer:
    """One anonymous answer to one instrument."""

    level: KirkpatrickLevel
    moment: Moment
    ratings: tuple[Rating, ...]
    score_percent: int | None = None  # level 2B only


@dataclass(frozen=True)
class Respondent:
    """That somebody has answered an instrument; not what."""

    level: KirkpatrickLevel
    moment: Moment
    participant_id: UUID
    #: Whether somebody of the office entered the answer, from paper, and so has read it.
    on_paper: bool = False


@dataclass(frozen=True)
class QuestionResult:
    key: str
    wording: str
    mean: Decimal | None = None
    mean_bound: Bound | None = None


@dataclass(frozen=True)
class Result:
    """What may be shown of one instrument: no figures before its release, nor from too few."""

    level: KirkpatrickLevel
    moment: Moment
    responses: int
    still_needed: int
    questions: tuple[QuestionResult, ...]
    released: bool = False
    mean: Decimal | None = None
    mean_bound: Bound | None = None
    mean_score_percent: Decimal | None = None
    mean_score_bound: Bound | None = None


def complete_answer(
    instrument: Instrument, ratings: Mapping[str, int], score_percent: int | None
) -> Answer:
    """An answer to every question of the instrument. Raises Invalid."""
    _must_be_complete(instrument, ratings)
    _must_have_score(instrument, score_percent)
    return Answer(
        level=instrument.level,
        moment=instrument.moment,
        ratings=tuple(Rating(each.key, ratings[each.key]) for each in instrument.questions),
        score_percent=score_percent,
    )


def _must_be_complete(instrument: Instrument, ratings: Mapping[str, int]) -> None:
    keys = {question.key for question in instrument.questions}
    if keys != ratings.keys():
        raise Invalid(
            f"Answer these questions, all of them and no others: {', '.join(sorted(keys))}.",
            rule="every-question-answered",
            field="ratings",
            accepted=", ".join(sorted(keys)),
        )
    for key, points in ratings.items():
        if not LOWEST <= points <= HIGHEST:
            raise Invalid(
                f"Rate “{key}” from {LOWEST} to {HIGHEST}.",
                rule="rating-scale",
                field=f"ratings.{key}",
                accepted=f"a whole number from {LOWEST} to {HIGHEST}",
            )


def _must_have_score(instrument: Instrument, score_percent: int | None) -> None:
    if instrument.with_test and (score_percent is None or not 0 <= score_percent <= 100):
        raise Invalid(
            "Give the score of the knowledge test, from 0 to 100 per cent.",
            rule="test-score",
            field="score_percent",
            accepted="a whole number from 0 to 100",
        )
    if not instrument.with_test and score_percent is not None:
        raise Invalid(
            "Only level 2B has a knowledge test: leave the score out.",
            rule="test-score",
            field="score_percent",
            accepted="no score at other levels",
        )
