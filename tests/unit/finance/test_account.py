"""What a contract is to be invoiced for."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest

from services.finance.domain.account import currency_of
from shared.errors import Conflict, NotFound
from shared.events.contract import BudgetLine
from shared.events.finance import AccountChanged, AccountOpened
from shared.events.vocabulary import MilestoneType
from shared.money import Money
from tests.unit.finance.examples import (
    FINAL,
    INCEPTION,
    MONDAY,
    account,
    gbp,
    invoiced_inception,
    issue,
    milestone,
    open_invoice,
    pay,
    terms,
    terms_by_days,
)

pytestmark = pytest.mark.row("N4")


def test_an_account_expects_an_invoice_for_each_payment_milestone() -> None:
    delivery = milestone(uuid4(), None, MilestoneType.DELIVERY)
    opened = account(terms(milestones=(delivery, *terms().milestones)))
    assert [each.amount for each in opened.expected] == [gbp(40_000), gbp(60_000)]


def test_opening_an_account_says_what_is_expected() -> None:
    (event,) = account().collect()
    assert isinstance(event, AccountOpened)
    assert [each.title for each in event.expected] == [
        "Inception report",
        "Final report",
    ]


def test_terms_without_value_and_day_rates_carry_no_money() -> None:
    assert currency_of(terms(value=None, milestones=(), day_budget=())) is None


def test_without_an_agreed_value_an_account_is_worth_its_day_budget() -> None:
    assert account(terms_by_days(value=None)).value == gbp(40_000) + gbp(42_030)


@pytest.mark.row("N1")
@pytest.mark.parametrize("version", [2, 3])
def test_terms_no_newer_than_those_known_are_ignored(version: int) -> None:
    opened = account(terms(version=3))
    opened.collect()
    opened.take_terms(terms(version=version, purchase_order="PO-OLD"))
    assert (opened.purchase_order, opened.collect()) == ("PO-7781", [])


def test_newer_terms_are_taken_and_published() -> None:
    opened = account()
    opened.collect()
    opened.take_terms(terms(version=2, purchase_order="PO-NEW", payment_days=14))
    (event,) = opened.collect()
    assert isinstance(event, AccountChanged)
    assert (event.terms_version, opened.purchase_order, opened.payment_days) == (
        2,
        "PO-NEW",
        14,
    )


def test_new_terms_leave_a_met_milestone_met() -> None:
    opened = account()
    opened.note_decided(INCEPTION, gbp(40_000), MONDAY)
    opened.take_terms(terms(version=2))
    assert opened.payment(INCEPTION).met_on == MONDAY


def test_a_milestone_that_new_terms_drop_is_no_longer_expected() -> None:
    opened = account()
    opened.take_terms(terms(version=2, milestones=(milestone(FINAL, gbp(100_000)),)))
    assert [each.milestone_id for each in opened.expected] == [FINAL]


def test_a_billed_milestone_that_new_terms_drop_is_kept_and_billed_no_more() -> None:
    opened = account()
    pack, _ = invoiced_inception(opened)
    opened.take_terms(terms(version=2, milestones=(milestone(FINAL, gbp(100_000)),)))
    opened.take_off_pack(INCEPTION, pack.id, pack.fee)
    assert opened.payment(INCEPTION).dropped
    with pytest.raises(Conflict) as refused:
        opened.put_on_pack(INCEPTION, uuid4())
    assert refused.value.rule == "milestone-dropped"


def test_a_contract_whose_milestones_were_all_dropped_is_billed_by_days() -> None:
    opened = account()
    invoiced_inception(opened)
    opened.take_terms(terms_by_days(version=2))
    assert not opened.is_fixed_price


def test_a_milestone_is_not_invoiced_before_it_is_met() -> None:
    with pytest.raises(Conflict) as refused:
        account().put_on_pack(INCEPTION, uuid4())
    assert refused.value.rule == "milestone-met-before-invoice"


def test_a_milestone_is_invoiced_once() -> None:
    opened = account()
    invoiced_inception(opened)
    with pytest.raises(Conflict) as refused:
        opened.put_on_pack(INCEPTION, uuid4())
    assert refused.value.rule == "milestone-invoiced-once"


def test_a_milestone_of_another_contract_is_not_found() -> None:
    with pytest.raises(NotFound):
        account().payment(uuid4())


def test_a_role_without_a_rate_is_refused_by_name() -> None:
    with pytest.raises(Conflict, match="librarian"):
        account().rate_of("librarian")


def test_the_currency_may_change_before_anything_is_invoiced() -> None:
    opened = account()
    dinars = Money.of("90000.500", "JOD")
    opened.take_terms(terms_by_days(version=2, value=dinars, day_budget=()))
    assert (opened.currency, opened.figures.drafted) == ("JOD", Money.zero("JOD"))


def test_the_currency_cannot_change_once_something_was_invoiced() -> None:
    opened = account()
    invoiced_inception(opened)
    with pytest.raises(Conflict) as refused:
        opened.take_terms(terms_by_days(version=2, value=Money.of(1, "JPY"), day_budget=()))
    assert refused.value.rule == "one-currency-per-account"


def test_terms_that_no_longer_carry_money_leave_an_account_worth_nothing() -> None:
    opened = account()
    opened.take_terms(terms(version=2, value=None, milestones=(), day_budget=()))
    assert (opened.value, opened.expected) == (gbp(0), ())


@pytest.mark.row("N5")
def test_the_figures_follow_an_invoice_from_draft_to_part_paid() -> None:
    opened = account()
    _, invoice = invoiced_inception(opened)
    assert opened.figures.drafted == gbp(40_000)
    with opened.counting(invoice):
        issue(invoice)
    with opened.counting(invoice):
        pay(invoice, gbp(15_000))
    assert opened.figures == replace(
        opened.figures,
        drafted=gbp(0),
        invoiced=gbp(40_000),
        paid=gbp(15_000),
        written_off=gbp(0),
    )
    assert opened.figures.outstanding == gbp(25_000)


@pytest.mark.row("N5")
def test_what_is_uncollectible_is_written_off() -> None:
    invoice = open_invoice()
    pay(invoice, gbp(15_000))
    invoice.give_up("The college was closed.")
    assert (invoice.figures.written_off, invoice.figures.outstanding) == (
        gbp(25_000),
        gbp(0),
    )


def test_the_day_rates_of_newer_terms_are_in_force() -> None:
    opened = account(terms_by_days())
    raised = BudgetLine(role="adviser", days=Decimal(60), rate=gbp(800))
    opened.take_terms(terms_by_days(version=2, day_budget=(raised,)))
    assert opened.rate_of("adviser") == gbp(800)
    assert opened.starts_on == date(2026, 1, 1)
