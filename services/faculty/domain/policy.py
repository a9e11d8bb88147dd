"""The numbers that an office may set for itself."""

from dataclasses import dataclass

from shared.policies import Bounded, number


@dataclass(frozen=True)
class Policy(Bounded):
    """Defaults of the faculty-development rules."""

    #: Contributors who practise in health care that a programme needs to be published.
    clinician_contributors: int = number(1, least=0, most=100)
    #: Contributors who are learners (students, trainees) that a programme needs to be published.
    learner_contributors: int = number(1, least=0, most=100)
    #: Hours for which a freed place is held for the first on the waiting list.
    offer_hours: int = number(48, least=1, most=8760)
    #: Share of the session hours that a participant must attend for a certificate, in percent.
    attendance_percent: int = number(80, least=1, most=100)
    #: Answers below which an evaluation shows no figures, so that nobody's answer can be guessed.
    fewest_responses: int = number(5, least=3, most=1000)
