"""The gateway's numbers that an office may set otherwise."""

from dataclasses import dataclass

from shared.policies import Bounded, number


@dataclass(frozen=True)
class Policy(Bounded):
    """session_hours: how long a person stays signed in to the pages."""

    session_hours: int = number(12, least=1, most=720)
