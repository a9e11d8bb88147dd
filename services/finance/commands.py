"""What may be done to packs and invoices, and by whom."""

from typing import Any

from sqlalchemy import select

from services.finance import ledger, schemas
from services.finance.domain import billing
from services.finance.domain.account import Account
from services.finance.domain.invoice import Invoice, InvoiceState
from services.finance.domain.pack import InvoicePack
from services.finance.operations import operations
from services.finance.statements import InvoiceOnDay
from services.finance.store import invoices
from shared.events.permissions import Permission
from shared.work import Work


@operations.command(
    "POST /accounts/{id}/packs",
    needs=Permission.INVOICE_PREPARE,
    on=Account,
    needs_version=False,
    takes=schemas.PackRequest,
    gives=schemas.PackView,
)
def prepare_pack(work: Work, account: Account, body: dict[str, Any]) -> InvoicePack:
    """Prepare an invoice-ready pack, and its invoice in draft.

    A fixed-price contract is invoiced by a milestone that was met, any other one by the approved
    days of a period.
    """
    if "milestone_id" in body:
        return ledger.invoice_milestone(work, account, body["milestone_id"])
    pack, invoice = billing.bill_period(
        account,
        body["period_from"],
        body["period_to"],
        ledger.to_bill(work, account.id),
    )
    work.add(invoice)
    return work.add(pack)


@operations.command(
    "POST /invoices/{id}/open",
    needs=Permission.INVOICE_PREPARE,
    on=Invoice,
    gives=schemas.InvoiceView,
)
def open_invoice(work: Work, invoice: Invoice, _: dict[str, Any]) -> InvoiceOnDay:
    """Give a draft its number and send it; it is due by the contract's payment terms."""
    account = work.get(Account, invoice.contract_id)
    with account.counting(invoice):
        invoice.open(
            number=work.next_reference("INV"),
            on=work.today,
            payment_days=account.payment_days,
        )
    return InvoiceOnDay(invoice, work.today)


@operations.command(
    "POST /invoices/{id}/payments",
    needs=Permission.PAYMENT_RECORD,
    on=Invoice,
    takes=schemas.PaymentBody,
    gives=schemas.InvoiceView,
)
def record_payment(work: Work, invoice: Invoice, body: dict[str, Any]) -> InvoiceOnDay:
    """Record a payment, whole or in part, never more than is outstanding."""
    with work.get(Account, invoice.contract_id).counting(invoice):
        invoice.receive(**body, by=work.actor.id, today=work.today)
    return InvoiceOnDay(invoice, work.today)


@operations.command(
    "POST /invoices/{id}/void",
    needs=Permission.INVOICE_PREPARE,
    on=Invoice,
    takes=schemas.Reason,
    gives=schemas.InvoiceView,
)
def void_invoice(work: Work, invoice: Invoice, body: dict[str, Any]) -> InvoiceOnDay:
    """Void an invoice without payments; its days and its milestone may be invoiced again."""
    billing.void(
        work.get(Account, invoice.contract_id),
        invoice,
        work.get(InvoicePack, invoice.pack_id),
        ledger.on_pack(work, invoice.pack_id),
        body["reason"],
    )
    return InvoiceOnDay(invoice, work.today)


@operations.command(
    "POST /invoices/{id}/mark-uncollectible",
    needs=Permission.PAYMENT_RECORD,
    on=Invoice,
    takes=schemas.Reason,
    gives=schemas.InvoiceView,
)
def mark_uncollectible(work: Work, invoice: Invoice, body: dict[str, Any]) -> InvoiceOnDay:
    """Give up what is outstanding on an open invoice."""
    with work.get(Account, invoice.contract_id).counting(invoice):
        invoice.give_up(body["reason"])
    return InvoiceOnDay(invoice, work.today)


@operations.daily
def note_overdue_invoices(work: Work) -> None:
    """Say, once for each, which invoices passed their due date with money outstanding."""
    passed = select(Invoice).where(
        invoices.c.state == InvoiceState.OPEN,
        invoices.c.due_on < work.today,
        ~invoices.c.overdue_noted,
    )
    for invoice in work.session.scalars(passed):
        invoice.note_overdue(work.today)
