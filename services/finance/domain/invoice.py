"""An invoice from draft to paid, void or uncollectible, and the payments it received."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from services.finance.domain.figures import Figures
from services.finance.domain.pack import InvoicePack
from shared.aggregate import Aggregate
from shared.errors import Conflict, Invalid
from shared.events.finance import (
    InvoiceDrafted,
    InvoiceOpened,
    InvoiceOverdue,
    InvoicePaid,
    InvoiceUncollectible,
    InvoiceVoided,
    PaymentRecorded,
)
from shared.identifiers import new_id
from shared.money import Money, total


class InvoiceState(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    PAID = "paid"
    VOID = "void"
    UNCOLLECTIBLE = "uncollectible"


class Standing(StrEnum):
    """What people call an invoice on a day: its state, with open seen more closely."""

    DRAFT = "draft"
    OPEN = "open"
    PART_PAID = "part_paid"
    OVERDUE = "overdue"
    PAID = "paid"
    VOID = "void"
    UNCOLLECTIBLE = "uncollectible"


@dataclass(frozen=True)
class Payment:
    payment_id: UUID
    amount: Money
    received_on: date
    bank_reference: str | None
    recorded_by: str


@dataclass(eq=False, kw_only=True)
class Invoice(Aggregate):
    """``draft → open → paid``, ``draft | open → void``, ``open → uncollectible``.

    Money may still come in on an uncollectible invoice; paid in full it is paid after all.
    """

    kind: ClassVar[str] = "invoice"

    id: UUID
    number: str | None
    pack_id: UUID
    contract_id: UUID
    contract_reference: str
    partner_id: UUID
    milestone_id: UUID | None
    total: Money
    state: InvoiceState
    issued_on: date | None
    due_on: date | None
    payments: tuple[Payment, ...]
    overdue_noted: bool
    reason: str | None  # why it was voided or given up
    version: int = 0

    @classmethod
    def draft(cls, pack: InvoicePack) -> "Invoice":
        """The invoice of a pack, without a number until it is opened."""
        invoice = cls(
            id=pack.invoice_id,
            number=None,
            pack_id=pack.id,
            contract_id=pack.contract_id,
            contract_reference=pack.contract_reference,
            partner_id=pack.partner_id,
            milestone_id=pack.milestone_id,
            total=pack.total,
            state=InvoiceState.DRAFT,
            issued_on=None,
            due_on=None,
            payments=(),
            overdue_noted=False,
            reason=None,
        )
        invoice.record(
            InvoiceDrafted(
                invoice_id=invoice.id,
                pack_id=pack.id,
                contract_id=pack.contract_id,
                partner_id=pack.partner_id,
                milestone_id=pack.milestone_id,
                total=pack.total,
            )
        )
        return invoice

    @property
    def paid(self) -> Money:
        return total([each.amount for each in self.payments], self.total.currency)

    @property
    def outstanding(self) -> Money:
        """Still to be received; nothing before the invoice is opened or once it is void."""
        if self.state in (InvoiceState.DRAFT, InvoiceState.VOID):
            return Money.zero(self.total.currency)
        return self.total - self.paid

    @property
    def figures(self) -> Figures:
        """What this invoice adds to the figures of its account."""
        zero = Money.zero(self.total.currency)
        if self.state is InvoiceState.VOID:
            return Figures.none(self.total.currency)
        if self.state is InvoiceState.DRAFT:
            return Figures(drafted=self.total, invoiced=zero, paid=zero, written_off=zero)
        given_up = self.state is InvoiceState.UNCOLLECTIBLE
        return Figures(
            drafted=zero,
            invoiced=self.total,
            paid=self.paid,
            written_off=self.outstanding if given_up else zero,
        )

    def is_overdue(self, on: date) -> bool:
        """Open, and the day it was due on has passed."""
        return self.state is InvoiceState.OPEN and self.due_on is not None and self.due_on < on

    def standing(self, on: date) -> Standing:
        """Overdue comes before part-paid: it is what needs somebody."""
        if self.is_overdue(on):
            return Standing.OVERDUE
        if self.state is InvoiceState.OPEN and self.payments:
            return Standing.PART_PAID
        return Standing(self.state)

    def open(self, *, number: str, on: date, payment_days: int) -> None:
        """Give it its number and send it: due `payment_days` after `on`."""
        self._require(InvoiceState.DRAFT, to="open it")
        self.state = InvoiceState.OPEN
        self.number = number
        self.issued_on = on
        self.due_on = on + timedelta(days=payment_days)
        self.record(
            InvoiceOpened(
                invoice_id=self.id,
                number=number,
                contract_id=self.contract_id,
                partner_id=self.partner_id,
                milestone_id=self.milestone_id,
                total=self.total,
                issued_on=self.issued_on,
                due_on=self.due_on,
            )
        )

    def receive(
        self,
        amount: Money,
        *,
        received_on: date,
        bank_reference: str | None,
        by: str,
        today: date,
    ) -> None:
        """A payment, whole or in part; the last one makes the invoice paid."""
        self._require(InvoiceState.OPEN, InvoiceState.UNCOLLECTIBLE, to="record a payment on it")
        self._check_payment(amount, received_on, today)
        payment = Payment(
            payment_id=new_id(),
            amount=amount,
            received_on=received_on,
            bank_reference=bank_reference,
            recorded_by=by,
        )
        self.payments = (*self.payments, payment)
        self.record(
            PaymentRecorded(
                invoice_id=self.id,
                number=self._number,
                contract_id=self.contract_id,
                partner_id=self.partner_id,
                payment_id=payment.payment_id,
                amount=amount,
                outstanding=self.outstanding,
                received_on=received_on,
            )
        )
        if not self.outstanding:
            self._become_paid()

    def void(self, reason: str) -> None:
        """Take it back as if it had never been. Raises Conflict once money came in."""
        self._require(InvoiceState.DRAFT, InvoiceState.OPEN, to="void it")
        if self.payments:
            raise Conflict(
                f"{self._number} has received {self.paid}: an invoice with payments cannot be "
                "voided. Mark what is outstanding as uncollectible instead.",
                rule="void-without-payments",
                field="state",
                accepted="an invoice without payments",
            )
        self.state = InvoiceState.VOID
        self.reason = reason
        self.record(
            InvoiceVoided(
                invoice_id=self.id,
                contract_id=self.contract_id,
                partner_id=self.partner_id,
                milestone_id=self.milestone_id,
                reason=reason,
            )
        )

    def give_up(self, reason: str) -> None:
        """What is outstanding will not be received."""
        self._require(InvoiceState.OPEN, to="mark it uncollectible")
        self.state = InvoiceState.UNCOLLECTIBLE
        self.reason = reason
        self.record(
            InvoiceUncollectible(
                invoice_id=self.id,
                number=self._number,
                contract_id=self.contract_id,
                partner_id=self.partner_id,
                outstanding=self.outstanding,
                reason=reason,
            )
        )

    def note_overdue(self, on: date) -> None:
        """Said once, on the first day after the due date that this is asked; safe to ask again."""
        if self.overdue_noted or not self.is_overdue(on):
            return
        assert self.due_on is not None
        self.overdue_noted = True
        self.record(
            InvoiceOverdue(
                invoice_id=self.id,
                number=self._number,
                contract_id=self.contract_id,
                partner_id=self.partner_id,
                outstanding=self.outstanding,
                due_on=self.due_on,
            )
        )

    @property
    def _number(self) -> str:
        assert self.number is not None  # every state after draft has one
        return self.number

    def _require(self, *states: InvoiceState, to: str) -> None:
        if self.state in states:
            return
        accepted = " or ".join(states)
        raise Conflict(
            f"{self.number or 'This invoice'} is {self.state}; to {to} it must be {accepted}.",
            rule="invoice-state",
            field="state",
            accepted=accepted,
        )

    def _check_payment(self, amount: Money, received_on: date, today: date) -> None:
        if amount.currency != self.total.currency:
            raise Invalid(
                f"{self._number} is in {self.total.currency}; the payment is in "
                f"{amount.currency}. Enter what it came to in {self.total.currency}.",
                rule="payment-in-invoice-currency",
                field="amount.currency",
                accepted=self.total.currency,
            )
        if amount.minor <= 0:
            raise Invalid(
                "A payment is more than nothing.",
                rule="payment-above-zero",
                field="amount",
                accepted=f"more than 0 and at most {self.outstanding}",
            )
        if amount > self.outstanding:
            raise Invalid(
                f"{amount} is more than the {self.outstanding} outstanding on {self._number}. "
                "Record what belongs to this invoice here and the rest on the invoice it pays.",
                rule="no-overpayment",
                field="amount",
                accepted=f"at most {self.outstanding}",
            )
        if received_on > today:
            raise Invalid(
                f"A payment cannot be received on {received_on}, which is still to come.",
                rule="payment-not-in-future",
                field="received_on",
                accepted=f"a date up to {today}",
            )

    def _become_paid(self) -> None:
        self.state = InvoiceState.PAID
        self.reason = None
        self.record(
            InvoicePaid(
                invoice_id=self.id,
                number=self._number,
                contract_id=self.contract_id,
                partner_id=self.partner_id,
                milestone_id=self.milestone_id,
                total=self.total,
                paid_on=max(each.received_on for each in self.payments),
            )
        )
