"""The terms of a contract: which are acceptable, which are complete, and their fingerprint."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, timedelta
from decimal import Decimal

from services.contract.domain.policy import Policy
from shared.errors import Invalid
from shared.events.contract import ContractTerms, MilestoneTerms
from shared.events.vocabulary import ContractType, MilestoneType, RenewalType
from shared.money import Money, total

#: Day budgets, like day entries, are counted in quarters of a day.
QUARTER = Decimal("0.25")


def check_terms(terms: ContractTerms, policy: Policy) -> None:
    """Raises Invalid where terms contradict themselves. They may still be incomplete."""
    _check_years(terms, policy)
    _check_period(terms)
    if terms.type is ContractType.MOU and not policy.mou_carries_money:
        _check_carries_no_money(terms)
    _check_one_currency(terms)
    _check_day_budget(terms)
    for place, milestone in enumerate(terms.milestones):
        check_milestone(milestone, f"milestones.{place}", terms, policy)
    _check_payments_sum_to_value(terms)
    if terms.type is ContractType.AMENDMENT and terms.parent_id is None:
        raise Invalid(
            "An amendment needs the contract that it amends.",
            rule="amendment-has-parent",
            field="parent_id",
            accepted="the id of the amended contract",
        )


def check_within(child: ContractTerms, parent: ContractTerms, parent_reference: str) -> None:
    """Raises Invalid where a contract's period does not lie inside its parent's."""
    outside = _outside(child, parent)
    if not outside:
        return
    raise Invalid(
        f"The period must lie inside that of its parent contract {parent_reference}, "
        f"{spoken_period(parent)}.",
        rule="period-within-parent",
        field=outside[0],
        accepted=spoken_period(parent),
    )


def check_around(child: ContractTerms, child_reference: str, parent: ContractTerms) -> None:
    """Raises Invalid where a parent's changed period no longer covers a contract under it."""
    outside = _outside(child, parent)
    if not outside:
        return
    raise Invalid(
        f"{child_reference} under this contract runs {spoken_period(child)}, outside the new "
        "period. Keep the period around it, or change that contract first.",
        rule="period-within-parent",
        field=outside[0],
        accepted=f"a period that covers {spoken_period(child)}",
    )


def spoken_period(terms: ContractTerms) -> str:
    return f"{terms.starts_on} to {terms.ends_on or 'open end'}"


def _outside(child: ContractTerms, parent: ContractTerms) -> list[str]:
    """The dates of the child that do not lie in the parent's period."""
    outside = []
    if child.starts_on < parent.starts_on or (
        parent.ends_on is not None and child.starts_on > parent.ends_on
    ):
        outside.append("starts_on")
    if parent.ends_on is not None and (child.ends_on is None or child.ends_on > parent.ends_on):
        outside.append("ends_on")
    return outside


