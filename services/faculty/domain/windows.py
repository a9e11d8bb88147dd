"""When an instrument can be answered: each moment of a programme has its questions.

| Instrument | Opens | Closes |
|---|---|---|
| before the teaching | when enrolment opens | when the first session begins |
| after it: reaction, attitudes, knowledge | at delivery | when the programme is completed |
| behaviour | 3 months† after the last session | 6 months† after it |
| organisation, benefit | 12 months† after the last session | 15 months† after it |

Months are counted from the date of the last session at its place, and both dates belong to the
window. † the office's own numbers, see `policy`.
"""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from services.faculty.domain.design import Session
from services.faculty.domain.instruments import Instrument
from services.faculty.domain.policy import Policy
from services.faculty.domain.stages import DELIVERED, ProgrammeState, must_be
from shared.errors import Conflict
from shared.events.faculty import Moment
from shared.events.vocabulary import KirkpatrickLevel


@dataclass(frozen=True)
class Window:
    """The states in which an instrument is open and, within them, from when until when."""

    moment: Moment
    state: ProgrammeState
    open_in: tuple[ProgrammeState, ...]
    until: datetime | None = None  # exclusive
    first_day: date | None = None
    last_day: date | None = None
    zone: tzinfo | None = None  # of the two dates

    def is_open(self, at: datetime) -> bool:
        try:
            self.must_be_open(at)
        except Conflict:
            return False
        return True

    def is_over(self, at: datetime) -> bool:
        """Whether its last date has passed."""
        return self.last_day is not None and at.astimezone(self.zone).date() > self.last_day

    def must_be_open(self, at: datetime) -> None:
        """Raises Conflict that says when it is, or was, open."""
        must_be(self.state, f"take answers {self.moment} the teaching", *self.open_in)
        if self.until is not None and at >= self.until:
            raise Conflict(
                "The teaching has begun: the questions before it are closed.",
                rule="before-teaching",
                field="moment",
                accepted=f"answers up to {self.until.isoformat()}",
            )
        if self.first_day is None or self.last_day is None:
            return
        if not self.first_day <= at.astimezone(self.zone).date() <= self.last_day:
            raise Conflict(
                f"These questions are open from {self.first_day} to {self.last_day}.",
                rule="evaluation-window",
                field="level",
                accepted=f"answers from {self.first_day} to {self.last_day}",
            )


def window_of(
    instrument: Instrument, state: ProgrammeState, *, sessions: Sequence[Session], policy: Policy
) -> Window:
    """sessions: those that are held."""
    if instrument.moment is Moment.BEFORE:
        return Window(
            moment=instrument.moment,
            state=state,
            open_in=(ProgrammeState.ENROLLING, ProgrammeState.RUNNING),
            until=min((session.starts_at for session in sessions), default=None),
        )
    if not instrument.is_late:
        return Window(
            moment=instrument.moment, state=state, open_in=(ProgrammeState.AWAITING_EVALUATION,)
        )
    if not sessions:
        return Window(moment=instrument.moment, state=state, open_in=DELIVERED)
    last = max(sessions, key=lambda session: session.ends_at)
    opens, closes = (
        (policy.behaviour_opens_months, policy.behaviour_closes_months)
        if instrument.level is KirkpatrickLevel.BEHAVIOUR
        else (policy.results_open_months, policy.results_close_months)
    )
    return Window(
        moment=instrument.moment,
        state=state,
        open_in=DELIVERED,
        first_day=_months_after(last.last_day, opens),
        last_day=_months_after(last.last_day, closes),
        zone=last.ends_at.tzinfo,
    )


def _months_after(day: date, months: int) -> date:
    """The same day of a later month, or its last one."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
