"""What participants are asked: one instrument for each level of evaluation and each moment.

Levels after Kirkpatrick as modified by Barr et al. (2000): 1 reaction, 2A attitudes and
perceptions, 2B knowledge and skills, 3 behaviour, 4A change in the organisation, 4B benefit to
patients and learners. Every question is answered from 1 (not at all) to 5 (fully). The questions
before and after the teaching are the same, so that the answers can be compared.
"""

from dataclasses import dataclass

from services.faculty.domain.design import Outcome
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
    def is_late(self) -> bool:
        """Whether it is asked months after the teaching."""
        return self.level in (
            KirkpatrickLevel.BEHAVIOUR,
            KirkpatrickLevel.ORGANISATION,
            KirkpatrickLevel.BENEFIT,
        )


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
BEHAVIOUR = (
    Question("use", "I use what I learned when I teach."),
    Question("change", "I teach differently from before the programme."),
    Question("support", "My workplace lets me put what I learned into practice."),
)
ORGANISATION = (
    Question("practice", "Teaching in my department has changed because of the programme."),
    Question("spread", "Colleagues who did not take part have taken up what I learned."),
)
BENEFIT = (
    Question("learners", "My learners have benefited from the programme."),
    Question("patients", "Patients have benefited from the programme."),
)


def instruments_for(outcomes: tuple[Outcome, ...]) -> tuple[Instrument, ...]:
    """The eight instruments of a programme; at level 2B it asks about each intended outcome."""
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
        Instrument(KirkpatrickLevel.BEHAVIOUR, Moment.AFTER, BEHAVIOUR),
        Instrument(KirkpatrickLevel.ORGANISATION, Moment.AFTER, ORGANISATION),
        Instrument(KirkpatrickLevel.BENEFIT, Moment.AFTER, BENEFIT),
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
        accepted="levels 2A and 2B before and after; every other level after",
    )
