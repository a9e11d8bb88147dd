"""The stages that a programme goes through, and what may be done in which."""

from enum import StrEnum

from shared.errors import Conflict


class ProgrammeState(StrEnum):
    DESIGNED = "designed"
    PUBLISHED = "published"
    ENROLLING = "enrolling"
    RUNNING = "running"
    AWAITING_EVALUATION = "awaiting_evaluation"
    COMPLETED = "completed"
    CANCELLED = "cancelled"

    @property
    def in_words(self) -> str:
        return self.value.replace("_", " ")


def must_be(state: ProgrammeState, deed: str, *allowed: ProgrammeState) -> None:
    """Raises Conflict unless the deed ("be started") is open to a programme in this state."""
    if state not in allowed:
        words = " or ".join(each.in_words for each in allowed)
        raise Conflict(
            f"The programme is {state.in_words}; it must be {words} to {deed}.",
            rule="programme-state",
            field="state",
            accepted=", ".join(allowed),
        )
