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


#: Where a programme has not been called off, its facts can be changed and corrected.
CHANGEABLE = tuple(state for state in ProgrammeState if state is not ProgrammeState.CANCELLED)
#: The teaching has begun or is over: attendance can be recorded, and corrected.
TAUGHT = (
    ProgrammeState.RUNNING,
    ProgrammeState.AWAITING_EVALUATION,
    ProgrammeState.COMPLETED,
)
#: The sessions are over and certificates rest on who was there.
DELIVERED = (ProgrammeState.AWAITING_EVALUATION, ProgrammeState.COMPLETED)


def must_be(state: ProgrammeState, deed: str, *allowed: ProgrammeState) -> None:
    """Raises Conflict unless the deed ("be started") is open to a programme in this state."""
    if state not in allowed:
        *others, last = (each.in_words for each in allowed)
        words = f"{', '.join(others)} or {last}" if others else last
        raise Conflict(
            f"The programme is {state.in_words}; it must be {words} to {deed}.",
            rule="programme-state",
            field="state",
            accepted=", ".join(allowed),
        )
