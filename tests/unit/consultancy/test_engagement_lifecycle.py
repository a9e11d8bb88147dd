"""Whatever people try with an engagement and its days, in any order, the figures hold."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
)

from services.consultancy.domain.day_entry import COUNTED, DayEntry, Worked
from services.consultancy.domain.engagement_state import LOGGING_OPEN, EngagementState
from shared.errors import Refusal
from shared.events.consultancy import TeamMember
from tests.unit.consultancy.story import (
    AMINA,
    POLICY,
    TODAY,
    Office,
    budget,
    days,
    planned,
    worked,
)

ALLOWED = {
    EngagementState.PLANNED: {EngagementState.CONFIRMED, EngagementState.CANCELLED},
    EngagementState.CONFIRMED: {EngagementState.IN_PROGRESS, EngagementState.CANCELLED},
    EngagementState.IN_PROGRESS: {EngagementState.DELIVERED, EngagementState.CANCELLED},
    EngagementState.DELIVERED: {EngagementState.CLOSED, EngagementState.IN_PROGRESS},
    EngagementState.CLOSED: {EngagementState.DELIVERED},
    EngagementState.CANCELLED: {EngagementState.PLANNED, EngagementState.CONFIRMED},
}


class EngagementLife(RuleBasedStateMachine):
    entries = Bundle("entries")

    @initialize(confirmed=st.booleans())
    def plan(self, confirmed: bool) -> None:
        self.office = Office(budget(educator_days=3))
        self.budget = self.office.budget
        self.engagement = planned(self.budget, TeamMember(AMINA, "educator", days(2)))
        if confirmed:
            self.engagement.confirm(self.budget, TODAY, POLICY)
        self.entries_made: list[DayEntry] = []

    @rule()
    def confirm(self) -> None:
        self.tried(lambda: self.engagement.confirm(self.budget, TODAY, POLICY))

    @rule()
    def start(self) -> None:
        self.tried(lambda: self.engagement.start(self.budget, TODAY, POLICY))

    @rule()
    def deliver(self) -> None:
        self.tried(lambda: self.engagement.deliver((), TODAY))

    @rule()
    def close(self) -> None:
        undecided = sum(e.state in ("draft", "submitted", "rejected") for e in self.entries_made)
        self.tried(lambda: self.engagement.close(undecided, (), self.budget, ()))

    @rule()
    def cancel(self) -> None:
        self.tried(lambda: self.engagement.cancel("Not wanted", self.budget, (), TODAY, TODAY))

    @rule()
    def reopen(self) -> None:
        self.tried(lambda: self.engagement.reopen("Too early", self.budget))

    @rule(
        target=entries,
        quarters=st.integers(1, 4),
        ago=st.integers(0, 6),
        chargeable=st.booleans(),
    )
    def log(self, quarters: int, ago: int, chargeable: bool) -> DayEntry | None:
        state, ended_on = self.engagement.state, self.engagement.ended_on
        was_open = state in LOGGING_OPEN or ended_on is not None
        refusal, entry = self.tried(
            lambda: self.office.logs(
                str(Decimal(quarters) / 4),
                TODAY - timedelta(days=ago),
                engagement=self.engagement,
                chargeable=chargeable,
            )
        )
        if refusal is not None:
            assert (refusal.rule == "engagement-open-for-logging") != was_open
            return None
        assert state not in LOGGING_OPEN or self.engagement.state is EngagementState.IN_PROGRESS
        self.entries_made.append(entry)
        return entry

    @rule(entry=entries, act=st.sampled_from(["submit", "approve", "reject"]))
    def decide(self, entry: DayEntry | None, act: str) -> None:
        if entry is None:
            return
        calls = {
            "submit": entry.submit,
            "approve": lambda: entry.approve("carla", None, on=TODAY),
            "reject": lambda: entry.reject("Wrong date", "carla", None, on=TODAY),
        }
        self.tried(calls[act])

    @rule(entry=entries, quarters=st.integers(1, 4))
    def correct(self, entry: DayEntry | None, quarters: int) -> None:
        if entry is None:
            return
        changed = worked(str(Decimal(quarters) / 4), entry.worked.worked_on)
        self.tried(lambda: self.correct_to(entry, changed))

    def correct_to(self, entry: DayEntry, changed: Worked) -> None:
        self.office.log.correct_days(entry, self.engagement, changed, "amina")

    @rule(entry=entries, by=st.sampled_from(["amina", "dora"]))
    def request_reversal(self, entry: DayEntry | None, by: str) -> None:
        if entry is not None:
            self.tried(lambda: entry.request_reversal("Wrong", by))

    @rule(entry=entries, by=st.sampled_from(["amina", "carla", "dora"]))
    def end_reversal(self, entry: DayEntry | None, by: str) -> None:
        if entry is not None:
            self.tried(lambda: entry.withdraw_reversal(by))

    @rule(entry=entries, by=st.sampled_from(["amina", "carla", "dora"]))
    def confirm_reversal(self, entry: DayEntry | None, by: str) -> None:
        if entry is None:
            return
        requester = entry.reversal_requested_by
        refusal, _ = self.tried(lambda: self.office.log.confirm_reversal(entry, by, None))
        assert refusal or (requester not in (None, by) and by not in entry.writers)

    @rule(entry=consumes(entries))
    def withdraw(self, entry: DayEntry | None) -> None:
        if entry is not None:
            self.tried(lambda: self.office.log.withdraw_days(entry))

    def tried(self, act: Callable[[], Any]) -> tuple[Refusal | None, Any]:
        """What came of it. A refusal rolls back, as its transaction would."""
        before, consumed = self.engagement.state, self.budget.consumed
        planned_before = self.budget.planned
        taken = {key: diary_date.taken for key, diary_date in self.office.diary.items()}
        refusal, result = None, None
        try:
            result = act()
        except Refusal as refused:
            refusal = refused
            assert self.engagement.state is before
            self.budget.consumed, self.budget.planned = consumed, planned_before
            for key, diary_date in self.office.diary.items():
                diary_date.taken = taken.get(key, Decimal(0))
        after = self.engagement.state
        assert after is before or after in ALLOWED[before]
        return refusal, result

    @invariant()
    def consumed_days_are_the_counted_chargeable_entries(self) -> None:
        if not hasattr(self, "budget"):
            return
        counted = [e for e in self.entries_made if e.state in COUNTED and e.worked.chargeable]
        total = sum((e.worked.days for e in counted), Decimal(0))
        assert self.budget.consumed_days("educator") == total
        assert total <= self.budget.budget_days("educator")

    @invariant()
    def an_engagement_that_is_over_holds_what_was_worked_and_no_more(self) -> None:
        if not hasattr(self, "budget"):
            return
        others = self.budget.committed_days("educator", without=self.engagement.id)
        held = self.budget.committed_days("educator") - others
        used = self.budget.worked_on(self.engagement.id).get("educator", Decimal(0))
        over = self.engagement.state in (EngagementState.CLOSED, EngagementState.CANCELLED)
        assert held == (used if over else max(used, Decimal(2)))

    @invariant()
    def no_date_holds_more_than_one_day(self) -> None:
        if not hasattr(self, "office"):
            return
        for (_, on), diary_date in self.office.diary.items():
            counted = [
                e for e in self.entries_made if e.state in COUNTED and e.worked.worked_on == on
            ]
            assert diary_date.taken == sum((e.worked.days for e in counted), Decimal(0)) <= 1

    @invariant()
    def nobody_approved_what_they_logged(self) -> None:
        for entry in getattr(self, "entries_made", []):
            assert entry.approver_id not in entry.writers


TestEngagementLife = pytest.mark.row("E1")(pytest.mark.row("E3")(EngagementLife.TestCase))
TestEngagementLife.settings = settings(
    max_examples=60, stateful_step_count=30, suppress_health_check=[HealthCheck.too_slow]
)
