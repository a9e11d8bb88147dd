"""The numbers that an office may set for itself."""

from dataclasses import dataclass

from shared.policies import Bounded, OutOfBounds, number


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
    #: Hours that one session may last: longer ones would count nights as teaching.
    longest_session_hours: int = number(16, least=1, most=24)
    #: Answers below which an evaluation shows no figures, so that nobody's answer can be guessed.
    fewest_responses: int = number(5, least=3, most=1000)
    #: Months after the last session from which participants are asked about their behaviour.
    behaviour_opens_months: int = number(3, least=1, most=60)
    #: Months after the last session until which they are asked about their behaviour.
    behaviour_closes_months: int = number(6, least=1, most=60)
    #: Months after the last session from which they are asked about results.
    results_open_months: int = number(12, least=1, most=60)
    #: Months after the last session until which they are asked about results.
    results_close_months: int = number(15, least=1, most=60)

    def __post_init__(self) -> None:
        super().__post_init__()
        for closes, opens in (
            ("behaviour_closes_months", self.behaviour_opens_months),
            ("results_close_months", self.results_open_months),
        ):
            if getattr(self, closes) < opens:
                raise OutOfBounds(closes, f"at least {opens}, when the questions open")
