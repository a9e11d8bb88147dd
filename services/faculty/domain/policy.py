"""The numbers that an office may set for itself."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Policy:
    """Defaults of the faculty-development rules."""

    #: Contributors who practise in health care that a programme needs to be published.
    clinician_contributors: int = 1
    #: Contributors who are learners (students, trainees) that a programme needs to be published.
    learner_contributors: int = 1
    #: Hours for which a freed place is held for the first on the waiting list.
    offer_hours: int = 48
    #: Share of the session hours that a participant must attend for a certificate, in percent.
    attendance_percent: int = 80
    #: Answers below which an evaluation shows no figures, so that nobody's answer can be guessed.
    fewest_responses: int = 5
