"""What participants answered, kept so that no answer can be traced to a person.

| Case | What holds |
|---|---|
| results read before and after one more answer | no figure until the instrument closes |
| fewer than five answered by then | never a figure, neither here nor in an event |
| four entered from paper, one given online | none: who has read the four would know the fifth |
| all entered from paper, or five given online beside them | figures of all |
| one person under two records | answers once |
| an answer that comes after the release | refused: what was released never changes |
| released twice | the first release stays |
| somebody withdraws after answering | the answer stays; it cannot be found |
| everybody answered 5, or all but one | "4.80 or more" in both cases (`figures`) |
| a copy of the disk after the release | answers are deleted with their release |
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar
from uuid import UUID

from services.faculty.domain.answers import (
    Answer,
    QuestionResult,
    Respondent,
    Result,
    complete_answer,
)
from services.faculty.domain.figures import figure_of, mean_of
from services.faculty.domain.instruments import HIGHEST, LOWEST, Instrument
from services.faculty.domain.policy import Policy
from shared.aggregate import Aggregate
from shared.errors import Conflict
from shared.events.faculty import Bound, EvaluationReceived, EvaluationSummarised
from shared.events.vocabulary import KirkpatrickLevel
from shared.identifiers import new_id


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
        ratings: Mapping[str, int],
        score_percent: int | None,
        *,
        on_paper: bool = False,
        same_person: Collection[UUID] = (),
    ) -> None:
        """Take one participant's answer: complete, within the scale, and only once.

        on_paper: whether somebody else enters it, and so has read it; same_person: further records
        of the participant.
        """
        if self._released(instrument) is not None:
            raise Conflict(
                "The results of these questions have been released: no answer can be added.",
                rule="released-once",
                field="level",
            )
        records = {participant_id, *same_person}
        if any(each.participant_id in records for each in self._respondents_to(instrument)):
            raise Conflict(
                "This participant has answered already; an anonymous answer cannot be changed.",
                rule="answered-once",
                field="participant_id",
            )
        answer = complete_answer(instrument, ratings, score_percent)
        respondent = Respondent(instrument.level, instrument.moment, participant_id, on_paper)
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
        return Result(
            level=instrument.level,
            moment=instrument.moment,
            responses=len(self._to(instrument)),
            still_needed=self._still_needed(instrument, policy),
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

    def _still_needed(self, instrument: Instrument, policy: Policy) -> int:
        """How many must still answer: of those whose answers nobody has read, enough or none."""
        answered = self._respondents_to(instrument)
        unread = [each for each in answered if not each.on_paper]
        return max(0, policy.fewest_responses - len(unread or answered))

    def _respondents_to(self, instrument: Instrument) -> list[Respondent]:
        about = (instrument.level, instrument.moment)
        return [each for each in self.respondents if (each.level, each.moment) == about]

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
