"""Whatever happens to plans, entries and terms, the live figures equal a recount (C10)."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from services.contract.domain.day_budget import (
    DayBudget,
    EntryState,
    KnownEntry,
    KnownPlan,
    RoleDays,
    recount,
)
from shared.events.consultancy import TeamMember
from shared.events.contract import BudgetLine, DayBudgetAlert
from shared.identifiers import new_id
from tests.unit.contract.story import POLICY, TODAY, gbp, terms

ROLES = st.sampled_from(["educator", "clinician", "translator"])
QUARTERS = st.integers(1, 8).map(lambda quarters: Decimal(quarters) / 4)


class DayBudgetMachine(RuleBasedStateMachine):
    plans = Bundle("plans")
    entries = Bundle("entries")

    def __init__(self) -> None:
        super().__init__()
        agreed = terms(day_budget=(BudgetLine("educator", Decimal(5), gbp(900)),))
        self.budget = DayBudget.of(new_id(), new_id(), agreed)
        self.known: dict[object, KnownPlan | KnownEntry] = {}
        self.raised: list[tuple[int, str, int]] = []

    def _tell(self, told: KnownPlan | KnownEntry) -> None:
        before = self.known.get(told.id)
        self.budget.count(before.counts if before else (), told.counts, TODAY, POLICY)
        self.known[told.id] = told

    @rule(target=plans, role=ROLES, days=QUARTERS)
    def plan(self, role: str, days: Decimal) -> object:
        made = new_id()
        self._tell(KnownPlan(id=made, contract_id=self.budget.id, team=self._team(role, days)))
        return made

    @rule(made=plans, role=ROLES, days=QUARTERS)
    def replan(self, made, role: str, days: Decimal) -> None:
        self._tell(KnownPlan(id=made, contract_id=self.budget.id, team=self._team(role, days)))

    @rule(made=consumes(plans))
    def cancel(self, made) -> None:
        self._tell(KnownPlan(id=made, contract_id=self.budget.id, team=()))

    @rule(target=entries, role=ROLES, days=QUARTERS, chargeable=st.booleans())
    def log(self, role: str, days: Decimal, chargeable: bool) -> KnownEntry:
        entry = KnownEntry(
            id=new_id(),
            contract_id=self.budget.id,
            engagement_id=new_id(),
            role=role,
            worked_on=TODAY,
            days=days,
            chargeable=chargeable,
            state=EntryState.LOGGED,
        )
        self._tell(entry)
        return entry

    @rule(entry=entries, state=st.sampled_from(EntryState))
    def move(self, entry: KnownEntry, state: EntryState) -> None:
        """Also in orders that the consultancy service never sends: the figures must still hold."""
        self._tell(replace(entry, state=state))

    @rule(days=st.integers(1, 10))
    def change_terms(self, days: int) -> None:
        line = BudgetLine("educator", Decimal(days), gbp(900))
        changed = terms(version=self.budget.terms_version + 1, day_budget=(line,))
        self.budget.take_terms(changed, TODAY, POLICY)

    @invariant()
    def figures_equal_a_recount(self) -> None:
        assert self.budget.roles == recount(self.known.values())

    @invariant()
    def remaining_is_bought_less_approved(self) -> None:
        approved = sum(
            (e.consumes for e in self.known.values() if isinstance(e, KnownEntry)), Decimal(0)
        )
        bought = sum((line.days for line in self.budget.lines), Decimal(0))
        remaining = (self.budget.remaining_of(role) for role in self.budget.all_roles)
        assert sum(remaining, Decimal(0)) == bought - approved

    @invariant()
    def nothing_is_ever_counted_below_zero(self) -> None:
        for days in self.budget.roles:
            assert min(days.planned, days.logged, days.approved, days.rejected) >= 0, RoleDays

    @invariant()
    def every_alert_comes_once_a_version(self) -> None:
        self.raised += [
            (e.terms_version, e.role, e.percent)
            for e in self.budget.collect()
            if isinstance(e, DayBudgetAlert)
        ]
        assert len(self.raised) == len(set(self.raised))

    @staticmethod
    def _team(role: str, days: Decimal) -> tuple[TeamMember, ...]:
        return (TeamMember(new_id(), role, days),)


DayBudgetMachine.TestCase.settings = settings(
    max_examples=40, stateful_step_count=30, deadline=None
)
TestDayBudget = pytest.mark.row("C10")(DayBudgetMachine.TestCase)
