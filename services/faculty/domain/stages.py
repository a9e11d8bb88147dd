"""The stages that a programme goes through, and what may be done in which.

A step made by mistake is taken back, one at a time, with a reason:

| Step | Back to | Unless | What follows |
|---|---|---|---|
| publication | designed | | |
| opening of enrolment | published | somebody is enrolled or waits | |
| start | enrolling | somebody was present | the waiting list is as it was, offers are made anew |
| delivery | running | | its certificates are revoked |
| completion | | always | its results are released once, and final |
| cancellation | where it was | | the programme is reinstated, an operation of its own |

Everything else that happened in between stays: late enrolments, attendance, answers.
"""

from enum import StrEnum

from shared.errors import Conflict
from shared.events.faculty import Step


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


#: What led to a state and can be taken back, and the state before.
_STEPS_BACK = {
    ProgrammeState.PUBLISHED: (Step.PUBLICATION, ProgrammeState.DESIGNED),
    ProgrammeState.ENROLLING: (Step.OPENING, ProgrammeState.PUBLISHED),
    ProgrammeState.RUNNING: (Step.START, ProgrammeState.ENROLLING),
    ProgrammeState.AWAITING_EVALUATION: (Step.DELIVERY, ProgrammeState.RUNNING),
}
_NO_STEP_BACK = {
    ProgrammeState.DESIGNED: "Nothing can be taken back: the programme is not published yet.",
    ProgrammeState.COMPLETED: (
        "Completion is final: it released the results of the evaluation. Sessions, attendance, "
        "participants and certificates can still be corrected."
    ),
    ProgrammeState.CANCELLED: "The programme is cancelled: reinstate it.",
}


def step_back(state: ProgrammeState) -> tuple[Step, ProgrammeState]:
    """The last step and the state before it. Raises Conflict where it cannot be taken back."""
    if state in _NO_STEP_BACK:
        raise Conflict(
            _NO_STEP_BACK[state],
            rule="programme-state",
            field="state",
            accepted=", ".join(_STEPS_BACK),
        )
    return _STEPS_BACK[state]


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
