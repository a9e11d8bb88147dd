"""The defaults of insight that an office may set."""

from dataclasses import dataclass

from shared.policies import Bounded, number


@dataclass(frozen=True)
class Policy(Bounded):
    """due_soon_days: how many days ahead a deadline counts as due soon.

    contract_end_soon_days: the same for the end of a contract, which needs more preparation.
    """

    due_soon_days: int = number(30, least=0, most=3650)
    contract_end_soon_days: int = number(90, least=0, most=3650)
