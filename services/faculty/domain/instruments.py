"""What participants are asked: one instrument for each level of evaluation and each moment.

Levels after Kirkpatrick as modified by Barr et al. (2000): 1 reaction, 2A attitudes and
perceptions, 2B knowledge and skills. Every question is answered from 1 (not at all) to 5 (fully).
The questions before and after the teaching are the same, so that the answers can be compared.
"""

from dataclasses import dataclass

from services.faculty.domain.design import Outcome
from services.faculty.domain.stages import ProgrammeState
from shared.errors import Invalid
from shared.events.faculty import Moment
from shared.events.vocabulary import KirkpatrickLevel

LOWEST, HIGHEST = 1, 5


@dataclass(frozen=True)
class Question:
    key: str
    wording: str


@dataclass(frozen=True)
class Instrument:
    level: KirkpatrickLevel
    moment: Moment
    questions: tuple[Question, ...]

    @property
    def with_test(self) -> bool:
        """Whether it comes with a knowledge test, scored in percent."""
        return self.level is KirkpatrickLevel.KNOWLEDGE

    @property
    def open_in(self) -> tuple[ProgrammeState, ...]:
        """The states of a programme in which it can be answered."""
        if self.moment is Moment.BEFORE:
            return (ProgrammeState.ENROLLING, ProgrammeState.RUNNING)
        return (ProgrammeState.AWAITING_EVALUATION,)


REACTION = (
    Question("relevance", "The programme was relevant to my work."),
    Question("teaching", "The teaching helped me to learn."),
    Question("organisation", "The programme was well organised."),
    Question("recommendation", "I would recommend the programme to a colleague."),
)
ATTITUDES = (
    Question("confidence", "I feel confident in my role as an educator."),
    Question("value", "I see educating others as an important part of my work."),
    Question("openness", "I am ready to change how I teach."),
    Question("learners", "I value what learners say about my teaching."),
)


def instruments_for(outcomes: tuple[Outcome, ...]) -> tuple[Instrument, ...]:
    """The five instruments of a programme; at level 2B it asks about each intended outcome."""
    knowledge = tuple(
        Question(f"outcome_{number}", f"I can do this: {outcome.statement}")
        for number, outcome in enumerate(outcomes, start=1)
    )
    return (
        Instrument(KirkpatrickLevel.REACTION, Moment.AFTER, REACTION),
        *(
            Instrument(level, moment, questions)
            for level, questions in (
                (KirkpatrickLevel.ATTITUDES, ATTITUDES),
                (KirkpatrickLevel.KNOWLEDGE, knowledge),
            )
            for moment in (Moment.BEFORE, Moment.AFTER)
        ),
    )


def instrument_for(
    outcomes: tuple[Outcome, ...], level: KirkpatrickLevel, moment: Moment
) -> Instrument:
    """Raises Invalid where no such instrument is used."""
    for instrument in instruments_for(outcomes):
        if (instrument.level, instrument.moment) == (level, moment):
            return instrument
    raise Invalid(
        f"Level {level} is not asked {moment} the teaching.",
        rule="instrument-in-use",
        field="level",
        accepted="level 1 after; levels 2A and 2B before and after",
    )
