"""The gateway's numbers that an office may set otherwise."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Policy:
    """session_hours: how long a person stays signed in to the pages."""

    session_hours: int = 12
