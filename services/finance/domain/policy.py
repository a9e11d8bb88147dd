"""The defaults of finance that an office may set."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Policy:
    """None: what varies (payment days, rates, milestones) is agreed in each contract."""
