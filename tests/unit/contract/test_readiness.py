"""How a contract with a value says in what way it is billed (C8)."""

from decimal import Decimal

import pytest

from services.contract.domain.lifecycle import ContractState
from shared.errors import Conflict
from shared.events.contract import BudgetLine, ContractTerms
from shared.events.vocabulary import ContractType
from tests.unit.contract.story import (
    POLICY,
    TODAY,
    draft,
    gbp,
    mou,
    partner,
    payment,
    report,
    terms,
)

pytestmark = pytest.mark.row("C8")


def by_days(days: int = 10, rate: int = 900, **changes: object) -> ContractTerms:
    line = BudgetLine("educator", Decimal(days), gbp(rate))
    return terms(**{"value": gbp(9_000), "milestones": (), "day_budget": (line,)} | changes)


def missing(agreed: ContractTerms) -> list[tuple[str, str]]:
    return [(each.field, each.rule) for each in draft(agreed).missing()]


def test_a_contract_without_payment_milestones_is_billed_by_its_day_budget():
    contract = draft(by_days())

    contract.submit(partner=partner(), on=TODAY, policy=POLICY)

    assert contract.state is ContractState.IN_REVIEW


def test_the_value_may_leave_room_above_the_day_budget():
    assert missing(by_days(value=gbp(12_000))) == []


def test_milestones_that_are_not_paid_leave_a_contract_billed_by_days():
    assert missing(by_days(milestones=(report(),))) == []


def test_a_value_that_nothing_says_how_to_bill_is_refused_in_words():
    contract = draft(by_days(day_budget=()))

    with pytest.raises(Conflict) as refused:
        contract.submit(partner=partner(), on=TODAY, policy=POLICY)

    (finding,) = refused.value.errors
    assert (finding["field"], finding["rule"]) == ("milestones", "milestones-or-day-budget")
    assert "9,000.00 GBP" in finding["message"]


def test_a_report_alone_does_not_say_how_a_value_is_billed():
    assert missing(by_days(day_budget=(), milestones=(report(),))) == [
        ("milestones", "milestones-or-day-budget")
    ]


def test_days_that_cost_nothing_do_not_say_how_a_value_is_billed():
    assert missing(by_days(rate=0)) == [("milestones", "milestones-or-day-budget")]


@pytest.mark.parametrize("value", ["8999.99", 0])
def test_days_that_are_billed_cost_no_more_than_the_value(value):
    assert missing(by_days(value=gbp(value))) == [("day_budget", "day-budget-within-value")]


def test_days_behind_a_fixed_price_may_cost_more_than_it():
    assert missing(by_days(milestones=(payment(9_000),), value=gbp(9_000), days=11)) == []


@pytest.mark.parametrize("nothing", [gbp(0), None])
def test_a_contract_that_is_worth_nothing_needs_neither(nothing):
    assert missing(mou(type=ContractType.MOA, value=nothing)) == []
