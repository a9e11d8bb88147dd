"""What may be done to packs, invoices and credit notes, and by whom."""

from typing import Any

from sqlalchemy import select

from services.finance import ledger, schemas
from services.finance.domain import billing, crediting
from services.finance.domain.account import Account
from services.finance.domain.document import InvoiceState
from services.finance.domain.invoice import Invoice
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
    creates="/packs/{id}",
)
def prepare_pack(work: Work, account: Account, body: dict[str, Any]) -> InvoicePack:
    """Prepare an invoice-ready pack, and its invoice in draft.

    A fixed-price contract is invoiced by a milestone that was met, any other one by the approved
    days of a period. Credits that wait come with it; where they outweigh the rest, the pack's
    total is negative and its draft is a credit note.
    """
    if "milestone_id" in body:
        return ledger.invoice_milestone(work, account, body["milestone_id"])
    return ledger.keep(
        work,
        billing.bill_period(
            account,
            body["period_from"],
            body["period_to"],
            ledger.to_bill(work, account.id),
            ledger.reduced(work, account.id),
            work.today,
        ),
    )


@operations.command(
    "POST /invoices/{id}/open",
    needs=Permission.INVOICE_PREPARE,
    on=Invoice,
    takes=schemas.IssueBody,
    gives=schemas.InvoiceView,
)
def open_invoice(work: Work, invoice: Invoice, body: dict[str, Any]) -> InvoiceOnDay:
    """Give a draft its number and send it.

    It is issued today and due by the contract's payment terms, unless other dates are given. A
    credit note for an invoice is set off at once against what is outstanding on that.
    """
    account = ledger.account_of(work, invoice)
    issued_on = body["issued_on"] or work.today
    with account.counting(invoice):
        invoice.open(
            number=work.next_reference("CRN" if invoice.is_credit_note else "INV"),
            issued_on=issued_on,
            due_on=body["due_on"],
            payment_days=account.payment_days,
            earliest=work.earliest_date,
            latest=work.latest_date,
            policy=work.policy,
        )
    if invoice.credits_invoice_id is not None:
        credited = work.get(Invoice, invoice.credits_invoice_id)
        crediting.issued(account, invoice, credited, on=issued_on, by=work.actor.id)
    return InvoiceOnDay(invoice, work.today)


@operations.command(
    "POST /invoices/{id}/correct",
    needs=Permission.INVOICE_PREPARE,
    on=Invoice,
    takes=schemas.Correction,
    gives=schemas.InvoiceView,
)
def correct_invoice(work: Work, invoice: Invoice, body: dict[str, Any]) -> InvoiceOnDay:
    """Correct the due date or the purchase order of an invoice, with the reason."""
    invoice.correct(**body, policy=work.policy)
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
    ledger.void_invoice(work, ledger.account_of(work, invoice), invoice, body["reason"])
    return InvoiceOnDay(invoice, work.today)


@operations.command(
    "POST /invoices/{id}/credit",
    needs=Permission.INVOICE_PREPARE,
    on=Invoice,
    takes=schemas.CreditBody,
    gives=schemas.PackView,
    creates="/packs/{id}",
)
def credit_invoice(work: Work, invoice: Invoice, body: dict[str, Any]) -> InvoicePack:
    """Draft a credit note for an issued invoice: over an amount, or in full without one.

    After a credit in full its days and its milestone may be invoiced again. An amount changes
    nothing of what was billed, unless it is all that is left: then it is a credit in full.
    """
    account = ledger.account_of(work, invoice)
    pack = work.get(InvoicePack, invoice.pack_id)
    concerned = (
        account,
        invoice,
        pack,
        ledger.on_pack(work, pack),
        ledger.named_by(work, pack, invoice),
    )
    amount, reason = body["amount"], body["reason"]
    if amount is None:
        return ledger.keep(work, crediting.credit_in_full(*concerned, reason, work.today))
    return ledger.keep(work, crediting.credit_amount(*concerned, amount, reason, work.today))


@operations.command(
    "POST /invoices/{id}/mark-uncollectible",
    needs=Permission.PAYMENT_RECORD,
    on=Invoice,
    takes=schemas.Reason,
    gives=schemas.InvoiceView,
)
def mark_uncollectible(work: Work, invoice: Invoice, body: dict[str, Any]) -> InvoiceOnDay:
    """Give up what is outstanding on an open invoice that is right. Credit one that is wrong."""
    with ledger.counting(work, invoice):
        invoice.give_up(body["reason"])
    return InvoiceOnDay(invoice, work.today)


@operations.command(
    "POST /invoices/{id}/reinstate",
    needs=Permission.PAYMENT_RECORD,
    on=Invoice,
    takes=schemas.Reason,
    gives=schemas.InvoiceView,
)
def reinstate_invoice(work: Work, invoice: Invoice, body: dict[str, Any]) -> InvoiceOnDay:
    """Open an invoice again that was marked uncollectible, with the reason."""
    with ledger.counting(work, invoice):
        invoice.reinstate(body["reason"])
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
