"""What whoever plans an engagement is warned of: away, planned elsewhere, more days than dates."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from services.consultancy.domain.consultant import AvailabilityPeriod, Presence
from services.consultancy.domain.days import say
from services.consultancy.domain.policy import Policy


@dataclass(frozen=True)
class OtherPlan:
    """Days planned for the same person on another engagement that is not over."""

    reference: str
    starts_on: date
    ends_on: date
    days: Decimal


@dataclass(frozen=True)
class PlannedPerson:
    """A member of a team; `days` in all roles together."""

    name: str
    days: Decimal
    availability: tuple[AvailabilityPeriod, ...]
    others: tuple[OtherPlan, ...]


def plan_warnings(
    starts_on: date, ends_on: date, people: Iterable[PlannedPerson], policy: Policy
) -> tuple[str, ...]:
    """One sentence for each finding, person after person."""
    return tuple(
        warning for person in people for warning in _warnings(starts_on, ends_on, person, policy)
    )


def absence_warnings(
    name: str, away: Iterable[AvailabilityPeriod], plans: Iterable[OtherPlan]
) -> tuple[str, ...]:
    """What is planned for somebody who says that they are away: a sentence for each engagement.

    away: periods that were not known before.
    """
    dates = [each for each in away if each.presence is Presence.AWAY]
    return tuple(
        f"{name} is planned for {say(plan.days)} on {plan.reference}, from {plan.starts_on} to "
        f"{plan.ends_on}, and away on {_dates(gone)} of these."
        for plan in plans
        if (gone := _dates_away(plan.starts_on, plan.ends_on, dates))
    )


def _warnings(
    starts_on: date, ends_on: date, person: PlannedPerson, policy: Policy
) -> Iterable[str]:
    dates = (ends_on - starts_on).days + 1
    if person.days > dates * policy.most_days_a_date:
        yield (
            f"{person.name}: {say(person.days)} planned in {_dates(dates)}; a person logs at most "
            f"{say(policy.most_days_a_date)} a date."
        )
    away = _dates_away(starts_on, ends_on, person.availability)
    if away:
        left = (dates - away) * policy.most_days_a_date
        short = f", which leaves {say(left)} for {say(person.days)}" if person.days > left else ""
        yield (f"{person.name} is away on {away} of the engagement's {_dates(dates)}{short}.")
    for other in person.others:
        if other.starts_on <= ends_on and starts_on <= other.ends_on:
            yield (
                f"{person.name} is also planned for {say(other.days)} on {other.reference}, from "
                f"{other.starts_on} to {other.ends_on}."
            )


def _dates_away(starts_on: date, ends_on: date, availability: Iterable[AvailabilityPeriod]) -> int:
    away = set()
    for period in availability:
        if period.presence is not Presence.AWAY or not period.overlaps(starts_on, ends_on):
            continue
        first, last = max(period.starts_on, starts_on), min(period.ends_on, ends_on)
        away |= {first + timedelta(days=n) for n in range((last - first).days + 1)}
    return len(away)


def _dates(number: int) -> str:
    return "1 date" if number == 1 else f"{number} dates"
