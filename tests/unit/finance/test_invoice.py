"""An invoice from draft to paid, void or uncollectible."""

from datetime import timedelta

import pytest

from services.finance.domain.document import InvoiceState, Standing
from services.finance.domain.settling import Transfer
from shared.errors import Conflict, Invalid
from shared.events.finance import (
    InvoiceOpened,
    InvoiceOverdue,
    InvoicePaid,
    InvoiceUncollectible,
    InvoiceVoided,
    PaymentRecorded,
)
from shared.money import Money
from tests.unit.finance.examples import (
    MONDAY,
    account,
    gbp,
    invoiced_inception,
    issue,
    open_invoice,
    pay,
)

pytestmark = pytest.mark.row("N5")

DUE = MONDAY + timedelta(days=30)


def test_a_draft_has_no_number_and_asks_for_nothing_yet() -> None:
    _, invoice = invoiced_inception(account())
    assert (invoice.number, invoice.outstanding) == (None, gbp(0))


def test_opening_gives_a_number_and_a_due_date() -> None:
    invoice = open_invoice()
    opened = invoice.collect()[-1]
    assert isinstance(opened, InvoiceOpened)
    assert (opened.number, opened.issued_on, opened.due_on) == (
        "INV-2026-0001",
        MONDAY,
        DUE,
    )


def test_an_open_invoice_is_not_opened_again() -> None:
    with pytest.raises(Conflict) as refused:
        issue(open_invoice(), "INV-2026-0002")
    assert refused.value.accepted == "draft"


def test_a_draft_receives_no_payment() -> None:
    _, invoice = invoiced_inception(account())
    with pytest.raises(Conflict) as refused:
        pay(invoice, gbp(1))
    assert refused.value.rule == "invoice-state"


def test_part_of_the_money_leaves_the_rest_outstanding() -> None:
    invoice = open_invoice()
    pay(invoice, gbp(15_000))
    recorded = invoice.collect()[-1]
    assert isinstance(recorded, PaymentRecorded)
    assert recorded.outstanding == invoice.outstanding == gbp(25_000)
    assert invoice.standing(MONDAY) is Standing.PART_PAID


def test_the_last_payment_makes_it_paid() -> None:
    invoice = open_invoice()
    pay(invoice, gbp(15_000))
    pay(invoice, gbp(25_000), DUE)
    paid = invoice.collect()[-1]
    assert isinstance(paid, InvoicePaid)
    assert (invoice.state, paid.paid_on) == (InvoiceState.PAID, DUE)


def test_an_overpayment_is_refused_with_what_is_outstanding() -> None:
    invoice = open_invoice()
    pay(invoice, gbp(15_000))
    with pytest.raises(Invalid) as refused:
        pay(invoice, gbp("25000.01"))
    assert (refused.value.rule, refused.value.accepted) == (
        "no-overpayment",
        "at most 25,000.00 GBP, or surplus “keep_as_credit”",
    )


def test_a_payment_is_in_the_currency_of_its_invoice() -> None:
    with pytest.raises(Invalid) as refused:
        pay(open_invoice(), Money.of(1, "EUR"))
    assert refused.value.accepted == "GBP"


@pytest.mark.parametrize("amount", [0, -1])
def test_a_payment_is_more_than_nothing(amount: int) -> None:
    with pytest.raises(Invalid) as refused:
        pay(open_invoice(), gbp(amount))
    assert refused.value.rule == "payment-above-zero"


@pytest.mark.parametrize("days", [-1, 1])
def test_a_payment_is_received_from_the_issue_until_the_latest_date_that_has_begun(
    days: int,
) -> None:
    with pytest.raises(Invalid) as refused:
        open_invoice().receive(
            Transfer(gbp(1), MONDAY + timedelta(days=days), None, "fin"), latest=MONDAY
        )
    assert refused.value.field == "received_on"


def test_an_invoice_is_overdue_from_the_day_after_it_was_due() -> None:
    invoice = open_invoice()
    assert invoice.standing(DUE) is Standing.OPEN
    assert invoice.standing(DUE + timedelta(days=1)) is Standing.OVERDUE


def test_a_part_paid_invoice_past_its_due_date_is_overdue() -> None:
    invoice = open_invoice()
    pay(invoice, gbp(15_000))
    assert invoice.standing(DUE + timedelta(days=1)) is Standing.OVERDUE


def test_a_paid_invoice_is_never_overdue() -> None:
    invoice = open_invoice()
    pay(invoice, gbp(40_000))
    assert invoice.standing(DUE + timedelta(days=1)) is Standing.PAID


def test_being_overdue_is_said_once() -> None:
    invoice = open_invoice()
    invoice.collect()
    invoice.note_overdue(DUE + timedelta(days=1))
    invoice.note_overdue(DUE + timedelta(days=2))
    (event,) = invoice.collect()
    assert isinstance(event, InvoiceOverdue)
    assert (event.outstanding, event.due_on) == (gbp(40_000), DUE)


def test_on_its_due_date_nothing_is_said() -> None:
    invoice = open_invoice()
    invoice.collect()
    invoice.note_overdue(DUE)
    assert invoice.collect() == []


def test_a_draft_may_be_voided() -> None:
    _, invoice = invoiced_inception(account())
    invoice.void("Wrong purchase order.")
    event = invoice.collect()[-1]
    assert isinstance(event, InvoiceVoided)
    assert event.reason == "Wrong purchase order."


def test_an_invoice_with_payments_is_not_voided() -> None:
    invoice = open_invoice()
    pay(invoice, gbp(1))
    with pytest.raises(Conflict) as refused:
        invoice.void("Wrong.")
    assert refused.value.rule == "void-without-payments"


def test_a_paid_invoice_is_not_voided_but_credited() -> None:
    invoice = open_invoice()
    pay(invoice, gbp(40_000))
    with pytest.raises(Conflict) as refused:
        invoice.void("Wrong.")
    assert refused.value.rule == "void-without-payments"
    assert "issue a credit note" in refused.value.message


def test_a_void_invoice_asks_for_nothing() -> None:
    invoice = open_invoice()
    invoice.void("Sent twice.")
    assert invoice.outstanding == gbp(0)


def test_an_uncollectible_invoice_says_what_is_lost() -> None:
    invoice = open_invoice()
    pay(invoice, gbp(15_000))
    invoice.give_up("The college was closed.")
    event = invoice.collect()[-1]
    assert isinstance(event, InvoiceUncollectible)
    assert event.outstanding == gbp(25_000)


def test_a_draft_is_not_given_up() -> None:
    _, invoice = invoiced_inception(account())
    with pytest.raises(Conflict):
        invoice.give_up("No hope.")


def test_money_that_comes_in_after_all_pays_an_uncollectible_invoice() -> None:
    invoice = open_invoice()
    invoice.give_up("The college was closed.")
    pay(invoice, gbp(40_000))
    assert (invoice.state, invoice.reason) == (InvoiceState.PAID, None)