def terms_sha256(terms: ContractTerms) -> str:
    """The fingerprint that is approved and signed: SHA-256 (hexadecimal) of the canonical JSON.

    Canonical: keys sorted, no spaces, UTF-8; money in minor units; dates, ids and days as text.
    """
    canonical = json.dumps(
        asdict(terms), sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


def payments(terms: ContractTerms) -> tuple[MilestoneTerms, ...]:
    return tuple(each for each in terms.milestones if each.type is MilestoneType.PAYMENT)


def cost_of_day_budget(terms: ContractTerms) -> Money:
    """Days × rate of each role, to the minor unit, of terms that have a value."""
    assert terms.value is not None
    return total([line.rate * line.days for line in terms.day_budget], terms.value.currency)


def _check_years(terms: ContractTerms, policy: Policy) -> None:
    """A year that nobody can mean is a slip of the keyboard: 0026, 2206."""
    first, last = date(policy.first_year, 1, 1), date(policy.last_year, 12, 31)
    dates = [("starts_on", terms.starts_on), ("ends_on", terms.ends_on)]
    dates += [(f"milestones.{n}.due_on", each.due_on) for n, each in enumerate(terms.milestones)]
    for field, on in dates:
        if on is not None and not first <= on <= last:
            raise Invalid(
                f"{on} is not a date of any contract of this office. Was the year mistyped?",
                rule="date-possible",
                field=field,
                accepted=f"a date from {first} to {last}",
            )


def _check_period(terms: ContractTerms) -> None:
    if terms.renewal is RenewalType.EVERGREEN:
        if terms.ends_on is not None:
            raise Invalid(
                "An evergreen contract has no end; leave the end date out or choose another "
                "renewal type.",
                rule="evergreen-has-no-end",
                field="ends_on",
                accepted="no end date",
            )
        return
    if terms.ends_on is None and terms.renewal is RenewalType.UNKNOWN:
        return
    if terms.ends_on is None:
        raise Invalid(
            "A contract that is not evergreen needs an end date.",
            rule="end-date-needed",
            field="ends_on",
            accepted="a date on or after the start date",
        )
    if terms.ends_on < terms.starts_on:
        raise Invalid(
            f"The contract ends on {terms.ends_on}, before it starts on {terms.starts_on}.",
            rule="end-after-start",
            field="ends_on",
            accepted=f"{terms.starts_on} or later",
        )


def _check_carries_no_money(terms: ContractTerms) -> None:
    for field, _ in _money_of(terms):
        raise Invalid(
            "A memorandum of understanding is not binding and carries no money; leave the "
            "amount out or choose another type of contract.",
            rule="mou-carries-no-money",
            field=field,
            accepted="no amount",
        )


def _check_one_currency(terms: ContractTerms) -> None:
    for field, amount in _money_of(terms):
        if terms.value is None:
            raise Invalid(
                "A contract with amounts needs a value; state what it is worth in all.",
                rule="value-needed",
                field="value",
                accepted="an amount of money",
            )
        if amount.currency != terms.value.currency:
            raise Invalid(
                f"The contract is in {terms.value.currency}; this amount is in {amount.currency}.",
                rule="one-currency",
                field=field,
                accepted=terms.value.currency,
            )
        if amount.minor < 0:
            raise Invalid(
                "An amount of a contract is never negative.",
                rule="amount-not-negative",
                field=field,
                accepted="zero or more",
            )


def _money_of(terms: ContractTerms) -> Iterator[tuple[str, Money]]:
    if terms.value is not None:
        yield "value", terms.value
    if terms.expense_cap is not None:
        yield "expense_cap", terms.expense_cap
    for place, line in enumerate(terms.day_budget):
        yield f"day_budget.{place}.rate", line.rate
    for place, milestone in enumerate(terms.milestones):
        if milestone.amount is not None:
            yield f"milestones.{place}.amount", milestone.amount


def _check_day_budget(terms: ContractTerms) -> None:
    seen: set[str] = set()
    for place, line in enumerate(terms.day_budget):
        if line.role in seen:
            raise Invalid(
                f"The role {line.role!r} appears twice in the day budget; add its days together.",
                rule="role-once",
                field=f"day_budget.{place}.role",
                accepted="each role once",
            )
        seen.add(line.role)
        if line.days <= 0 or line.days % QUARTER:
            raise Invalid(
                f"{line.days} days cannot be budgeted; days are counted in quarters.",
                rule="days-in-quarters",
                field=f"day_budget.{place}.days",
                accepted="a positive multiple of 0.25",
            )


def check_milestone(
    milestone: MilestoneTerms, field: str, terms: ContractTerms, policy: Policy
) -> None:
    """Raises Invalid for a milestone that does not fit the terms around it."""
    is_payment = milestone.type is MilestoneType.PAYMENT
    if is_payment and not milestone.amount:
        raise Invalid(
            f"The payment milestone {milestone.title!r} needs an amount above zero.",
            rule="payment-has-amount",
            field=f"{field}.amount",
            accepted="an amount above zero",
        )
    if not is_payment and milestone.amount is not None:
        raise Invalid(
            f"Only payment milestones carry an amount; {milestone.title!r} is a "
            f"{milestone.type} milestone.",
            rule="amount-only-on-payment",
            field=f"{field}.amount",
            accepted="no amount, or the type payment",
        )
    latest = _latest_due(terms, policy)
    if milestone.due_on < terms.starts_on or (latest is not None and milestone.due_on > latest):
        raise Invalid(
            f"The milestone {milestone.title!r} is due on {milestone.due_on}, outside the "
            "contract's period.",
            rule="milestone-within-period",
            field=f"{field}.due_on",
            accepted=f"{terms.starts_on} to {latest or 'open end'}",
        )


def _latest_due(terms: ContractTerms, policy: Policy) -> date | None:
    if terms.ends_on is None:
        return None
    room = min(policy.milestone_days_after_end, (date.max - terms.ends_on).days)
    return terms.ends_on + timedelta(days=room)


def _check_payments_sum_to_value(terms: ContractTerms) -> None:
    due = payments(terms)
    if not due or terms.value is None:
        return
    amounts = [each.amount for each in due if each.amount is not None]
    together = total(amounts, terms.value.currency)
    if together != terms.value:
        raise Invalid(
            f"The payment milestones sum to {together}, and the contract's value is {terms.value}.",
            rule="milestones-sum-to-value",
            field="milestones",
            accepted=f"payment milestones of {terms.value} in all",
        )
