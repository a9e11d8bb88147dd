"""Days are rounded cumulatively for each role and price, so that the parts come to the whole."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.finance.domain.account import Account
from services.finance.domain.approved_days import ApprovedDays
from services.finance.domain.billing import void
from services.finance.domain.invoice import Invoice
from services.finance.domain.pack import InvoicePack
from shared.errors import Conflict
from shared.events.contract import BudgetLine
from shared.events.vocabulary import LineKind
from shared.money import Money
from tests.unit.finance.examples import (
    INCEPTION,
    MONDAY,
    account,
    approved,
    bill_milestone,
    bill_period,
    issue,
    milestone,
    terms,
    terms_by_days,
)

pytestmark = pytest.mark.row("N4")

ALL = (date(2026, 1, 1), date(2026, 12, 31))


def of_one_day(rate: Money, days: str = "1", **changes: object) -> Account:
    """A contract worth so many days of a senior adviser, to the minor unit."""
    budget = (BudgetLine(role="senior adviser", days=Decimal(days), rate=rate),)
    agreed: dict[str, Any] = {"value": rate * Decimal(days), "day_budget": budget, **changes}
    return account(terms_by_days(**agreed))


def day_by_day(opened: Account, days: list[ApprovedDays]) -> list[tuple[InvoicePack, Invoice]]:
    """Each day on an invoice of its own."""
    return [bill_period(opened, each.worked_on, each.worked_on, [each]) for each in days]


def quarters(number: int = 4) -> list[ApprovedDays]:
    return [approved(MONDAY + timedelta(days=n), "0.25") for n in range(number)]


@pytest.mark.parametrize(
    ("rate", "currency", "each"),
    [
        ("850.75", "GBP", ["212.69", "212.69", "212.68", "212.69"]),
        ("33333", "JPY", ["8333", "8333", "8334", "8333"]),
        ("101.505", "JOD", ["25.376", "25.376", "25.377", "25.376"]),
    ],
)
def test_a_day_worked_in_quarters_bills_to_exactly_its_rate(
    rate: str, currency: str, each: list[str]
) -> None:
    opened = of_one_day(Money.of(rate, currency))
    packs = [pack for pack, _ in day_by_day(opened, quarters())]
    assert [str(pack.total.amount) for pack in packs] == each
    assert (opened.figures.drafted, opened.left_to_invoice.minor) == (opened.value, 0)


def test_quarters_on_one_invoice_come_to_the_same() -> None:
    opened = of_one_day(Money.of("850.75", "GBP"))
    pack, _ = bill_period(opened, *ALL, quarters())
    assert pack.total == opened.value


def test_a_reversal_in_the_middle_and_the_day_logged_anew_come_to_the_same() -> None:
    opened, days = of_one_day(Money.of("850.75", "GBP")), quarters()
    day_by_day(opened, days[:3])
    days[1].reversed = True
    again = approved(days[1].worked_on, "0.25")
    pack, _ = bill_period(opened, *ALL, [days[1], again, days[3]])
    assert [line.quantity for line in pack.lines] == [
        Decimal("0.25"),
        Decimal("0.25"),
        Decimal("-0.25"),
    ]
    assert opened.figures.drafted == opened.value


def test_a_whole_budget_that_is_billed_and_reversed_comes_to_nothing() -> None:
    opened, days = of_one_day(Money.of("850.75", "GBP")), quarters()
    day_by_day(opened, days)
    for each in days:
        each.reversed = True
    pack, credit = bill_period(opened, *ALL, days)
    assert (pack.total, credit.is_credit_note) == (-opened.value, True)
    assert (opened.figures.drafted.minor, opened.days_billed) == (0, ())


def test_what_rounding_leaves_after_a_void_between_others_is_on_the_next_pack() -> None:
    opened, days = of_one_day(Money.of("850.75", "GBP")), quarters()
    bills = day_by_day(opened, days)
    pack, invoice = bills[2]
    void(opened, invoice, pack, days[2:3], {}, "Logged by mistake.")
    days[2].reversed = True
    after, _ = bill_period(opened, *ALL, days)
    assert [(line.kind, str(line.amount.amount)) for line in after.lines] == [
        (LineKind.ROUNDING, "-0.01")
    ]
    assert opened.figures.drafted == Money.of("850.75", "GBP") * Decimal("0.75")


def test_days_at_two_rates_each_come_to_their_exact_price() -> None:
    opened, days = of_one_day(Money.of("850.75", "GBP"), "2"), quarters()
    day_by_day(opened, days)
    raised = BudgetLine("senior adviser", Decimal(2), Money.of("901.15", "GBP"))
    opened.take_terms(terms_by_days(2, value=Money.of("1751.90", "GBP"), day_budget=(raised,)))
    later = [approved(MONDAY + timedelta(days=30 + n), "0.25") for n in range(4)]
    day_by_day(opened, later)
    assert opened.figures.drafted == Money.of("1751.90", "GBP")


def test_a_billed_day_is_credited_at_the_rate_of_then() -> None:
    opened, (day,) = of_one_day(Money.of("850.75", "GBP"), "2"), quarters(1)
    day_by_day(opened, [day])
    raised = BudgetLine("senior adviser", Decimal(2), Money.of("901.15", "GBP"))
    opened.take_terms(terms_by_days(2, value=opened.value, day_budget=(raised,)))
    day.reversed = True
    pack, _ = bill_period(opened, *ALL, [day])
    assert str(pack.total.amount) == "-212.69"


def test_days_at_a_rate_of_nothing_are_billed_at_nothing() -> None:
    opened = of_one_day(Money.zero("GBP"), value=Money.of(100, "GBP"))
    pack, invoice = bill_period(opened, *ALL, [approved()])
    issue(invoice)
    assert (pack.total.minor, str(invoice.state)) == (0, "paid")


def test_a_contract_worth_nothing_bills_nothing_but_days_at_nothing() -> None:
    opened = of_one_day(Money.of("850.75", "GBP"), value=Money.zero("GBP"))
    with pytest.raises(Conflict) as refused:
        bill_period(opened, *ALL, [approved(days="0.25")])
    assert (refused.value.rule, refused.value.field) == ("value-is-ceiling", "period_to")


def test_credits_are_taken_off_before_the_ceiling_is_asked_for() -> None:
    opened, days = of_one_day(Money.of("850.75", "GBP")), quarters()
    day_by_day(opened, days)
    for each in days:
        each.reversed = True
    again = quarters()
    pack, invoice = bill_period(opened, *ALL, [*days, *again])
    assert (pack.total.minor, invoice.is_credit_note) == (0, False)


def test_a_credit_larger_than_what_is_billed_makes_a_credit_pack() -> None:
    opened, days = of_one_day(Money.of(1_000, "GBP"), "2"), [approved(), approved()]
    bill_period(opened, *ALL, days)
    for each in days:
        each.reversed = True
    later = approved(MONDAY + timedelta(days=30), "0.5")
    pack, _ = bill_period(opened, later.worked_on, later.worked_on, [*days, later])
    assert pack.total == Money.of(-1_500, "GBP")


def test_credits_that_wait_on_a_contract_now_paid_by_milestones_make_a_pack_of_their_own() -> None:
    opened, day = account(terms_by_days()), approved()
    bill_period(opened, *ALL, [day])
    day.reversed = True
    opened.take_terms(terms(2))
    pack, _ = bill_period(opened, *ALL, [day, approved()])
    assert [line.quantity for line in pack.lines] == [Decimal(-1)]


def test_the_value_is_the_ceiling_of_days_and_milestones_together() -> None:
    opened = account(terms_by_days())
    bill_period(opened, *ALL, [approved()])
    opened.take_terms(terms(2, milestones=(milestone(INCEPTION, Money.of(100_000, "GBP")),)))
    opened.note_decided(INCEPTION, Money.of(100_000, "GBP"), MONDAY)
    with pytest.raises(Conflict) as refused:
        bill_milestone(opened, INCEPTION)
    assert (refused.value.rule, refused.value.field) == ("value-is-ceiling", "milestone_id")
    assert not opened.payment(INCEPTION).pack_ids
