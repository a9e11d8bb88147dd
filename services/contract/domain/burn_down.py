"""How fast a day budget burns: week by week, and when it will be used up at this pace."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal

from services.contract.domain.day_budget import NO_DAYS, Alert, DayBudget, KnownEntry
from services.contract.domain.policy import Policy
from shared.money import Money


@dataclass(frozen=True)
class RoleBurn:
    """One role's figures, in days. `exhausted_on` is foreseen from the pace of recent weeks:
    None where nothing was approved in them, or where it would be more than a century away."""

    role: str
    rate: Money | None
    budget: Decimal
    planned: Decimal
    logged: Decimal
    approved: Decimal
    remaining: Decimal
    percent: int
    exhausted_on: date | None


@dataclass(frozen=True)
class Week:
    """The days consumed in the week from Monday `starts_on`, and what was left at its end."""

    starts_on: date
    approved: Decimal
    remaining: Decimal


@dataclass(frozen=True)
class BurnDown:
    """A contract's burn-down as at a day."""

    terms_version: int
    as_at: date
    roles: tuple[RoleBurn, ...]
    budget: Decimal
    planned: Decimal
    logged: Decimal
    approved: Decimal
    remaining: Decimal
    percent: int
    exhausted_on: date | None
    alerts: tuple[Alert, ...]
    weeks: tuple[Week, ...]


def burn_down(
    budget: DayBudget, entries: Iterable[KnownEntry], as_at: date, policy: Policy
) -> BurnDown:
    """Figures by role and in all, alerts under the present terms, and the weekly series."""
    consuming = [each for each in entries if each.consumes]
    roles = tuple(_role_burn(budget, role, consuming, as_at, policy) for role in budget.all_roles)
    bought = _sum(each.budget for each in roles)
    approved = _sum(each.approved for each in roles)
    return BurnDown(
        terms_version=budget.terms_version,
        as_at=as_at,
        roles=roles,
        budget=bought,
        planned=_sum(each.planned for each in roles),
        logged=_sum(each.logged for each in roles),
        approved=approved,
        remaining=bought - approved,
        percent=int(approved * 100 // bought) if bought else (100 if approved else 0),
        exhausted_on=foreseen_exhaustion(bought - approved, consuming, as_at, policy.pace_weeks),
        alerts=tuple(e for e in budget.alerts if e.terms_version == budget.terms_version),
        weeks=tuple(_weeks(consuming, bought)),
    )


def foreseen_exhaustion(
    remaining: Decimal, consuming: Iterable[KnownEntry], as_at: date, pace_weeks: int
) -> date | None:
    """The day on which the rest is used up if the pace of the last `pace_weeks` weeks goes on.

    The pace counts days worked after `as_at` less that many weeks, up to and including `as_at`.
    With nothing left it is the last day that consumed anything.
    """
    consuming = list(consuming)
    if remaining <= 0:
        return max((each.worked_on for each in consuming), default=None)
    since = as_at - timedelta(weeks=pace_weeks)
    recent = _sum(each.consumes for each in consuming if since < each.worked_on <= as_at)
    if recent == 0:
        return None
    days_left = (remaining * 7 * pace_weeks / recent).to_integral_value(ROUND_CEILING)
    return as_at + timedelta(days=int(days_left)) if days_left < 36_525 else None


def _role_burn(
    budget: DayBudget, role: str, consuming: list[KnownEntry], as_at: date, policy: Policy
) -> RoleBurn:
    days, remaining = budget.days_of(role), budget.remaining_of(role)
    own = [each for each in consuming if each.role == role]
    return RoleBurn(
        role=role,
        rate=next((line.rate for line in budget.lines if line.role == role), None),
        budget=budget.budget_of(role),
        planned=days.planned,
        logged=days.logged,
        approved=days.approved,
        remaining=remaining,
        percent=budget.percent_of(role),
        exhausted_on=foreseen_exhaustion(remaining, own, as_at, policy.pace_weeks),
    )


def _weeks(consuming: list[KnownEntry], bought: Decimal) -> Iterable[Week]:
    """Every week from the first to the last that consumed days, empty ones among them."""
    by_week: dict[date, Decimal] = {}
    for each in consuming:
        monday = each.worked_on - timedelta(days=each.worked_on.weekday())
        by_week[monday] = by_week.get(monday, NO_DAYS) + each.consumes
    if not by_week:
        return
    monday, left = min(by_week), bought
    while monday <= max(by_week):
        approved = by_week.get(monday, NO_DAYS)
        left -= approved
        yield Week(monday, approved, left)
        monday += timedelta(weeks=1)


def _sum(days: Iterable[Decimal]) -> Decimal:
    return sum(days, NO_DAYS)
