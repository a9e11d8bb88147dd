"""The defaults of finance that an office may set."""

from dataclasses import dataclass

from shared.policies import Bounded, number


@dataclass(frozen=True)
class Policy(Bounded):
    """What varies by contract (payment days, rates, milestones) is agreed in each contract."""

    #: An invoice is due at most so many days after it was issued.
    longest_payment_days: int = number(365, least=0, most=3650)
