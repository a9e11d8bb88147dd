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
    DaysReversalEnded,
    DaysReversalRequested,
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


#: With the person who logged, to be submitted (again).
OPEN_TO_LOGGER = (EntryState.DRAFT, EntryState.REJECTED)
#: The days are claimed, and nobody has approved them.
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
    decided_on: date | None = None  # when it was approved, rejected or reversed
    reason: str = ""  # why it was rejected or reversed
    reversal_requested_by: str | None = None
    reversal_reason: str = ""
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
        by: str,
        worker_account: str | None,
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
            writers=(by,),
            worker_account=worker_account,
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
        """Change an entry that is not approved; it is a draft again.

        Told as the old days withdrawn and the new ones logged, so that whoever counts days has
        one way to count; `day_log.correct_days` is where the claim is checked.
        """
        self.require_undecided("corrected")
        self.record(DaysWithdrawn(entry=self.as_logged()))
        self.worked = worked
        self.writers = tuple(dict.fromkeys((*self.writers, by)))
        self.state, self.reason, self.decided_on = EntryState.DRAFT, "", None
        self.over_budget_warning = warning
        self.record(DaysLogged(entry=self.as_logged(), over_budget=over_budget))

    def withdraw(self) -> None:
        self._require(UNDECIDED, "withdrawn")
        self.state = EntryState.WITHDRAWN
        self.record(DaysWithdrawn(entry=self.as_logged()))

    def submit(self) -> None:
        self._require(OPEN_TO_LOGGER, "submitted")
        self.state, self.reason, self.decided_on = EntryState.SUBMITTED, "", None
        self.record(DaysSubmitted(entry=self.as_logged()))

    def approve(self, by: str, linked_now: str | None, *, on: date) -> None:
        """linked_now: the account linked to the consultant today, if any; it says who the worker
        is where no account was linked when the days were logged."""
        self._require((EntryState.SUBMITTED,), "approved")
        self._require_another(by, linked_now)
        self.state, self.approver_id, self.decided_on = EntryState.APPROVED, by, on
        self.record(DaysApproved(entry=self.as_logged(), approver_id=by))

    def reject(self, reason: str, by: str, linked_now: str | None, *, on: date) -> None:
        self._require((EntryState.SUBMITTED,), "rejected")
        self._require_another(by, linked_now)
        self.reason = _given(reason, "Say why, so that the entry can be corrected.")
        self.state, self.decided_on = EntryState.REJECTED, on
        self.record(DaysRejected(entry=self.as_logged(), reason=reason))

    def request_reversal(self, reason: str, by: str) -> None:
        """Ask for an approved entry to be undone as a whole; until confirmed, its days stand."""
        self._require((EntryState.APPROVED,), "reversed")
        if self.reversal_requested_by is not None:
            raise Conflict(
                "The reversal of these days has already been requested. A colleague of the "
                "requester confirms or refuses it.",
                rule="reversal-requested-once",
            )
        self.reversal_reason = _given(reason, "Say why the approved days are to be reversed.")
        self.reversal_requested_by = by
        self.record(DaysReversalRequested(entry=self.as_logged(), reason=reason, requested_by=by))

    def withdraw_reversal(self, by: str) -> None:
        """The requester takes the request back; the days stand."""
        if by != self._requester():
            raise Forbidden(
                "Only the person who requested this reversal can withdraw it. Refuse it instead.",
                rule="own-reversal-request",
            )
        self._end_reversal("", refused=False)

    def refuse_reversal(self, reason: str, by: str, linked_now: str | None) -> None:
        """A second person finds the days right; they stand."""
        self._require_second(by, linked_now)
        self._end_reversal(_given(reason, "Say why the days stand."), refused=True)

    def confirm_reversal(self, by: str, linked_now: str | None, *, on: date) -> None:
        """A second person agrees: the days no longer count; what is right is logged anew."""
        self._require_second(by, linked_now)
        self.state, self.decided_on = EntryState.REVERSED, on
        self.reason = self.reversal_reason
        self.record(DaysReversed(entry=self.as_logged(), reason=self.reason))

    def require_undecided(self, done: str) -> None:
        self._require(UNDECIDED, done)

    def _requester(self) -> str:
        self._require((EntryState.APPROVED,), "reversed")
        if self.reversal_requested_by is None:
            raise Conflict(
                "Nobody has requested the reversal of these days. Request it first.",
                rule="reversal-requested",
            )
        return self.reversal_requested_by

    def _require_second(self, by: str, linked_now: str | None) -> None:
        if by == self._requester():
            raise Forbidden(
                "A reversal is confirmed or refused by somebody other than its requester; ask a "
                "colleague, or withdraw your request.",
                rule="requester-is-not-confirmer",
            )
        self._require_another(by, linked_now)

    def _end_reversal(self, reason: str, *, refused: bool) -> None:
        self.reversal_requested_by, self.reversal_reason = None, ""
        self.record(DaysReversalEnded(entry=self.as_logged(), refused=refused, reason=reason))

    def _require_another(self, by: str, linked_now: str | None) -> None:
        if by in self.writers:
            raise Forbidden(
                "Days are decided on by somebody who neither logged nor corrected them; ask a "
                "colleague.",
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
