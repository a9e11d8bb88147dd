"""What goes on a pack, and what comes free when its invoice is voided."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from services.finance.domain.account import Account
from services.finance.domain.billing import void
from shared.errors import Conflict, Invalid
from shared.events.finance import InvoiceDrafted, InvoicePackPrepared
from shared.events.vocabulary import LineKind
from shared.money import total
from tests.unit.finance.examples import (
    FINAL,
    INCEPTION,
    MONDAY,
    account,
    approved,
    bill_milestone,
    bill_period,
    gbp,
    issue,
    pay,
    terms_by_days,
)

pytestmark = pytest.mark.row("N4")

MARCH = (date(2026, 3, 1), date(2026, 3, 31))
APRIL = (date(2026, 4, 1), date(2026, 4, 30))


def met(milestone_id: UUID = INCEPTION, on: date = MONDAY) -> Account:
    opened = account()
    opened.note_decided(milestone_id, opened.payment(milestone_id).amount, on)
    return opened


def test_the_fee_of_a_milestone_is_its_amount() -> None:
    pack, _ = bill_milestone(met(), INCEPTION, [], None)
    assert [(line.kind, line.amount) for line in pack.lines] == [(LineKind.FEE, gbp(40_000))]


def test_the_days_behind_a_milestone_are_listed_and_covered_by_the_fee() -> None:
    days = [approved(days="0.5"), approved(days="0.75")]
    pack, _ = bill_milestone(met(), INCEPTION, days, None)
    assert [line.quantity for line in pack.lines[1:]] == [
        Decimal("0.5"),
        Decimal("0.75"),
    ]
    assert {line.entry_id for line in pack.lines[1:]} == {each.entry_id for each in days}
    assert pack.total == gbp(40_000)


def test_a_day_worked_after_the_milestone_waits_for_the_next_pack() -> None:
    later = approved(MONDAY + timedelta(days=1))
    bill_milestone(met(), INCEPTION, [later], None)
    assert later.awaits_billing


def test_a_pack_names_terms_purchase_order_milestone_and_period() -> None:
    pack, _ = bill_milestone(met(), INCEPTION, [], None)
    assert (pack.terms_version, pack.purchase_order, pack.milestone_id) == (
        1,
        "PO-7781",
        INCEPTION,
    )
    assert (pack.period_from, pack.period_to) == (date(2026, 1, 1), MONDAY)


def test_the_next_period_starts_the_day_after_the_last_one() -> None:
    pack, _ = bill_milestone(met(FINAL, date(2026, 5, 4)), FINAL, [], MONDAY)
    assert pack.period_from == MONDAY + timedelta(days=1)


def test_a_period_reaches_back_to_a_day_that_was_approved_late() -> None:
    late = approved(MONDAY - timedelta(days=5))
    pack, _ = bill_milestone(met(FINAL, date(2026, 5, 4)), FINAL, [late], MONDAY)
    assert pack.period_from == late.worked_on


def test_a_pack_and_its_draft_are_published() -> None:
    pack, invoice = bill_milestone(met(), INCEPTION, [], None)
    (prepared,) = pack.collect()
    (drafted,) = invoice.collect()
    assert isinstance(prepared, InvoicePackPrepared)
    assert isinstance(drafted, InvoiceDrafted)
    assert prepared.total == drafted.total == gbp(40_000)


def test_days_of_a_period_are_billed_at_the_rate_of_their_role() -> None:
    days = [approved(days="0.5"), approved(days="0.25", role="adviser")]
    pack, _ = bill_period(account(terms_by_days()), *MARCH, days)
    # 700.50 × 0.25 = 175.125, rounded half to even
    assert sorted(line.amount.minor for line in pack.lines) == [17_512, 50_000]
    assert pack.total == total([line.amount for line in pack.lines], "GBP")


def test_only_days_worked_in_the_period_are_billed() -> None:
    inside, before = approved(MARCH[0]), approved(MARCH[0] - timedelta(days=1))
    bill_period(account(terms_by_days()), *MARCH, [inside, before])
    assert (inside.awaits_billing, before.awaits_billing) == (False, True)


def test_a_billed_day_is_not_billed_again() -> None:
    opened, days = account(terms_by_days()), [approved()]
    bill_period(opened, *MARCH, days)
    with pytest.raises(Conflict) as refused:
        bill_period(opened, *MARCH, days)
    assert refused.value.rule == "something-to-bill"


def test_a_day_reversed_before_billing_is_not_billed() -> None:
    day = approved()
    day.reversed = True
    with pytest.raises(Conflict) as refused:
        bill_period(account(terms_by_days()), *MARCH, [day])
    assert refused.value.rule == "something-to-bill"


def test_a_day_reversed_after_billing_is_credited_at_its_price_on_the_next_pack() -> None:
    opened, day = account(terms_by_days()), approved(days="0.5")
    bill_period(opened, *MARCH, [day])
    day.reversed = True
    pack, _ = bill_period(opened, *APRIL, [day, approved(APRIL[0])])
    credit = next(line for line in pack.lines if line.entry_id == day.entry_id)
    assert (credit.quantity, credit.amount) == (Decimal("-0.5"), gbp(-500))
    assert pack.total == gbp(500)


def test_a_reversal_is_credited_once() -> None:
    opened, day = account(terms_by_days()), approved(days="0.5")
    bill_period(opened, *MARCH, [day])
    day.reversed = True
    bill_period(opened, *APRIL, [day, approved(APRIL[0])])
    pack, _ = bill_period(opened, *APRIL, [day, approved(APRIL[1])])
    assert pack.total == gbp(1_000)


def test_a_reversed_day_that_a_fee_covered_is_credited_at_nothing() -> None:
    opened, day = met(), approved()
    bill_milestone(opened, INCEPTION, [day], None)
    day.reversed = True
    opened.note_decided(FINAL, gbp(60_000), date(2026, 5, 4))
    pack, _ = bill_milestone(opened, FINAL, [day], MONDAY)
    assert (pack.lines[1].quantity, pack.total) == (Decimal(-1), gbp(60_000))


def test_days_are_billed_up_to_the_contracts_value() -> None:
    opened = account(terms_by_days(value=gbp(1_500)))
    bill_period(opened, *MARCH, [approved()])
    pack, _ = bill_period(opened, *APRIL, [approved(APRIL[0], days="0.5")])
    assert (pack.total, opened.left_to_invoice) == (gbp(500), gbp(0))


def test_no_day_is_billed_beyond_the_contracts_value() -> None:
    opened, late = account(terms_by_days(value=gbp(1_500))), approved(APRIL[0], days="0.75")
    bill_period(opened, *MARCH, [approved()])
    with pytest.raises(Conflict) as refused:
        bill_period(opened, *APRIL, [late])
    assert refused.value.rule == "value-is-ceiling"
    assert "500.00 GBP" in refused.value.accepted
    assert late.awaits_billing


def test_what_was_sent_counts_towards_the_contracts_value() -> None:
    opened = account(terms_by_days(value=gbp(1_500)))
    _, invoice = bill_period(opened, *MARCH, [approved()])
    with opened.counting(invoice):
        issue(invoice)
    assert opened.left_to_invoice == gbp(500)


def test_a_raised_value_makes_room_for_the_days_that_waited() -> None:
    opened, days = account(terms_by_days(value=gbp(500))), [approved()]
    with pytest.raises(Conflict):
        bill_period(opened, *MARCH, days)
    opened.take_terms(terms_by_days(version=2, value=gbp(1_000)))
    pack, _ = bill_period(opened, *MARCH, days)
    assert pack.total == gbp(1_000)


def test_a_credit_on_the_same_pack_makes_room_below_the_value() -> None:
    opened, day = account(terms_by_days(value=gbp(1_000))), approved(days="0.5")
    bill_period(opened, *MARCH, [day])
    day.reversed = True
    pack, _ = bill_period(opened, *APRIL, [day, approved(APRIL[0])])
    assert (pack.total, opened.left_to_invoice) == (gbp(500), gbp(0))


def test_a_voided_invoice_gives_its_room_below_the_value_back() -> None:
    opened, day = account(terms_by_days(value=gbp(1_000))), approved()
    pack, invoice = bill_period(opened, *MARCH, [day])
    void(opened, invoice, pack, [day], {}, "Wrong purchase order.")
    again, _ = bill_period(opened, *MARCH, [day])
    assert again.total == gbp(1_000)


def test_a_value_lowered_below_what_was_invoiced_leaves_nothing_to_invoice() -> None:
    opened = account(terms_by_days())
    bill_period(opened, *MARCH, [approved()])
    opened.take_terms(terms_by_days(version=2, value=gbp(500)))
    assert opened.left_to_invoice == gbp(0)


def test_a_fixed_price_contract_is_not_billed_by_period() -> None:
    with pytest.raises(Conflict) as refused:
        bill_period(account(), *MARCH, [approved()])
    assert refused.value.rule == "fixed-price-by-milestone"


def test_a_period_ends_after_it_starts() -> None:
    with pytest.raises(Invalid) as refused:
        bill_period(account(terms_by_days()), MARCH[1], MARCH[0], [])
    assert refused.value.field == "period_to"


@pytest.mark.row("N5")
def test_a_voided_invoice_frees_its_days_and_its_milestone() -> None:
    opened, day = met(), approved()
    pack, invoice = bill_milestone(opened, INCEPTION, [day], None)
    void(opened, invoice, pack, [day], {}, "Wrong purchase order.")
    assert (pack.stands, day.awaits_billing) == (False, True)
    again, _ = bill_milestone(opened, INCEPTION, [day], None)
    assert again.total == gbp(40_000)


@pytest.mark.row("N5")
def test_a_voided_invoice_counts_nowhere() -> None:
    opened = met()
    pack, invoice = bill_milestone(opened, INCEPTION, [], None)
    void(opened, invoice, pack, [], {}, "Wrong purchase order.")
    assert (opened.figures.drafted, opened.figures.invoiced) == (gbp(0), gbp(0))


@pytest.mark.row("N5")
def test_a_day_reversed_after_billing_needs_no_credit_once_its_invoice_is_void() -> None:
    opened, day = account(terms_by_days()), approved()
    pack, invoice = bill_period(opened, *MARCH, [day])
    day.reversed = True
    void(opened, invoice, pack, [day], {}, "Reversed.")
    assert (day.awaits_credit, day.awaits_billing) == (False, False)


@pytest.mark.row("N5")
def test_an_invoice_whose_days_a_later_one_credits_is_not_voided_first() -> None:
    opened, day = account(terms_by_days()), approved(days="0.5")
    pack, invoice = bill_period(opened, *MARCH, [day])
    day.reversed = True
    bill_period(opened, *APRIL, [day, approved(APRIL[0])])
    with pytest.raises(Conflict) as refused:
        void(opened, invoice, pack, [day], {}, "Wrong.")
    assert refused.value.rule == "void-the-credit-first"


@pytest.mark.row("N5")
def test_voiding_a_crediting_invoice_opens_the_credit_again() -> None:
    opened, day, later = (
        account(terms_by_days()),
        approved(days="0.5"),
        approved(APRIL[0]),
    )
    bill_period(opened, *MARCH, [day])
    day.reversed = True
    pack, invoice = bill_period(opened, *APRIL, [day, later])
    void(opened, invoice, pack, [day, later], {}, "Wrong.")
    assert (day.awaits_credit, later.awaits_billing) == (True, True)


@pytest.mark.row("N5")
def test_a_refused_void_leaves_the_pack_standing() -> None:
    opened = met()
    pack, invoice = bill_milestone(opened, INCEPTION, [], None)
    issue(invoice)
    pay(invoice, gbp(1))
    with pytest.raises(Conflict):
        void(opened, invoice, pack, [], {}, "Wrong.")
    assert pack.stands
