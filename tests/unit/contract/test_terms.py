"""Which terms are acceptable (C1, C2, C8)."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from services.contract.domain.policy import Policy
from services.contract.domain.terms import check_terms, check_within, terms_sha256
from shared.errors import Invalid
from shared.events.contract import BudgetLine, ContractTerms
from shared.events.vocabulary import ContractType, MilestoneType, RenewalType
from shared.money import Money
from tests.unit.contract.story import ENDS, POLICY, STARTS, gbp, mou, payment, report, terms


def refusal(agreed: ContractTerms, policy: Policy = POLICY) -> tuple[str, str]:
    with pytest.raises(Invalid) as refused:
        check_terms(agreed, policy)
    assert refused.value.message
    assert refused.value.accepted
    return refused.value.rule, refused.value.field


@pytest.mark.row("C1")
@pytest.mark.parametrize(
    ("field", "amount"),
    [
        ("value", gbp(1)),
        ("expense_cap", gbp(1)),
        ("milestones", (payment(1),)),
        ("day_budget", (BudgetLine("educator", Decimal(1), gbp(900)),)),
    ],
)
def test_a_memorandum_carries_no_money_of_any_kind(field, amount):
    rule, where = refusal(mou(**{field: amount}))

    assert (rule, where.partition(".")[0]) == ("mou-carries-no-money", field)


@pytest.mark.row("C1")
def test_a_memorandum_may_carry_money_where_the_office_says_so():
    paid = mou(value=gbp(100))

    check_terms(paid, replace(POLICY, mou_carries_money=True))


@pytest.mark.row("C1")
def test_a_memorandum_without_money_is_acceptable():
    check_terms(mou(), POLICY)


@pytest.mark.row("C1")
def test_an_amendment_needs_the_contract_that_it_amends():
    assert refusal(terms(type=ContractType.AMENDMENT)) == ("amendment-has-parent", "parent_id")


@pytest.mark.row("C1")
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"starts_on": STARTS - timedelta(days=1)}, "starts_on"),
        ({"ends_on": ENDS + timedelta(days=1)}, "ends_on"),
        ({"ends_on": None}, "ends_on"),
    ],
)
def test_a_childs_period_lies_inside_its_parents(changes, field):
    with pytest.raises(Invalid) as refused:
        check_within(terms(**changes), terms(), "CTR-2026-0001")

    assert (refused.value.rule, refused.value.field) == ("period-within-parent", field)


@pytest.mark.row("C1")
def test_a_child_may_last_exactly_as_long_as_its_parent():
    check_within(terms(), terms(), "CTR-2026-0001")


@pytest.mark.row("C1")
def test_under_an_evergreen_parent_only_the_start_counts():
    parent = terms(ends_on=None, renewal=RenewalType.EVERGREEN)

    check_within(terms(ends_on=date(2099, 1, 1)), parent, "CTR-2026-0001")


@pytest.mark.row("C2")
def test_a_contract_does_not_end_before_it_starts():
    backwards = terms(ends_on=STARTS - timedelta(days=1), milestones=())

    assert refusal(backwards) == ("end-after-start", "ends_on")


@pytest.mark.row("C2")
def test_a_contract_may_last_a_single_day():
    check_terms(terms(ends_on=STARTS, milestones=()), POLICY)


@pytest.mark.row("C2")
def test_only_an_evergreen_contract_has_no_end():
    assert refusal(terms(ends_on=None)) == ("end-date-needed", "ends_on")


@pytest.mark.row("C2")
def test_an_evergreen_contract_has_no_end_date():
    assert refusal(terms(renewal=RenewalType.EVERGREEN)) == ("evergreen-has-no-end", "ends_on")


@pytest.mark.row("C2")
def test_a_contract_is_in_one_currency_throughout():
    cap = Money.of("10.500", "JOD")

    assert refusal(terms(expense_cap=cap)) == ("one-currency", "expense_cap")


@pytest.mark.row("C2")
def test_the_rates_are_in_the_contracts_currency_too():
    line = BudgetLine("educator", Decimal(1), Money.of(100, "JPY"))

    assert refusal(terms(day_budget=(line,))) == ("one-currency", "day_budget.0.rate")


@pytest.mark.row("C2")
def test_money_has_the_decimals_of_its_currency():
    value = Money.of("125000.505", "JOD")

    check_terms(
        terms(value=value, milestones=(), day_budget=(), expense_cap=None),
        POLICY,
    )


@pytest.mark.row("C2")
def test_a_contract_with_amounts_needs_a_value():
    assert refusal(terms(value=None)) == ("value-needed", "value")


@pytest.mark.row("C2")
def test_an_amount_is_never_negative():
    assert refusal(terms(value=gbp(-1), milestones=())) == ("amount-not-negative", "value")


@pytest.mark.row("C2")
def test_a_role_stands_once_in_the_day_budget():
    line = BudgetLine("educator", Decimal(1), gbp(900))

    assert refusal(terms(day_budget=(line, line))) == ("role-once", "day_budget.1.role")


@pytest.mark.row("C2")
@pytest.mark.parametrize("days", ["0", "-1", "0.3"])
def test_days_are_budgeted_in_quarters(days):
    line = BudgetLine("educator", Decimal(days), gbp(900))

    assert refusal(terms(day_budget=(line,))) == ("days-in-quarters", "day_budget.0.days")


@pytest.mark.row("C8")
@pytest.mark.parametrize("amounts", [(59_999,), ("60000.01",), (30_000, 29_999)])
def test_payment_milestones_sum_exactly_to_the_value(amounts):
    short = terms(milestones=tuple(payment(each) for each in amounts))

    assert refusal(short) == ("milestones-sum-to-value", "milestones")


@pytest.mark.row("C8")
def test_milestones_of_other_types_do_not_count_towards_the_value():
    check_terms(terms(milestones=(payment(20_000), report(), payment(40_000))), POLICY)


@pytest.mark.row("C8")
def test_a_payment_milestone_has_an_amount():
    free = replace(payment(), amount=None)

    assert refusal(terms(milestones=(free,))) == ("payment-has-amount", "milestones.0.amount")


@pytest.mark.row("C8")
def test_only_payment_milestones_have_an_amount():
    paid_report = payment(1, type=MilestoneType.REPORTING)

    assert refusal(terms(milestones=(paid_report,))) == (
        "amount-only-on-payment",
        "milestones.0.amount",
    )


@pytest.mark.row("C8")
@pytest.mark.parametrize("due_on", [STARTS - timedelta(days=1), ENDS + timedelta(days=91)])
def test_a_milestone_falls_due_within_the_period(due_on):
    assert refusal(terms(milestones=(payment(due_on=due_on),))) == (
        "milestone-within-period",
        "milestones.0.due_on",
    )


@pytest.mark.row("C8")
def test_a_last_payment_may_fall_due_some_weeks_after_the_end():
    check_terms(terms(milestones=(payment(due_on=ENDS + timedelta(days=90)),)), POLICY)


@pytest.mark.row("C6")
def test_the_fingerprint_changes_with_any_of_the_terms():
    agreed = terms()

    assert terms_sha256(agreed) != terms_sha256(replace(agreed, payment_days=31))


@pytest.mark.row("C6")
def test_the_fingerprint_of_the_same_terms_is_the_same():
    agreed = terms()

    assert terms_sha256(agreed) == terms_sha256(replace(agreed, title=agreed.title))
