"""Whatever happens, in whatever order: days are billed once and the sums are those of a recount."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.finance.domain.account import Account
from services.finance.domain.approved_days import ApprovedDays
from services.finance.domain.billing import Bill, bill_milestone, bill_period, void
from services.finance.domain.crediting import (
    credit_amount,
    credit_in_full,
    issued,
    left_to_credit,
    void_credit,
)
from services.finance.domain.document import Document, InvoiceState, PaymentKind, Standing
from services.finance.domain.figures import Figures
from services.finance.domain.invoice import Invoice
from services.finance.domain.pack import InvoicePack
from services.finance.domain.policy import Policy
from services.finance.domain.reconciliation import Reconciliation
from services.finance.domain.reductions import ReducedInvoice
from services.finance.domain.settling import Transfer
from shared.errors import Refusal
from shared.events.contract import BudgetLine, ContractTerms
from shared.events.finance import PackLine
from shared.events.vocabulary import LineKind
from shared.money import Money, total
from tests.unit.finance.examples import (
    FINAL,
    INCEPTION,
    account,
    approved,
    issue,
    milestone,
    terms,
    terms_by_days,
)

START = date(2026, 1, 5)
LATEST = date(2027, 1, 1)
SOME_DAY = st.integers(0, 60).map(lambda n: START + timedelta(days=n))
WHICH = st.integers(0, 1_000)
#: Rates of which quarters do not come out even, in whole yen, pence and fils.
RATES = {
    "JPY": ("33333", "70050"),
    "GBP": ("850.75", "700.50"),
    "JOD": ("101.505", "99.001"),
}


class Ledger(RuleBasedStateMachine):
    """One contract, invoiced by milestones or by days as its terms have it at the time."""

    account: Account
    number = 0

    @initialize(by_days=st.booleans(), currency=st.sampled_from(sorted(RATES)))
    def open_account(self, by_days: bool, currency: str) -> None:
        self.currency = currency
        self.account = account(self._terms(1, by_days, 0))
        self.days: list[ApprovedDays] = []
        self.packs: list[InvoicePack] = []
        self.invoices: list[Invoice] = []
        self._open_elsewhere()

    @rule(
        worked_on=SOME_DAY,
        days=st.sampled_from(["0.25", "0.5", "0.75", "1"]),
        role=st.sampled_from(["senior adviser", "adviser"]),
    )
    def approve(self, worked_on: date, days: str, role: str) -> None:
        self.days.append(approved(worked_on, days, role))

    @rule(which=WHICH)
    def reverse(self, which: int) -> None:
        if self.days:
            self.days[which % len(self.days)].reversed = True

    @rule(
        milestone_id=st.sampled_from([INCEPTION, FINAL]),
        quarters=st.sampled_from([None, 0, 1, 2, 3, 4]),
        on=SOME_DAY,
    )
    def decide_milestone(self, milestone_id: UUID, quarters: int | None, on: date) -> None:
        """quarters: None: an earlier decision is withdrawn."""
        with self._rolled_back_if_refused():
            amount = self.account.payment(milestone_id).amount
            part = None if quarters is None else amount * (Decimal(quarters) / 4)
            self.account.note_decided(milestone_id, part, on)
            self._keep(
                bill_milestone(self.account, milestone_id, self.days, self.reduced, None, START)
            )

    @rule(starts_on=SOME_DAY, length=st.integers(0, 60))
    def bill_days(self, starts_on: date, length: int) -> None:
        with self._rolled_back_if_refused():
            ends_on = starts_on + timedelta(days=length)
            self._keep(
                bill_period(self.account, starts_on, ends_on, self.days, self.reduced, START)
            )

    @rule()
    def invoice_all_days(self) -> None:
        with self._rolled_back_if_refused():
            year = START, START + timedelta(days=365)
            self._keep(bill_period(self.account, *year, self.days, self.reduced, START))
            self.open_invoice(len(self.invoices) - 1)

    @rule(which=WHICH)
    def credit_all_days_of(self, which: int) -> None:
        invoice = self._some(which, self._issued)
        if invoice is None:
            return
        for each in self._pack_of(invoice)[1]:
            each.reversed = True
        self.invoice_all_days()

    @rule(by_days=st.booleans(), raised=st.integers(0, 1))
    def amend(self, by_days: bool, raised: int) -> None:
        self.account.take_terms(self._terms(self.account.terms_version + 1, by_days, raised))

    @rule(which=WHICH)
    def open_invoice(self, which: int) -> None:
        self.number += 1
        number = f"INV-2026-{self.number:04d}"
        invoice = self._some(which)
        if invoice is None:
            return
        credited = self._credited_by(invoice)
        with self._rolled_back_if_refused(), self.account.counting(invoice):
            invoice.open(
                number=number,
                issued_on=START,
                due_on=None,
                payment_days=30,
                earliest=START,
                latest=LATEST,
                policy=Policy(),
            )
        if invoice.number == number and credited is not None:
            issued(self.account, invoice, credited, on=START, by="fin")

    @rule(which=WHICH, minor=st.integers(1, 5_000_000), keep=st.booleans())
    def pay(self, which: int, minor: int, keep: bool) -> None:
        transfer = Transfer(Money(minor, self.currency), START, None, "fin")
        self._change(
            which,
            lambda each: (each.receive_with_surplus if keep else each.receive)(
                transfer, latest=LATEST
            ),
        )

    @rule(which=WHICH)
    def pay_the_rest(self, which: int) -> None:
        self._change(
            which,
            lambda each: each.receive(
                Transfer(each.outstanding, START, None, "fin"), latest=LATEST
            ),
        )

    @rule(which=WHICH)
    def refund(self, which: int) -> None:
        self._change(
            which,
            lambda each: each.refund(Transfer(each.owed, START, None, "fin"), latest=LATEST),
        )

    @rule(which=WHICH, against=WHICH)
    def set_off(self, which: int, against: int) -> None:
        credit, invoice = self._some(which), self._some(against)
        if credit is None or invoice is None or credit is invoice:
            return
        with self._rolled_back_if_refused(), self.account.counting(credit):
            self.set_off_against(credit, invoice, min(credit.owed, invoice.receivable))

    @rule(which=WHICH)
    def set_off_under_another_contract(self, which: int) -> None:
        credit = self._some(which)
        if credit is None:
            return
        amount = min(credit.owed, self.elsewhere.receivable)
        with self._rolled_back_if_refused(), self.account.counting(credit):
            credit.set_off(self.elsewhere, amount, on=START, by="fin")

    @rule(which=WHICH, payment=WHICH)
    def reverse_payment(self, which: int, payment: int) -> None:
        invoice = self._some(which)
        if invoice is None or not invoice.payments:
            return
        reversed_one = invoice.payments[payment % len(invoice.payments)]
        if not reversed_one.stands:
            return
        concerned = invoice.id, reversed_one.other_invoice_id
        for each in [e for e in self.invoices if e.id in concerned]:
            with self.account.counting(each):
                self._sent_back(each, reversed_one.payment_id)
        if self.elsewhere.id in concerned:
            self._sent_back(self.elsewhere, reversed_one.payment_id)

    @rule(which=WHICH, part=st.sampled_from([None, 1, 7, 60, 99, 100]))
    def credit(self, which: int, part: int | None) -> None:
        invoice = self._some(which, self._issued)
        if invoice is None:
            return
        pack, days = self._pack_of(invoice)
        with self._rolled_back_if_refused():
            concerned = self.account, invoice, pack, days, self.named
            if part is None:
                self._keep(credit_in_full(*concerned, "Wrong.", START))
                return
            left = left_to_credit(self.account, invoice, pack, days)
            amount = Money(left.minor * part // 100, self.currency)
            self._keep(credit_amount(*concerned, amount, "Late.", START))

    @rule(which=WHICH)
    def give_up(self, which: int) -> None:
        self._change(which, lambda each: each.give_up("The college was closed."))

    @rule(which=WHICH)
    def reinstate(self, which: int) -> None:
        self._change(which, lambda each: each.reinstate("It was reopened."))

    @rule(which=WHICH)
    def void(self, which: int) -> None:
        invoice = self._some(which)
        if invoice is None:
            return
        pack, days = self._pack_of(invoice)
        credited = self._credited_by(invoice)
        with self._rolled_back_if_refused():
            if credited is None:
                void(self.account, invoice, pack, days, self.named, "Wrong.")
            else:
                void_credit(
                    self.account, invoice, pack, credited, days, self.named, "Wrong.", START
                )

    @invariant()
    def each_day_is_billed_at_most_once_net(self) -> None:
        net: Counter[object] = Counter()
        for line in self._standing_lines():
            if line.entry_id is not None:
                net[line.entry_id] += line.quantity  # type: ignore[assignment]
        billed = {e.entry_id: e.days for e in self.days if e.pack_id and not e.credit_pack_id}
        assert {entry: days for entry, days in net.items() if days} == billed

    @invariant()
    def lines_of_a_role_add_up_to_its_days_at_their_price_once_rounding_is_taken_up(self) -> None:
        amounts: dict[tuple[str, Money], list[PackLine]] = {}
        for line in self._standing_lines():
            if line.role is not None:
                amounts.setdefault((line.role, line.unit_price), []).append(line)
        for (_, price), lines in amounts.items():
            exact = price * sum((line.quantity for line in lines), Decimal(0))
            billed = total([line.amount for line in lines], self.currency)
            residue = sum(
                each.residue.minor
                for each in self.account.days_billed
                if (each.role, each.price) == (lines[0].role, price)
            )
            assert billed.minor + residue == exact.minor
            voided = any(not pack.stands or pack.credits_invoice_id for pack in self.packs)
            assert voided or not residue

    @invariant()
    def every_total_is_the_sum_of_its_lines(self) -> None:
        for pack in self.packs:
            assert pack.total == total([line.amount for line in pack.lines], self.currency)

    @invariant()
    def the_figures_are_those_of_a_recount(self) -> None:
        recount = Figures.none(self.currency)
        for invoice in self.invoices:
            recount += invoice.figures
        assert self.account.figures == recount
        assert (
            recount.invoiced - recount.paid - recount.set_off - recount.written_off
            == recount.outstanding - recount.owed
        )
        assert recount.set_off == -self.elsewhere.net_set_off
        assert recount.outstanding.minor >= 0
        assert recount.owed.minor >= 0

    @invariant()
    def lists_know_the_sums_of_every_document(self) -> None:
        for each in self.invoices:
            assert (each.total_minor, each.paid_minor, each.outstanding_minor) == (
                each.total.minor,
                each.paid.minor,
                each.outstanding.minor,
            )

    @invariant()
    def every_difference_has_its_causes(self) -> None:
        reconciled = Reconciliation.of(
            self.account, self.days, self.packs, self.invoices, self.reduced
        )
        assert not reconciled.unexplained
        assert bool(reconciled.causes) or not reconciled.difference

    @invariant()
    def no_more_of_an_invoice_is_credited_than_it_asked_for(self) -> None:
        for each in self.invoices:
            assert each.credited <= max(each.total, Money.zero(self.currency))

    @invariant()
    def no_more_is_credited_in_all_than_was_billed(self) -> None:
        """But for pennies that the next pack rounds."""
        asked_for = self.account.figures.drafted + self.account.figures.invoiced
        residue = total([each.residue for each in self.account.days_billed], self.currency)
        assert (asked_for + residue).minor >= 0

    @invariant()
    def what_is_reduced_is_what_its_lines_say_and_no_more_than_stays_billed(self) -> None:
        lines = self._standing_lines()
        for each in self.invoices:
            credits = [line.amount for line in lines if line.invoice_id == each.id]
            assert each.reduced == -total(credits, self.currency)
            assert each.reduced <= max(self._stays_billed(each), Money.zero(self.currency))

    @invariant()
    def what_is_billed_of_a_milestone_is_what_its_packs_ask_for(self) -> None:
        for each in self.account.expected:
            fees = [
                pack.fee
                for pack in self.packs
                if pack.stands and pack.milestone_id == each.milestone_id
            ]
            assert each.billed == total(fees, self.currency)
            assert each.billed.minor >= 0
            left = [each.left_on(pack_id) for pack_id in each.pack_ids]
            assert total(left, self.currency) == each.billed

    @invariant()
    def what_credits_take_back_or_settle_reads_credited_and_what_is_paid_reads_paid(self) -> None:
        for each in self.invoices:
            notes = [e for e in self.invoices if e.credits_invoice_id == each.id and e.is_issued]
            credits = [-e.total for e in notes] + [
                payment.amount
                for payment in each.payments
                if payment.stands and payment.kind is PaymentKind.SET_OFF
                if self._by_id(payment.other_invoice_id).is_credit_note
                if self._by_id(payment.other_invoice_id) not in notes
            ]
            whole = 0 < each.total.minor <= total(credits, self.currency).minor
            settled = each.state is InvoiceState.PAID and not each.is_credit_note
            standing = each.standing(START)
            assert (standing is Standing.CREDITED) == (settled and whole)
            assert (standing is Standing.PAID) == (settled and not whole)

    def _stays_billed(self, invoice: Invoice) -> Money:
        """The lines of its pack that bill, but for days that other packs credit."""
        pack, days = self._pack_of(invoice)
        left = {e.entry_id for e in days if e.pack_id == pack.id and e.credit_pack_id is None}
        fees = [e.left_on(pack.id) for e in self.account.expected]
        lines = [
            line.amount
            for line in pack.lines
            if line.kind is LineKind.ROUNDING or (line.entry_id in left and line.quantity > 0)
        ]
        return total([*fees, *lines], self.currency)

    @property
    def named(self) -> dict[UUID, Invoice]:
        return {each.id: each for each in self.invoices}

    @property
    def reduced(self) -> list[ReducedInvoice]:
        return [ReducedInvoice(e, *self._pack_of(e)) for e in self.invoices if e.reduced]

    def set_off_against(self, credit: Invoice, invoice: Invoice, amount: Money) -> None:
        with self.account.counting(invoice):
            credit.set_off(invoice, amount, on=START, by="fin")

    @contextmanager
    def _rolled_back_if_refused(self) -> Iterator[None]:
        """As a transaction, of which nothing is left where the command is refused."""
        names = ("account", "days", "packs", "invoices", "elsewhere")
        before = deepcopy({name: getattr(self, name) for name in names})
        try:
            yield
        except Refusal:
            vars(self).update(before)

    def _open_elsewhere(self) -> None:
        """An invoice under another contract of the same partner."""
        other = account(self._terms(1, False, 0))
        other.note_decided(FINAL, other.payment(FINAL).amount, START)
        _, self.elsewhere = bill_milestone(other, FINAL, (), (), None, START)
        issue(self.elsewhere, on=START)

    def _sent_back(self, invoice: Invoice, payment_id: UUID) -> None:
        invoice.reverse(payment_id, reason="Sent back.", reversed_on=START, by="fin", latest=LATEST)

    def _terms(self, version: int, by_days: bool, raised: int) -> ContractTerms:
        rates = RATES[self.currency]
        money = {
            "value": Money(10_000_000, self.currency),
            "day_budget": (
                BudgetLine("senior adviser", Decimal(40), Money.of(rates[raised], self.currency)),
                BudgetLine("adviser", Decimal(60), Money.of(rates[1 - raised], self.currency)),
            ),
        }
        if by_days:
            return terms_by_days(version, **money)
        amounts = (
            Money(4_000_001 - raised, self.currency),
            Money(5_999_999 + raised, self.currency),
        )
        milestones = (milestone(INCEPTION, amounts[0]), milestone(FINAL, amounts[1]))
        return terms(version, milestones=milestones, **money)

    def _standing_lines(self) -> list[PackLine]:
        return [line for pack in self.packs if pack.stands for line in pack.lines]

    @property
    def _issued(self) -> list[Invoice]:
        return [e for e in self.invoices if e.is_issued and not e.is_credit_note]

    def _some(self, which: int, among: list[Invoice] | None = None) -> Invoice | None:
        invoices = self.invoices if among is None else among
        return invoices[which % len(invoices)] if invoices else None

    def _by_id(self, id: UUID | None) -> Invoice:
        return next(e for e in (*self.invoices, self.elsewhere) if e.id == id)

    def _credited_by(self, credit: Document) -> Invoice | None:
        return next((e for e in self.invoices if e.id == credit.credits_invoice_id), None)

    def _pack_of(self, invoice: Invoice) -> tuple[InvoicePack, list[ApprovedDays]]:
        pack = next(each for each in self.packs if each.id == invoice.pack_id)
        named = {line.entry_id for line in pack.lines}
        return pack, [each for each in self.days if each.entry_id in named]

    def _keep(self, bill: Bill) -> None:
        self.packs.append(bill[0])
        self.invoices.append(bill[1])

    def _change(self, which: int, change: Callable[[Invoice], None]) -> None:
        invoice = self._some(which)
        if invoice is None:
            return
        with self._rolled_back_if_refused(), self.account.counting(invoice):
            change(invoice)


LedgerTest = pytest.mark.row("N4", "N5", "N6")(Ledger.TestCase)
LedgerTest.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
