"""Whatever happens, in whatever order: days are billed once and the sums are those of a recount."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.finance.domain.account import Account
from services.finance.domain.approved_days import ApprovedDays
from services.finance.domain.billing import bill_milestone, bill_period, void
from services.finance.domain.figures import Figures
from services.finance.domain.invoice import Invoice
from services.finance.domain.pack import InvoicePack
from shared.errors import Refusal
from shared.events.finance import PackLine
from shared.money import Money, total
from tests.unit.finance.examples import (
    FINAL,
    INCEPTION,
    account,
    approved,
    terms,
    terms_by_days,
)

START = date(2026, 1, 5)
SOME_DAY = st.integers(0, 60).map(lambda n: START + timedelta(days=n))
WHICH = st.integers(0, 1_000)


class Ledger(RuleBasedStateMachine):
    """One contract, invoiced by milestones or by days as its terms have it at the time."""

    account: Account
    number = 0

    @initialize(by_days=st.booleans())
    def open_account(self, by_days: bool) -> None:
        self.account = account(terms_by_days() if by_days else terms())
        self.days: list[ApprovedDays] = []
        self.packs: list[InvoicePack] = []
        self.invoices: list[Invoice] = []

    @rule(
        worked_on=SOME_DAY,
        days=st.sampled_from(["0.25", "0.5", "1"]),
        role=st.sampled_from(["senior adviser", "adviser"]),
    )
    def approve(self, worked_on: date, days: str, role: str) -> None:
        self.days.append(approved(worked_on, days, role))

    @rule(which=WHICH)
    def reverse(self, which: int) -> None:
        if self.days:
            self.days[which % len(self.days)].reversed = True

    @rule(milestone_id=st.sampled_from([INCEPTION, FINAL]), on=SOME_DAY)
    def meet_milestone(self, milestone_id: UUID, on: date) -> None:
        with suppress(Refusal):
            self.account.note_met(milestone_id, on)
            self._keep(*bill_milestone(self.account, milestone_id, self.days, None))

    @rule(starts_on=SOME_DAY, length=st.integers(0, 30))
    def bill_days(self, starts_on: date, length: int) -> None:
        with suppress(Refusal):
            ends_on = starts_on + timedelta(days=length)
            self._keep(*bill_period(self.account, starts_on, ends_on, self.days))

    @rule(by_days=st.booleans())
    def amend(self, by_days: bool) -> None:
        version = self.account.terms_version + 1
        self.account.take_terms(terms_by_days(version) if by_days else terms(version))

    @rule(which=WHICH)
    def open_invoice(self, which: int) -> None:
        self.number += 1
        number = f"INV-2026-{self.number:04d}"
        self._change(which, lambda each: each.open(number=number, on=START, payment_days=30))

    @rule(which=WHICH, minor=st.integers(1, 5_000_000))
    def pay(self, which: int, minor: int) -> None:
        self._change(
            which,
            lambda each: each.receive(
                Money(minor, "GBP"),
                received_on=START,
                bank_reference=None,
                by="fin",
                today=START,
            ),
        )

    @rule(which=WHICH)
    def pay_the_rest(self, which: int) -> None:
        self._change(
            which,
            lambda each: each.receive(
                each.outstanding,
                received_on=START,
                bank_reference=None,
                by="fin",
                today=START,
            ),
        )

    @rule(which=WHICH)
    def give_up(self, which: int) -> None:
        self._change(which, lambda each: each.give_up("The college was closed."))

    @rule(which=WHICH)
    def void(self, which: int) -> None:
        if not self.invoices:
            return
        invoice = self.invoices[which % len(self.invoices)]
        pack = next(each for each in self.packs if each.id == invoice.pack_id)
        concerned = [each for each in self.days if pack.id in (each.pack_id, each.credit_pack_id)]
        with suppress(Refusal):
            void(self.account, invoice, pack, concerned, "Wrong.")

    @invariant()
    def each_day_is_billed_at_most_once_and_credited_at_most_once(self) -> None:
        billed: Counter[object] = Counter()
        credited: Counter[object] = Counter()
        for line in self._standing_lines():
            if line.entry_id is not None:
                (billed if line.quantity > 0 else credited)[line.entry_id] += 1
        assert set(billed.values()) | set(credited.values()) <= {1}
        assert set(credited) <= set(billed)

    @invariant()
    def what_days_know_of_packs_is_what_packs_say(self) -> None:
        lines = {
            (line.entry_id, line.quantity)
            for line in self._standing_lines()
            if line.entry_id is not None
        }
        known = {(e.entry_id, e.days) for e in self.days if e.pack_id is not None}
        known |= {(e.entry_id, -e.days) for e in self.days if e.credit_pack_id is not None}
        assert lines == known

    @invariant()
    def every_total_is_the_sum_of_its_lines_and_more_than_nothing(self) -> None:
        for pack in self.packs:
            assert pack.total == total([line.amount for line in pack.lines], "GBP")
            assert pack.total.minor > 0

    @invariant()
    def the_figures_are_those_of_a_recount(self) -> None:
        recount = Figures.none("GBP")
        for invoice in self.invoices:
            recount += invoice.figures
        assert self.account.figures == recount
        assert recount.outstanding.minor >= 0

    @invariant()
    def a_milestone_is_on_one_standing_pack_at_most(self) -> None:
        standing = [p.milestone_id for p in self.packs if p.stands and p.milestone_id is not None]
        assert len(standing) == len(set(standing))

    def _standing_lines(self) -> list[PackLine]:
        return [line for pack in self.packs if pack.stands for line in pack.lines]

    def _keep(self, pack: InvoicePack, invoice: Invoice) -> None:
        self.packs.append(pack)
        self.invoices.append(invoice)

    def _change(self, which: int, change: Callable[[Invoice], None]) -> None:
        if not self.invoices:
            return
        invoice = self.invoices[which % len(self.invoices)]
        with suppress(Refusal), self.account.counting(invoice):
            change(invoice)


LedgerTest = pytest.mark.row("N4")(pytest.mark.row("N5")(Ledger.TestCase))
LedgerTest.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
