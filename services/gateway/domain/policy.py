"""The gateway's numbers that an office may set otherwise."""

from dataclasses import dataclass

from shared.policies import Bounded, number


@dataclass(frozen=True)
class Policy(Bounded):
    """session_hours: how long a person stays signed in to the pages at most. idle_minutes: after so
    long without a page they are signed out. sign_in_minutes: how long a sign-in link works.
    """

    session_hours: int = number(12, least=1, most=720)
    idle_minutes: int = number(120, least=5, most=43200)
    sign_in_minutes: int = number(15, least=1, most=1440)
