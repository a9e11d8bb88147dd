"""The states of an event that could not be applied."""

from enum import StrEnum


class State(StrEnum):
    GAP = "gap"
    NOT_YET = "not-yet"
    FAILED = "failed"
    DEAD = "dead"
