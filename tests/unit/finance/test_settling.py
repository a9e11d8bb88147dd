"""Payments, refunds and set-offs, and how each is reversed."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from services.finance.domain.document import InvoiceState, Standing
from services.finance.domain.invoice import Invoice
from services.finance.domain.policy import Policy
from services.finance.domain.settling import Transfer
from shared.errors import Conflict, Invalid, NotFound
from shared.events.finance import InvoiceOverdue, InvoicePaid, PaymentReversed
from shared.money import Money
from tests.unit.finance.examples import (
    FINAL,
    MONDAY,
    account,
    bill_milestone,
    gbp,
    invoiced_inception,
    issue,
    open_invoice,
    pay,
)

pytestmark = pytest.mark.row("N5")

DUE = MONDAY + timedelta(days=30)
LATEST = DUE + timedelta(days=60)


def transfer(amount: Money, on: date = MONDAY) -> Transfer:
    return Transfer(amount=amount, paid_on=on, bank_reference=None, recorded_by="fin")


def reverse(invoice: Invoice, payment_id: UUID, on: date = LATEST) -> None:
    invoice.reverse(payment_id, reason="Sent back.", reversed_on=on, by="fin", latest=LATEST)


def overpaid() -> Invoice:
    """40,000.00 asked for, 40,500.00 received."""
    invoice = open_invoice()
    invoice.receive_with_surplus(transfer(gbp(40_500)), latest=LATEST)
    return invoice


def test_a_reversed_payment_opens_a_paid_invoice_again() -> None:
    invoice = open_invoice()
    pay(invoice, gbp(40_000))
    reverse(invoice, invoice.payments[0].payment_id)
    assert (invoice.state, invoice.outstanding) == (InvoiceState.OPEN, gbp(40_000))
    told = invoice.collect()[-1]
    assert isinstance(told, PaymentReversed)
    assert (told.outstanding, told.settlement) == (gbp(40_000), 2)


def test_only_the_reversed_one_of_several_payments_is_outstanding_again() -> None:
    invoice = open_invoice()
    pay(invoice, gbp(15_000))
    pay(invoice, gbp(25_000))
    reverse(invoice, invoice.payments[0].payment_id)
    assert (invoice.standing(MONDAY), invoice.outstanding) == (Standing.PART_PAID, gbp(15_000))


def test_a_reversed_payment_stays_with_its_reason() -> None:
    invoice = open_invoice()
    pay(invoice, gbp(40_000))
    reverse(invoice, invoice.payments[0].payment_id)
    (payment,) = invoice.payments
    assert (payment.reversal_reason, payment.reversed_by, payment.stands) == (
        "Sent back.",
        "fin",
        False,
    )


def test_a_payment_is_reversed_once() -> None:
    invoice = open_invoice()
    pay(invoice, gbp(40_000))
    reverse(invoice, invoice.payments[0].payment_id)
    with pytest.raises(Conflict) as refused:
        reverse(invoice, invoice.payments[0].payment_id)
    assert refused.value.rule == "reversed-once"


@pytest.mark.parametrize("on", [MONDAY - timedelta(days=1), LATEST + timedelta(days=1)])
def test_a_reversal_lies_between_the_payment_and_the_latest_date(on: date) -> None:
    invoice = open_invoice()
    pay(invoice, gbp(40_000))
    with pytest.raises(Invalid) as refused:
        reverse(invoice, invoice.payments[0].payment_id, on)
    assert refused.value.field == "reversed_on"


def test_a_payment_that_is_not_there_is_not_reversed() -> None:
    with pytest.raises(NotFound):
        reverse(open_invoice(), uuid4())


def test_a_wrong_amount_is_reversed_and_recorded_anew() -> None:
    invoice = open_invoice()
    pay(invoice, gbp(14_000))
    reverse(invoice, invoice.payments[0].payment_id)
    pay(invoice, gbp(40_000))
    assert (invoice.state, invoice.paid) == (InvoiceState.PAID, gbp(40_000))


def test_an_invoice_is_overdue_again_once_its_payment_was_reversed() -> None:
    invoice = open_invoice()
    invoice.note_overdue(DUE + timedelta(days=1))
    pay(invoice, gbp(40_000), DUE + timedelta(days=2))
    reverse(invoice, invoice.payments[0].payment_id)
    invoice.collect()
    invoice.note_overdue(DUE + timedelta(days=9))
    (told,) = invoice.collect()
    assert isinstance(told, InvoiceOverdue)


def test_an_invoice_whose_payments_were_all_reversed_may_be_voided() -> None:
    invoice = open_invoice()
    pay(invoice, gbp(1))
    reverse(invoice, invoice.payments[0].payment_id)
    invoice.void("Sent twice.")
    assert invoice.state is InvoiceState.VOID


def test_both_readings_of_an_overpayment_are_said() -> None:
    with pytest.raises(Invalid) as refused:
        pay(open_invoice(), gbp(40_500))
    for reading in ("500.00 GBP pays another invoice", "keep_as_credit", "owed to the partner"):
        assert reading in refused.value.message


def test_a_surplus_kept_as_credit_is_owed_to_the_partner() -> None:
    invoice = overpaid()
    assert (invoice.state, invoice.outstanding, invoice.owed) == (
        InvoiceState.PAID,
        gbp(-500),
        gbp(500),
    )
    assert isinstance(invoice.collect()[-1], InvoicePaid)


def test_no_more_is_refunded_than_is_owed() -> None:
    invoice = overpaid()
    with pytest.raises(Invalid) as refused:
        invoice.refund(transfer(gbp("500.01")), latest=LATEST)
    assert refused.value.rule == "within-what-is-owed"
    invoice.refund(transfer(gbp(500)), latest=LATEST)
    assert (invoice.owed, invoice.paid) == (gbp(0), gbp(40_000))


@pytest.mark.parametrize("on", [date(1066, 10, 14), LATEST + timedelta(days=1)])
def test_a_refund_is_dated_from_the_issue_until_the_latest_date(on: date) -> None:
    with pytest.raises(Invalid) as refused:
        overpaid().refund(transfer(gbp(1), on), latest=LATEST)
    assert refused.value.field == "paid_on"


def test_nothing_is_refunded_on_an_invoice_that_owes_nothing() -> None:
    with pytest.raises(Invalid) as refused:
        open_invoice().refund(transfer(gbp(1)), latest=LATEST)
    assert refused.value.accepted == "a document that owes something"


def test_a_surplus_is_set_off_against_another_invoice_and_both_say_so() -> None:
    opened = account()
    _, first = invoiced_inception(opened)
    opened.note_decided(FINAL, gbp(60_000), MONDAY)
    _, second = bill_milestone(opened, FINAL)
    issue(first)
    issue(second, "INV-2026-0002")
    first.receive_with_surplus(transfer(gbp(40_500)), latest=LATEST)
    first.set_off(second, gbp(500), on=MONDAY, by="fin")
    assert (first.owed, second.outstanding) == (gbp(0), gbp(59_500))
    payment_id = second.payments[0].payment_id
    assert first.payments[-1].payment_id == payment_id
    for each in (first, second):
        reverse(each, payment_id)
    assert (first.owed, second.outstanding) == (gbp(500), gbp(60_000))


def test_an_uncollectible_invoice_is_reinstated() -> None:
    invoice = open_invoice()
    invoice.give_up("The college was closed.")
    invoice.reinstate("It was reopened.")
    assert (invoice.state, invoice.figures.written_off) == (InvoiceState.OPEN, gbp(0))


@pytest.mark.parametrize("issued_on", [date(1900, 1, 1), MONDAY - timedelta(days=1)])
def test_an_invoice_is_not_issued_before_its_pack_was_ready(issued_on: date) -> None:
    _, invoice = invoiced_inception(account())
    with pytest.raises(Invalid) as refused:
        invoice.open(
            number="INV-2026-0001",
            issued_on=issued_on,
            due_on=MONDAY,
            payment_days=30,
            earliest=MONDAY,
            latest=MONDAY,
            policy=Policy(),
        )
    assert refused.value.field == "issued_on"


@pytest.mark.parametrize("due_on", [MONDAY - timedelta(days=1), date(9999, 12, 31)])
def test_an_invoice_is_due_from_its_issue_until_a_year_later(due_on: date) -> None:
    invoice = open_invoice()
    with pytest.raises(Invalid) as refused:
        invoice.correct(due_on=due_on, purchase_order=None, reason="Typo.", policy=Policy())
    assert (refused.value.field, invoice.due_on) == ("due_on", DUE)


def test_a_corrected_due_date_decides_anew_whether_it_is_overdue() -> None:
    invoice = open_invoice()
    invoice.note_overdue(DUE + timedelta(days=1))
    later = DUE + timedelta(days=30)
    invoice.correct(due_on=later, purchase_order=None, reason="Agreed.", policy=Policy())
    assert not invoice.is_overdue(DUE + timedelta(days=1))
    invoice.collect()
    invoice.note_overdue(later + timedelta(days=1))
    assert isinstance(invoice.collect()[-1], InvoiceOverdue)


def test_a_wrong_purchase_order_is_corrected_on_a_sent_invoice() -> None:
    invoice = open_invoice()
    invoice.correct(due_on=None, purchase_order="PO-9", reason="Typo.", policy=Policy())
    assert (invoice.purchase_order, invoice.due_on) == ("PO-9", DUE)


def test_a_void_invoice_is_not_corrected() -> None:
    invoice = open_invoice()
    invoice.void("Sent twice.")
    with pytest.raises(Conflict):
        invoice.correct(due_on=None, purchase_order="PO-9", reason="Typo.", policy=Policy())
