"""Events of the finance service."""

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
    """One line of an invoice-ready pack; `amount` = quantity × unit price, to the minor unit."""

    kind: LineKind
    description: str
    quantity: Decimal
    unit_price: Money
    amount: Money
    entry_id: UUID | None = None  # day lines: the approved entry that is billed here


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


@event("finance.invoice_drafted")
class InvoiceDrafted(Event):
    invoice_id: UUID
    pack_id: UUID
    contract_id: UUID
    partner_id: UUID
    milestone_id: UUID | None
    total: Money


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


@event("finance.payment_recorded")
class PaymentRecorded(Event):
    invoice_id: UUID
    number: str
    contract_id: UUID
    partner_id: UUID
    payment_id: UUID
    amount: Money
    outstanding: Money
    received_on: date


@event("finance.invoice_paid")
class InvoicePaid(Event):
    invoice_id: UUID
    number: str
    contract_id: UUID
    partner_id: UUID
    milestone_id: UUID | None
    total: Money
    paid_on: date


@event("finance.invoice_overdue")
class InvoiceOverdue(Event):
    """Recorded once, on the first day after the due date on which money is outstanding."""

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
