"""What may be done to payments, refunds and set-offs, and by whom."""

from typing import Any

from services.finance import ledger, schemas
from services.finance.domain.invoice import Invoice
from services.finance.domain.settling import Transfer
from services.finance.operations import operations
from services.finance.statements import InvoiceOnDay
from shared.errors import Invalid
from shared.events.permissions import Permission
from shared.work import Work


@operations.command(
    "POST /invoices/{id}/payments",
    needs=Permission.PAYMENT_RECORD,
    on=Invoice,
    takes=schemas.PaymentBody,
    gives=schemas.InvoiceView,
)
def record_payment(work: Work, invoice: Invoice, body: dict[str, Any]) -> InvoiceOnDay:
    """Record a payment, whole or in part.

    More than is outstanding is refused, unless the surplus is to be kept as a credit. A bank
    reference under which another payment stands is refused, unless it is confirmed.
    """
    transfer = _transfer(work, body, body["received_on"])
    take = (
        invoice.receive_with_surplus
        if body["surplus"] is schemas.Surplus.KEEP_AS_CREDIT
        else invoice.receive
    )
    with ledger.counting(work, invoice):
        take(transfer, latest=work.latest_date)
    _use_reference(work, invoice, body)
    return InvoiceOnDay(invoice, work.today)


@operations.command(
    "POST /invoices/{id}/refunds",
    needs=Permission.PAYMENT_RECORD,
    on=Invoice,
    takes=schemas.RefundBody,
    gives=schemas.InvoiceView,
)
def record_refund(work: Work, invoice: Invoice, body: dict[str, Any]) -> InvoiceOnDay:
    """Record that what a credit note, or an overpaid invoice, owes the partner was paid out."""
    with ledger.counting(work, invoice):
        invoice.refund(_transfer(work, body, body["paid_on"]), latest=work.latest_date)
    _use_reference(work, invoice, body)
    return InvoiceOnDay(invoice, work.today)


@operations.command(
    "POST /invoices/{id}/set-off",
    needs=Permission.PAYMENT_RECORD,
    on=Invoice,
    takes=schemas.SetOffBody,
    gives=schemas.InvoiceView,
)
def set_off_credit(work: Work, invoice: Invoice, body: dict[str, Any]) -> InvoiceOnDay:
    """Set off what this document owes the partner against another of its invoices.

    That one may be of another contract, in the same currency.
    """
    against = work.find(Invoice, body["against_invoice_id"])
    if against is None or against.partner_id != invoice.partner_id or against is invoice:
        raise Invalid(
            "A credit is set off against another invoice of the same partner.",
            rule="set-off-within-partner",
            field="against_invoice_id",
            accepted="the id of an open invoice of the same partner",
        )
    with ledger.counting(work, invoice, against):
        issued = filter(None, (invoice.issued_on, against.issued_on))
        on = max(work.today, *issued)
        invoice.set_off(against, body["amount"], on=on, by=work.actor.id)
    return InvoiceOnDay(invoice, work.today)


@operations.command(
    "POST /invoices/{id}/payments/{payment_id}/reverse",
    needs=Permission.PAYMENT_RECORD,
    on=Invoice,
    takes=schemas.ReversalBody,
    gives=schemas.InvoiceView,
)
def reverse_payment(work: Work, invoice: Invoice, body: dict[str, Any]) -> InvoiceOnDay:
    """Reverse a payment, refund or set-off that did not stand, with the reason.

    It stays visible; what is right is recorded anew. A set-off is reversed on both documents.
    """
    payment = invoice.payment(body["payment_id"])
    reversal = {
        "reason": body["reason"],
        "reversed_on": body["reversed_on"] or max(work.today, payment.paid_on),
        "by": work.actor.id,
        "latest": work.latest_date,
    }
    concerned = [invoice]
    if payment.other_invoice_id is not None:
        concerned.append(work.get(Invoice, payment.other_invoice_id))
    with ledger.counting(work, *concerned):
        for each in concerned:
            each.reverse(payment.payment_id, **reversal)
    if payment.bank_reference is not None:
        ledger.give_back_reference(work, payment.bank_reference, invoice)
    return InvoiceOnDay(invoice, work.today)


def _transfer(work: Work, body: dict[str, Any], paid_on: Any) -> Transfer:
    return Transfer(
        amount=body["amount"],
        paid_on=paid_on,
        bank_reference=body["bank_reference"],
        recorded_by=work.actor.id,
    )


def _use_reference(work: Work, invoice: Invoice, body: dict[str, Any]) -> None:
    if body["bank_reference"] is not None:
        ledger.use_reference(
            work,
            body["bank_reference"],
            invoice,
            repeated=body["confirm_repeated_reference"],
        )
