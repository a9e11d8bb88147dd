"""How fast a day budget burns: week by week, and when it will be used up at this pace."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal

from services.contract.domain.day_budget import NO_DAYS, Alert, DayBudget, KnownEntry
from services.contract.domain.policy import Policy
from shared.money import Money


@dataclass(frozen=True)
class RoleBurn:
    """One role's figures, in days.

    `rejected` days are held until they are corrected or withdrawn, and are not among the logged.
    `exhausted_on`: the date on which the budget was used up; while days remain, the date foreseen
    from the pace of recent weeks: None where nothing was approved in them, or where it would be
    more than a century away.
    """

    role: str
    rate: Money | None
    budget: Decimal
    planned: Decimal
    logged: Decimal
    rejected: Decimal
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
    """A contract's burn-down as at a day. `is_ahead`: days are used faster than work is accepted.

    `accepted_percent`: the accepted share of the milestones; None where there are none.
    """

    terms_version: int
    as_at: date
    roles: tuple[RoleBurn, ...]
    budget: Decimal
    planned: Decimal
    logged: Decimal
    rejected: Decimal
    approved: Decimal
    remaining: Decimal
    percent: int
    accepted_percent: int | None
    is_ahead: bool
    exhausted_on: date | None
    alerts: tuple[Alert, ...]
    weeks: tuple[Week, ...]


@dataclass(frozen=True)
class Progress:
    """What the burn-down of a budget is seen against.

    since: the first date of the contract; accepted_percent: see `BurnDown`.
    """

    since: date
    accepted_percent: int | None = None


def burn_down(
    budget: DayBudget,
    entries: Iterable[KnownEntry],
    as_at: date,
    policy: Policy,
    progress: Progress,
) -> BurnDown:
    """Figures by role and in all, alerts under the present terms, and the weekly series."""
    consuming = [each for each in entries if each.consumes]
    pace_days = days_of_pace(progress.since, as_at, policy.pace_weeks)
    roles = tuple(
        _role_burn(budget, role, consuming, as_at, pace_days) for role in budget.all_roles
    )
    bought = _sum(each.budget for each in roles)
    approved = _sum(each.approved for each in roles)
    return BurnDown(
        terms_version=budget.terms_version,
        as_at=as_at,
        roles=roles,
        budget=bought,
        planned=_sum(each.planned for each in roles),
        logged=_sum(each.logged for each in roles),
        rejected=_sum(each.rejected for each in roles),
        approved=approved,
        remaining=bought - approved,
        percent=budget.percent,
        accepted_percent=progress.accepted_percent,
        is_ahead=budget.is_ahead(progress.accepted_percent, policy),
        exhausted_on=exhaustion(bought, consuming, as_at, pace_days),
        alerts=tuple(e for e in budget.alerts if e.terms_version == budget.terms_version),
        weeks=tuple(_weeks(consuming, bought)),
    )


def without_drafts(shown: BurnDown, drafts: Iterable[KnownEntry]) -> BurnDown:
    """For readers who see no drafts: days are logged once they are submitted."""
    drafted: dict[str, Decimal] = {}
    for each in drafts:
        drafted[each.role] = drafted.get(each.role, NO_DAYS) + each.days
    roles = (
        replace(each, logged=each.logged - drafted.get(each.role, NO_DAYS)) for each in shown.roles
    )
    seen = tuple(each for each in roles if each.role not in drafted or _has_days(each))
    return replace(shown, roles=seen, logged=_sum(each.logged for each in seen))


def _has_days(burn: RoleBurn) -> bool:
    return any((burn.budget, burn.planned, burn.logged, burn.rejected, burn.approved))


def days_of_pace(since: date, as_at: date, pace_weeks: int) -> int:
    """Over how many days the pace is measured: the recent weeks, or the whole weeks there are.

    A contract that is younger than `pace_weeks` counts from its first date; one week at least.
    """
    begun = -(-((as_at - since).days + 1) // 7)  # rounded up
    return 7 * min(max(begun, 1), pace_weeks)


def exhaustion(
    bought: Decimal, consuming: Iterable[KnownEntry], as_at: date, pace_days: int
) -> date | None:
    """The date on which the budget was used up, or will be if the pace of recent days goes on.

    The pace counts days worked after `as_at` less `pace_days`, up to and including `as_at`.
    """
    consuming = list(consuming)
    remaining = bought - _sum(each.consumes for each in consuming)
    if remaining <= 0:
        return _used_up_on(bought, consuming)
    since = as_at - timedelta(days=pace_days)
    recent = _sum(each.consumes for each in consuming if since < each.worked_on <= as_at)
    if recent == 0:
        return None
    days_left = (remaining * pace_days / recent).to_integral_value(ROUND_CEILING)
    return as_at + timedelta(days=int(days_left)) if days_left < 36_525 else None


def _used_up_on(bought: Decimal, consuming: list[KnownEntry]) -> date | None:
    """The date whose days took the last of the budget, however much was worked afterwards."""
    used = NO_DAYS
    for each in sorted(consuming, key=lambda entry: entry.worked_on):
        used += each.consumes
        if used >= bought:
            return each.worked_on
    return None


def _role_burn(
    budget: DayBudget, role: str, consuming: list[KnownEntry], as_at: date, pace_days: int
) -> RoleBurn:
    days = budget.days_of(role)
    own = [each for each in consuming if each.role == role]
    return RoleBurn(
        role=role,
        rate=next((line.rate for line in budget.lines if line.role == role), None),
        budget=budget.budget_of(role),
        planned=days.planned,
        logged=days.logged,
        rejected=days.rejected,
        approved=days.approved,
        remaining=budget.remaining_of(role),
        percent=budget.percent_of(role),
        exhausted_on=exhaustion(budget.budget_of(role), own, as_at, pace_days),
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
