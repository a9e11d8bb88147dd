"""Day entries: what somebody worked on a date, from draft to approval, corrected by reversal."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from shared.aggregate import Aggregate
from shared.errors import Conflict, Forbidden, Invalid
from shared.events.consultancy import (
    DaysApproved,
    DaysLogged,
    DaysRejected,
    DaysReversed,
    DaysSubmitted,
    DaysWithdrawn,
    LoggedDays,
)
from shared.events.vocabulary import DayKind


class EntryState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"
    REVERSED = "reversed"
    WITHDRAWN = "withdrawn"


#: With the person who logged; the days are claimed, nobody has approved them.
OPEN_TO_LOGGER = (EntryState.DRAFT, EntryState.REJECTED)
UNDECIDED = (*OPEN_TO_LOGGER, EntryState.SUBMITTED)
#: Still count in the diary and, where chargeable, in the day budget.
COUNTED = (*UNDECIDED, EntryState.APPROVED)


@dataclass(frozen=True)
class Worked:
    """What is claimed: `days` in the office's steps, `chargeable` where they use the budget."""

    role: str
    worked_on: date
    days: Decimal
    kind: DayKind
    chargeable: bool = True
    note: str = ""


@dataclass(eq=False, kw_only=True)
class DayEntry(Aggregate):
    kind: ClassVar[str] = "day_entry"
    id: UUID
    engagement_id: UUID
    contract_id: UUID
    partner_id: UUID
    consultant_id: UUID
    worked: Worked
    #: The account that the consultant was linked to when this was logged: who the worker is.
    worker_account: str | None
    writers: tuple[str, ...]  # everybody who logged or corrected it, the logger first
    logged_at: datetime
    state: EntryState = EntryState.DRAFT
    over_budget_warning: str = ""
    approver_id: str | None = None
    reason: str = ""  # why it was rejected or reversed
    version: int = 0

    @classmethod
    def log(
        cls,
        id: UUID,
        *,
        engagement_id: UUID,
        contract_id: UUID,
        partner_id: UUID,
        consultant_id: UUID,
        worked: Worked,
        worker_account: str | None,
        by: str,
        at: datetime,
        over_budget: bool,
        warning: str,
    ) -> "DayEntry":
        """Keep what was claimed; `day_log.log_days` is where the claim is checked."""
        entry = cls(
            id=id,
            engagement_id=engagement_id,
            contract_id=contract_id,
            partner_id=partner_id,
            consultant_id=consultant_id,
            worked=worked,
            worker_account=worker_account,
            writers=(by,),
            logged_at=at,
            over_budget_warning=warning,
        )
        entry.record(DaysLogged(entry=entry.as_logged(), over_budget=over_budget))
        return entry

    @property
    def logged_by(self) -> str:
        return self.writers[0]

    @property
    def warnings(self) -> list[str]:
        return [self.over_budget_warning] if self.over_budget_warning else []

    def as_logged(self) -> LoggedDays:
        return LoggedDays(
            entry_id=self.id,
            engagement_id=self.engagement_id,
            contract_id=self.contract_id,
            partner_id=self.partner_id,
            consultant_id=self.consultant_id,
            role=self.worked.role,
            worked_on=self.worked.worked_on,
            days=self.worked.days,
            kind=self.worked.kind,
            chargeable=self.worked.chargeable,
        )

    def correct(self, worked: Worked, by: str, *, over_budget: bool, warning: str) -> None:
        """Change a draft or rejected entry; it is a draft again.

        Told as the old days withdrawn and the new ones logged, so that whoever counts days has
        one way to count; `day_log.correct_days` is where the claim is checked.
        """
        self.require_open_to_logger("corrected")
        self.record(DaysWithdrawn(entry=self.as_logged()))
        self.worked = worked
        self.writers = tuple(dict.fromkeys((*self.writers, by)))
        self.state, self.reason = EntryState.DRAFT, ""
        self.over_budget_warning = warning
        self.record(DaysLogged(entry=self.as_logged(), over_budget=over_budget))

    def withdraw(self) -> None:
        self._require(OPEN_TO_LOGGER, "withdrawn")
        self.state = EntryState.WITHDRAWN
        self.record(DaysWithdrawn(entry=self.as_logged()))

    def submit(self) -> None:
        self._require(OPEN_TO_LOGGER, "submitted")
        self.state, self.reason = EntryState.SUBMITTED, ""
        self.record(DaysSubmitted(entry=self.as_logged()))

    def approve(self, by: str, linked_now: str | None) -> None:
        """linked_now: the account linked to the consultant today, if any; it says who the worker
        is where no account was linked when the days were logged."""
        self._require((EntryState.SUBMITTED,), "approved")
        self._require_another(by, linked_now)
        self.state, self.approver_id = EntryState.APPROVED, by
        self.record(DaysApproved(entry=self.as_logged(), approver_id=by))

    def reject(self, reason: str, by: str, linked_now: str | None) -> None:
        self._require((EntryState.SUBMITTED,), "rejected")
        self._require_another(by, linked_now)
        self.reason = _given(reason, "Say why, so that the entry can be corrected.")
        self.state = EntryState.REJECTED
        self.record(DaysRejected(entry=self.as_logged(), reason=reason))

    def reverse(self, reason: str) -> None:
        """Undo an approved entry as a whole; what is right is logged as a new entry."""
        self._require((EntryState.APPROVED,), "reversed")
        self.reason = _given(reason, "Say why the approved days are reversed.")
        self.state = EntryState.REVERSED
        self.record(DaysReversed(entry=self.as_logged(), reason=reason))

    def require_open_to_logger(self, done: str) -> None:
        self._require(OPEN_TO_LOGGER, done)

    def _require_another(self, by: str, linked_now: str | None) -> None:
        if by in self.writers:
            raise Forbidden(
                "Who logged or corrected days cannot decide on them; ask a colleague.",
                rule="logger-is-not-approver",
            )
        if by == (self.worker_account or linked_now):
            raise Forbidden(
                "Nobody decides on days that they worked themselves; ask a colleague.",
                rule="logger-is-not-approver",
            )

    def _require(self, states: Collection[EntryState], done: str) -> None:
        if self.state in states:
            return
        accepted = " or ".join(states)
        advice = (
            " Approved days are corrected by a reversal and a new entry."
            if self.state is EntryState.APPROVED
            else ""
        )
        raise Conflict(
            f"This entry is {self.state}; it can be {done} only while it is {accepted}.{advice}",
            rule="entry-lifecycle",
            field="state",
            accepted=accepted,
        )


def _given(reason: str, otherwise: str) -> str:
    if not reason.strip():
        raise Invalid(otherwise, rule="reason-given", field="reason")
    return reason
