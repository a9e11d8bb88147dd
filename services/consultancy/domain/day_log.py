"""Logging days: one claim on an engagement, a contract's day budget and a person's dates."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.consultancy.domain.contract_budget import ContractBudget, Taking
from services.consultancy.domain.day_entry import DayEntry, Worked
from services.consultancy.domain.days import check_step
from services.consultancy.domain.diary import DiaryDate
from services.consultancy.domain.engagement import Engagement
from services.consultancy.domain.policy import Policy
from shared.errors import Invalid


@dataclass(frozen=True)
class DayLog:
    """What a claim is checked against. Diary dates are fetched, or opened, by `diary_date`."""

    budget: ContractBudget
    diary_date: Callable[[UUID, date], DiaryDate]
    policy: Policy
    today: date

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
    ) -> DayEntry:
        """A draft entry; the first one starts a confirmed engagement.

        Raises Conflict where the engagement or contract is not open, the date is full, or the
        contract blocks what exceeds its budget; Invalid for a date in the future or outside the
        contract's period, and for days off the office's step.
        """
        engagement.require_logging_open()
        taking = self._claim(consultant_id, worked)
        engagement.note_work(self.budget)
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

    def correct_days(self, entry: DayEntry, worked: Worked, by: str) -> None:
        """Replace the claim of a draft or rejected entry by another; refused as in `log_days`."""
        entry.require_open_to_logger("corrected")
        if worked == entry.worked:
            return
        self._release(entry)
        taking = self._claim(entry.consultant_id, worked)
        entry.correct(worked, by, over_budget=taking.over_budget, warning=taking.warning)

    def withdraw_days(self, entry: DayEntry) -> None:
        entry.withdraw()
        self._release(entry)

    def reverse_days(self, entry: DayEntry, reason: str) -> None:
        entry.reverse(reason)
        self._release(entry)

    def _release(self, entry: DayEntry) -> None:
        """Give an entry's days back to the budget and its date back to the diary."""
        worked = entry.worked
        self.diary_date(entry.consultant_id, worked.worked_on).release(worked.days)
        if worked.chargeable:
            self.budget.give_back(worked.role, worked.days)

    def _claim(self, consultant_id: UUID, worked: Worked) -> Taking:
        self.budget.require_active()
        check_step(worked.days, self.policy, "days")
        if worked.worked_on > self.today:
            raise Invalid(
                f"{worked.worked_on} has not come yet; days are logged once they are worked.",
                rule="no-future-dates",
                field="worked_on",
                accepted=f"{self.today} or earlier",
            )
        self.budget.require_inside_period(worked.worked_on, worked.worked_on, "worked_on")
        self.diary_date(consultant_id, worked.worked_on).book(worked.days, self.policy)
        if not worked.chargeable:
            return Taking()
        return self.budget.consume(worked.role, worked.days)
