"""What an invoice or a credit note says, and what of it is settled."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from services.finance.domain.figures import Figures
from shared.aggregate import Aggregate
from shared.errors import Conflict
from shared.money import Money, total


class InvoiceState(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    PAID = "paid"
    VOID = "void"
    UNCOLLECTIBLE = "uncollectible"


class Standing(StrEnum):
    """What people call an invoice on a day: its state, with open and paid seen more closely."""

    DRAFT = "draft"
    OPEN = "open"
    PART_PAID = "part_paid"
    OVERDUE = "overdue"
    PAID = "paid"
    CREDITED = "credited"  # credit notes take back, or settle, all that it asked for
    SETTLED = "settled"  # a credit note that was refunded or set off
    VOID = "void"
    UNCOLLECTIBLE = "uncollectible"


class PaymentKind(StrEnum):
    RECEIVED = "received"
    REFUNDED = "refunded"
    SET_OFF = "set_off"  # against another document; no money moved


@dataclass(frozen=True)
class Payment:
    """What settled a part of a document; positive where the partner gave, negative where we did.

    A set-off stands on two documents under one id, with opposite amounts. is_credit: it comes from
    a credit note that was made for something else.
    """

    payment_id: UUID
    kind: PaymentKind
    amount: Money
    paid_on: date
    recorded_by: str
    bank_reference: str | None = None
    other_invoice_id: UUID | None = None
    is_credit: bool = False
    reversed_on: date | None = None
    reversal_reason: str | None = None
    reversed_by: str | None = None

    @property
    def stands(self) -> bool:
        return self.reversed_on is None


@dataclass(eq=False, kw_only=True)
class Document(Aggregate):
    """An invoice; with a negative total, a credit note."""

    kind: ClassVar[str] = "invoice"

    id: UUID
    number: str | None
    pack_id: UUID
    contract_id: UUID
    contract_reference: str
    partner_id: UUID
    milestone_id: UUID | None
    credits_invoice_id: UUID | None  # a credit note for one invoice
    total: Money
    state: InvoiceState
    ready_on: date  # the pack was ready
    purchase_order: str | None
    issued_on: date | None
    payable_from: date | None  # the first possible date of a payment
    due_on: date | None
    payments: tuple[Payment, ...]
    settlement: int  # counts payments and their reversals
    credited: Money  # by the credit notes that stand for this invoice, drafts included
    overdue_noted: bool
    reason: str | None  # why it was voided or given up
    #: The sums of the fields above in minor units, for lists to filter by and to add up.
    currency: str
    total_minor: int
    paid_minor: int = 0
    outstanding_minor: int = 0
    #: Credited over an amount, while as much of it stays billed; drafts included.
    reduced_minor: int = 0
    #: By credit notes for this invoice that were issued.
    credits_issued_minor: int = 0
    is_credited: bool = False
    version: int = 0

    @property
    def is_credit_note(self) -> bool:
        return self.total.minor < 0

    @property
    def is_issued(self) -> bool:
        return self.state not in (InvoiceState.DRAFT, InvoiceState.VOID)

    @property
    def paid(self) -> Money:
        """Money received, less money paid back."""
        return self._settled_by(PaymentKind.RECEIVED, PaymentKind.REFUNDED)

    @property
    def reduced(self) -> Money:
        return Money(self.reduced_minor, self.currency)

    @reduced.setter
    def reduced(self, amount: Money) -> None:
        self.reduced_minor = amount.minor

    @property
    def net_set_off(self) -> Money:
        """Settled by what other documents owed the partner; negative on those."""
        return self._settled_by(PaymentKind.SET_OFF)

    @property
    def outstanding(self) -> Money:
        """Still to be received; negative: owed to the partner. Nothing before it is issued."""
        if not self.is_issued:
            return Money.zero(self.currency)
        return self.total - self._settled_by(*PaymentKind)

    @property
    def owed(self) -> Money:
        """Owed to the partner on this document; none or more."""
        return max(-self.outstanding, Money.zero(self.currency))

    @property
    def receivable(self) -> Money:
        """Still to be received; none or more."""
        return max(self.outstanding, Money.zero(self.currency))

    @property
    def figures(self) -> Figures:
        """What this document adds to the figures of its account."""
        zero = Money.zero(self.currency)
        if self.state is InvoiceState.VOID:
            return Figures.none(self.currency)
        if self.state is InvoiceState.DRAFT:
            return replace(Figures.none(self.currency), drafted=self.total)
        given_up = self.state is InvoiceState.UNCOLLECTIBLE
        return Figures(
            drafted=zero,
            invoiced=self.total,
            paid=self.paid,
            set_off=self.net_set_off,
            written_off=self.receivable if given_up else zero,
            outstanding=zero if given_up else self.receivable,
            owed=self.owed,
        )

    def is_overdue(self, on: date) -> bool:
        """Open, and the day it was due on has passed. A credit note is due on no day."""
        return self.state is InvoiceState.OPEN and self.due_on is not None and self.due_on < on

    def standing(self, on: date) -> Standing:
        """Overdue comes before part-paid: it is what needs somebody."""
        if self.is_overdue(on):
            return Standing.OVERDUE
        if self.state is InvoiceState.OPEN and self.outstanding_minor != self.total_minor:
            return Standing.PART_PAID
        if self.state is InvoiceState.PAID and self.is_credit_note:
            return Standing.SETTLED
        if self.is_credited:
            return Standing.CREDITED
        return Standing(self.state)

    @property
    def issued_number(self) -> str:
        assert self.number is not None  # every state after draft has one
        return self.number

    def _settled_by(self, *kinds: PaymentKind) -> Money:
        return total(
            [each.amount for each in self.payments if each.stands and each.kind in kinds],
            self.currency,
        )

    def _count(self) -> None:
        """After every change: the sums that lists know."""
        self.total_minor = self.total.minor
        self.paid_minor = self.paid.minor
        self.outstanding_minor = self.outstanding.minor
        credits = [each.amount.minor for each in self.payments if each.stands and each.is_credit]
        credited = self.credits_issued_minor + sum(credits)
        self.is_credited = self.state is InvoiceState.PAID and 0 < self.total_minor <= credited

    def _require(self, *states: InvoiceState, to: str) -> None:
        if self.state in states:
            return
        accepted = " or ".join(states)
        raise Conflict(
            f"{self.number or 'This invoice'} is {self.state}. To {to}, it must be {accepted}.",
            rule="invoice-state",
            field="state",
            accepted=accepted,
        )
