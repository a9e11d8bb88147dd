"""Logging days: one claim on an engagement, a contract's day budget and a person's dates."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.consultancy.domain.contract_budget import NO_DAYS, ContractBudget, RoleDays
from services.consultancy.domain.day_entry import DayEntry, EntryState, Worked
from services.consultancy.domain.days import check_step
from services.consultancy.domain.diary import DiaryDate
from services.consultancy.domain.engagement import Engagement
from services.consultancy.domain.policy import Policy
from shared.dates import check_happened


@dataclass(frozen=True)
class DayLog:
    """What a claim is checked against. Diary dates are fetched, or opened, by `diary_date`.

    today: the office's date; earliest: the earliest date that it is anywhere, by which periods
    end; latest: the last date that has begun anywhere.
    """

    budget: ContractBudget
    diary_date: Callable[[UUID, date], DiaryDate]
    policy: Policy
    today: date
    earliest: date
    latest: date

    def log_days(
        self,
        id: UUID,
        engagement: Engagement,
        consultant_id: UUID,
        worked: Worked,
        *,
        worker_account: str | None,
        by: str,
        at: datetime,
        reversed_on: date | None = None,
    ) -> DayEntry:
        """A draft entry; the first one starts a confirmed engagement.

        worker_account: the account that the consultant signs in with now; reversed_on: when
        approved days of this person and date on the engagement were last reversed.
        Raises Conflict where the engagement or contract is not open for logging, the date is
        full, or the contract blocks what exceeds its budget; Invalid for a date that has not
        begun or lies outside contract or engagement, and for days off the office's step.
        """
        self._require_open(engagement, reversed_on)
        self._check_date(engagement, worked)
        check_step(worked.days, self.policy, "days")
        self.diary_date(consultant_id, worked.worked_on).book(worked.days, self.policy)
        taking = self.budget.consume(engagement.id, charged(worked))
        engagement.note_work()
        return DayEntry.log(
            id,
            engagement_id=engagement.id,
            contract_id=engagement.contract_id,
            partner_id=engagement.partner_id,
            consultant_id=consultant_id,
            worked=worked,
            worker_account=worker_account,
            by=by,
            at=at,
            over_budget=taking.over_budget,
            warning=taking.warning,
        )

    def correct_days(
        self, entry: DayEntry, engagement: Engagement, worked: Worked, by: str
    ) -> None:
        """Replace the claim of an entry that is not approved; refused as in `log_days`.

        A date that stays is not judged again, and less than before is never blocked.
        """
        entry.require_undecided("corrected")
        if worked == entry.worked:
            return
        rejected_on = entry.decided_on if entry.state is EntryState.REJECTED else None
        self._require_open(engagement, rejected_on)
        if worked.worked_on != entry.worked.worked_on:
            self._check_date(engagement, worked)
        check_step(worked.days, self.policy, "days")
        before = entry.worked
        self.diary_date(entry.consultant_id, before.worked_on).release(before.days)
        self.diary_date(entry.consultant_id, worked.worked_on).book(worked.days, self.policy)
        taking = self.budget.consume(engagement.id, charged(worked), instead_of=charged(before))
        entry.correct(worked, by, over_budget=taking.over_budget, warning=taking.warning)

    def withdraw_days(self, entry: DayEntry) -> None:
        entry.withdraw()
        self._release(entry)

    def confirm_reversal(self, entry: DayEntry, by: str, linked_now: str | None) -> None:
        entry.confirm_reversal(by, linked_now, on=self.today)
        self._release(entry)

    def _release(self, entry: DayEntry) -> None:
        """Give an entry's days back to the budget and its date back to the diary."""
        worked = entry.worked
        self.diary_date(entry.consultant_id, worked.worked_on).release(worked.days)
        self.budget.give_back(entry.engagement_id, charged(worked))

    def _require_open(self, engagement: Engagement, since: date | None) -> None:
        engagement.require_logging_open(self.earliest, self.policy, since)
        self.budget.require_logging_open(self.earliest, self.policy, since)

    def _check_date(self, engagement: Engagement, worked: Worked) -> None:
        on = worked.worked_on
        self.budget.require_inside_period(on, on, "worked_on", "worked_on")
        engagement.require_inside_dates(on)
        check_happened(
            on,
            since=engagement.starts_on,
            latest=self.latest,
            what="The work",
            follows="the engagement starts",
            field="worked_on",
        )


def charged(worked: Worked) -> RoleDays:
    """What an entry claims of the day budget."""
    return RoleDays(worked.role, worked.days if worked.chargeable else NO_DAYS)
