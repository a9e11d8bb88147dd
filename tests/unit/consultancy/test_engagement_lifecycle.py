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

from services.consultancy.domain.day_entry import COUNTED, DayEntry
from services.consultancy.domain.engagement import LOGGING_OPEN, EngagementState
from shared.errors import Refusal
from shared.events.consultancy import TeamMember
from tests.unit.consultancy.story import AMINA, TODAY, Office, budget, days, planned, worked

ALLOWED = {
    EngagementState.PLANNED: {EngagementState.CONFIRMED, EngagementState.CANCELLED},
    EngagementState.CONFIRMED: {EngagementState.IN_PROGRESS, EngagementState.CANCELLED},
    EngagementState.IN_PROGRESS: {EngagementState.DELIVERED, EngagementState.CANCELLED},
    EngagementState.DELIVERED: {EngagementState.CLOSED},
    EngagementState.CLOSED: set(),
    EngagementState.CANCELLED: set(),
}


class EngagementLife(RuleBasedStateMachine):
    entries = Bundle("entries")

    @initialize(confirmed=st.booleans())
    def plan(self, confirmed: bool) -> None:
        self.office = Office(budget(educator_days=3))
        self.budget = self.office.budget
        self.engagement = planned(self.budget, TeamMember(AMINA, "educator", days(2)))
        if confirmed:
            self.engagement.confirm(self.budget)
        self.entries_made: list[DayEntry] = []

    @rule()
    def confirm(self) -> None:
        self.tried(lambda: self.engagement.confirm(self.budget))

    @rule()
    def start(self) -> None:
        self.tried(lambda: self.engagement.start(self.budget))

    @rule()
    def deliver(self) -> None:
        self.tried(lambda: self.engagement.deliver(()))

    @rule()
    def close(self) -> None:
        undecided = sum(e.state in ("draft", "submitted", "rejected") for e in self.entries_made)
        self.tried(lambda: self.engagement.close(undecided, ()))

    @rule()
    def cancel(self) -> None:
        self.tried(lambda: self.engagement.cancel("Not wanted any more", self.budget))

    @rule(
        target=entries,
        quarters=st.integers(1, 4),
        ago=st.integers(0, 6),
        chargeable=st.booleans(),
    )
    def log(self, quarters: int, ago: int, chargeable: bool) -> DayEntry | None:
        was_open = self.engagement.state in LOGGING_OPEN
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
        assert self.engagement.state is EngagementState.IN_PROGRESS
        self.entries_made.append(entry)
        return entry

    @rule(entry=entries, act=st.sampled_from(["submit", "approve", "reject"]))
    def decide(self, entry: DayEntry | None, act: str) -> None:
        if entry is None:
            return
        calls = {
            "submit": entry.submit,
            "approve": lambda: entry.approve("carla", None),
            "reject": lambda: entry.reject("Wrong date", "carla", None),
        }
        self.tried(calls[act])

    @rule(entry=entries, quarters=st.integers(1, 4))
    def correct(self, entry: DayEntry | None, quarters: int) -> None:
        if entry is None:
            return
        changed = worked(str(Decimal(quarters) / 4), entry.worked.worked_on)
        self.tried(lambda: self.office.log.correct_days(entry, changed, "amina"))

    @rule(entry=consumes(entries), reverse=st.booleans())
    def undo(self, entry: DayEntry | None, reverse: bool) -> None:
        if entry is None:
            return
        log = self.office.log
        self.tried(
            lambda: log.reverse_days(entry, "Wrong") if reverse else log.withdraw_days(entry)
        )

    def tried(self, act: Callable[[], Any]) -> tuple[Refusal | None, Any]:
        """What came of it. A refusal rolls back, as its transaction would."""
        before, consumed = self.engagement.state, self.budget.consumed
        taken = {key: diary_date.taken for key, diary_date in self.office.diary.items()}
        refusal, result = None, None
        try:
            result = act()
        except Refusal as refused:
            refusal = refused
            assert self.engagement.state is before
            self.budget.consumed = consumed
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
