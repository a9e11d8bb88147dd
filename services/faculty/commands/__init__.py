"""What may be done in faculty development, and by whom: a file for each kind of work."""

from services.faculty.commands import (
    attending,
    certifying,
    designing,
    enrolments,
    evaluations,
    participants,
    running,
)

__all__ = [
    "attending",
    "certifying",
    "designing",
    "enrolments",
    "evaluations",
    "participants",
    "running",
]
