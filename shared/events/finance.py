"""Events of the finance service.

Invoices and credit notes are one kind of document: a credit note has a negative total, and what
is outstanding on it, negative too, is owed to the partner.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from shared.events.base import Event, event
from shared.events.vocabulary import LineKind
from shared.money import Money


@dataclass(frozen=True)
class ExpectedInvoice:
    milestone_id: UUID
    title: str
    due_on: date
    amount: Money


@dataclass(frozen=True)
class PackLine:
    """One line of an invoice-ready pack.

    `amount` is quantity × unit price, rounded so that all lines of a role at one price add up to
    exactly that price × the days that are billed in all. Credits have a negative quantity.
    """

    kind: LineKind
    description: str
    quantity: Decimal
    unit_price: Money
    amount: Money
    entry_id: UUID | None = None  # day lines: the approved entry that is billed here
    role: str | None = None  # day and rounding lines
    invoice_id: UUID | None = None  # over an amount: the invoice that is credited, or was before


@event("finance.account_opened")
class AccountOpened(Event):
    contract_id: UUID
    contract_reference: str
    partner_id: UUID
    currency: str
    value: Money
    expected: tuple[ExpectedInvoice, ...]


@event("finance.account_changed")
class AccountChanged(Event):
    contract_id: UUID
    terms_version: int
    value: Money
    expected: tuple[ExpectedInvoice, ...]


@event("finance.invoice_pack_prepared")
class InvoicePackPrepared(Event):
    """`total` may be zero, or negative where credits outweigh what is billed."""

    pack_id: UUID
    contract_id: UUID
    partner_id: UUID
    terms_version: int
    milestone_id: UUID | None
    purchase_order: str | None
    period_from: date
    period_to: date
    lines: tuple[PackLine, ...]
    total: Money
    credits_invoice_id: UUID | None = None  # the invoice that this pack takes back


@event("finance.invoice_drafted")
class InvoiceDrafted(Event):
    invoice_id: UUID
    pack_id: UUID
    contract_id: UUID
    partner_id: UUID
    milestone_id: UUID | None
    total: Money
    credits_invoice_id: UUID | None = None


@event("finance.invoice_opened")
class InvoiceOpened(Event):
    invoice_id: UUID
    number: str
    contract_id: UUID
    partner_id: UUID
    milestone_id: UUID | None
    total: Money
    issued_on: date
    due_on: date


@event("finance.credit_note_issued")
class CreditNoteIssued(Event):
    """`total` is negative: it is owed to the partner until it is set off or refunded."""

    invoice_id: UUID
    number: str
    contract_id: UUID
    partner_id: UUID
    milestone_id: UUID | None
    total: Money
    issued_on: date
    credits_invoice_id: UUID | None


@event("finance.invoice_corrected")
class InvoiceCorrected(Event):
    """The due date or the purchase order of an invoice was wrong."""

    invoice_id: UUID
    number: str | None
    contract_id: UUID
    partner_id: UUID
    due_on: date | None
    purchase_order: str | None
    reason: str


@event("finance.payment_recorded")
class PaymentRecorded(Event):
    """`outstanding` is negative where more was received than asked for: it is owed back.

    `settlement` counts what was settled on this document or taken back, here and below.
    """

    invoice_id: UUID
    number: str
    contract_id: UUID
    partner_id: UUID
    payment_id: UUID
    amount: Money
    outstanding: Money
    received_on: date
    settlement: int


@event("finance.refund_recorded")
class RefundRecorded(Event):
    """What was owed to the partner was paid out, whole or in part."""

    invoice_id: UUID
    number: str
    contract_id: UUID
    partner_id: UUID
    payment_id: UUID
    amount: Money
    outstanding: Money
    paid_on: date
    settlement: int


@event("finance.credit_set_off")
class CreditSetOff(Event):
    """What one document owes the partner was set off against another; each of both tells it."""

    invoice_id: UUID
    number: str
    contract_id: UUID
    partner_id: UUID
    payment_id: UUID
    other_invoice_id: UUID
    other_number: str
    amount: Money  # positive on the invoice that it settles, negative on the credit
    outstanding: Money
    set_off_on: date
    settlement: int


@event("finance.payment_reversed")
class PaymentReversed(Event):
    """A payment, refund or set-off did not stand: a wrong record, or the bank took it back."""

    invoice_id: UUID
    number: str
    contract_id: UUID
    partner_id: UUID
    payment_id: UUID
    amount: Money
    outstanding: Money
    reversed_on: date
    reason: str
    settlement: int


@event("finance.invoice_paid")
class InvoicePaid(Event):
    """Nothing is outstanding any more."""

    invoice_id: UUID
    number: str
    contract_id: UUID
    partner_id: UUID
    milestone_id: UUID | None
    total: Money
    paid_on: date


@event("finance.invoice_credited")
class InvoiceCredited(Event):
    """Nothing is outstanding any more, and credit notes take back, or settle, all it asked for.

    What had been received on it, if anything, is owed to the partner on its credit note.
    """

    invoice_id: UUID
    number: str
    contract_id: UUID
    partner_id: UUID
    milestone_id: UUID | None
    total: Money
    credited_on: date


@event("finance.credit_note_settled")
class CreditNoteSettled(Event):
    """Set off or refunded as a whole."""

    invoice_id: UUID
    number: str
    contract_id: UUID
    partner_id: UUID
    total: Money
    settled_on: date


@event("finance.invoice_overdue")
class InvoiceOverdue(Event):
    """Recorded on the first day after the due date on which money is outstanding.

    Once, and again only where a payment was reversed or the due date corrected since.
    """

    invoice_id: UUID
    number: str
    contract_id: UUID
    partner_id: UUID
    outstanding: Money
    due_on: date


@event("finance.invoice_voided")
class InvoiceVoided(Event):
    invoice_id: UUID
    contract_id: UUID
    partner_id: UUID
    milestone_id: UUID | None
    reason: str


@event("finance.invoice_uncollectible")
class InvoiceUncollectible(Event):
    invoice_id: UUID
    number: str
    contract_id: UUID
    partner_id: UUID
    outstanding: Money
    reason: str


@event("finance.invoice_reinstated")
class InvoiceReinstated(Event):
    """It was not uncollectible after all: open again."""

    invoice_id: UUID
    number: str
    contract_id: UUID
    partner_id: UUID
    outstanding: Money
    reason: str
