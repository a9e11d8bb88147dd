"""The defaults of insight that an office may set."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Policy:
    """due_soon_days: how many days ahead a deadline counts as due soon.

    contract_end_soon_days: the same for the end of a contract, which needs more preparation.
    """

    due_soon_days: int = 30
    contract_end_soon_days: int = 90
