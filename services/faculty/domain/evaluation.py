"""What participants answered, kept so that no answer can be traced to a person.

| Case | What holds |
|---|---|
| results read before and after one more answer | no figure until the instrument closes |
| fewer than five answered by then | never a figure, neither here nor in an event |
| an answer that comes after the release | refused: what was released never changes |
| released twice | the first release stays |
| somebody withdraws after answering | the answer stays; it cannot be found |
| everybody answered 5, or all but one | "4.80 or more" in both cases (`figures`) |
| a copy of the disk after the release | answers are deleted with their release |
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from services.faculty.domain.figures import figure_of, mean_of
from services.faculty.domain.instruments import HIGHEST, LOWEST, Instrument
from services.faculty.domain.policy import Policy
from shared.aggregate import Aggregate
from shared.errors import Conflict, Invalid
from shared.events.faculty import Bound, EvaluationReceived, EvaluationSummarised, Moment
from shared.events.vocabulary import KirkpatrickLevel
from shared.identifiers import new_id


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


@dataclass(eq=False, kw_only=True)
class Evaluation(Aggregate):
    """The answers of one programme.

    Who answered and what was answered are two lists, each in an order of its own that says
    nothing of when anything came; neither holds a moment or a link to the other.
    """

    kind: ClassVar[str] = "evaluation"

    id: UUID
    programme_id: UUID
    contract_id: UUID
    partner_id: UUID
    respondents: tuple[Respondent, ...] = ()
    answers: tuple[Answer, ...] = ()
    #: Results as they were released, once and for all.
    released: tuple[Result, ...] = ()
    #: The date from which the next instruments are to be released by themselves.
    due_on: date | None = None
    version: int = 0

    @classmethod
    def open(cls, *, programme_id: UUID, contract_id: UUID, partner_id: UUID) -> "Evaluation":
        return cls(
            id=new_id(),
            programme_id=programme_id,
            contract_id=contract_id,
            partner_id=partner_id,
        )

    def receive(
        self,
        instrument: Instrument,
        participant_id: UUID,
        ratings: dict[str, int],
        score_percent: int | None,
    ) -> None:
        """Take one participant's answer: complete, within the scale, and only once."""
        if self._released(instrument) is not None:
            raise Conflict(
                "The results of these questions have been released: no answer can be added.",
                rule="released-once",
                field="level",
            )
        respondent = Respondent(instrument.level, instrument.moment, participant_id)
        if respondent in self.respondents:
            raise Conflict(
                "This participant has answered already; an anonymous answer cannot be changed.",
                rule="answered-once",
                field="participant_id",
            )
        _must_be_complete(instrument, ratings)
        _must_have_score(instrument, score_percent)
        answer = Answer(
            level=instrument.level,
            moment=instrument.moment,
            ratings=tuple(Rating(each.key, ratings[each.key]) for each in instrument.questions),
            score_percent=score_percent,
        )
        self.respondents = tuple(sorted((*self.respondents, respondent), key=repr))
        self.answers = tuple(sorted((*self.answers, answer), key=repr))
        self.record(
            EvaluationReceived(
                programme_id=self.programme_id,
                level=instrument.level,
                moment=instrument.moment,
                responses=len(self._to(instrument)),
            )
        )

    def rated(self, level: KirkpatrickLevel) -> bool:
        """Whether anybody has answered at this level."""
        return any(respondent.level is level for respondent in self.respondents)

    def result(self, instrument: Instrument, policy: Policy) -> Result:
        """What was released of the instrument or, until then, how many have answered it."""
        released = self._released(instrument)
        if released is not None:
            return released
        responses = len(self._to(instrument))
        return Result(
            level=instrument.level,
            moment=instrument.moment,
            responses=responses,
            still_needed=max(0, policy.fewest_responses - responses),
            questions=tuple(
                QuestionResult(each.key, each.wording) for each in instrument.questions
            ),
        )

    def release(self, instruments: Iterable[Instrument], policy: Policy) -> None:
        """Release each of these instruments, once: with its figures where enough have answered.

        The answers are deleted: figures are all that is ever shown. Safe to repeat. Two looks at
        the results can so never differ by a few answers.
        """
        for instrument in instruments:
            if self._released(instrument) is not None:
                continue
            result = self._figures(instrument, policy)
            self.released += (result,)
            about = (instrument.level, instrument.moment)
            self.answers = tuple(
                each for each in self.answers if (each.level, each.moment) != about
            )
            if result.mean is None or result.mean_bound is None:
                continue
            self.record(
                EvaluationSummarised(
                    programme_id=self.programme_id,
                    contract_id=self.contract_id,
                    partner_id=self.partner_id,
                    level=result.level,
                    moment=result.moment,
                    responses=result.responses,
                    mean=result.mean,
                    mean_score_percent=result.mean_score_percent,
                    mean_bound=result.mean_bound,
                    mean_score_bound=result.mean_score_bound or Bound.EXACT,
                )
            )

    def _figures(self, instrument: Instrument, policy: Policy) -> Result:
        counted = replace(self.result(instrument, policy), released=True)
        answers = self._to(instrument)
        if counted.still_needed or not answers:
            return counted
        figures = [
            figure_of(
                [
                    rating.points
                    for answer in answers
                    for rating in answer.ratings
                    if rating.question == question.key
                ],
                LOWEST,
                HIGHEST,
            )
            for question in instrument.questions
        ]
        scores = [each.score_percent for each in answers if each.score_percent is not None]
        mean, score = mean_of(figures), figure_of(scores, 0, 100) if scores else None
        return replace(
            counted,
            mean=mean.rounded,
            mean_bound=mean.bound,
            mean_score_percent=score.rounded if score else None,
            mean_score_bound=score.bound if score else None,
            questions=tuple(
                QuestionResult(question.key, question.wording, figure.rounded, figure.bound)
                for question, figure in zip(instrument.questions, figures, strict=True)
            ),
        )

    def _released(self, instrument: Instrument) -> Result | None:
        for result in self.released:
            if (result.level, result.moment) == (instrument.level, instrument.moment):
                return result
        return None

    def _to(self, instrument: Instrument) -> list[Answer]:
        return [
            answer
            for answer in self.answers
            if (answer.level, answer.moment) == (instrument.level, instrument.moment)
        ]


def _must_be_complete(instrument: Instrument, ratings: dict[str, int]) -> None:
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
