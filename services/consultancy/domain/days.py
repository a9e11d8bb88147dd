"""Amounts of days: how they are checked and how they are said."""

from decimal import Decimal

from services.consultancy.domain.policy import Policy
from shared.errors import Invalid


def say(days: Decimal) -> str:
    """For people: "2.5 days", "1 day"."""
    return f"{days.normalize():f} {'day' if days == 1 else 'days'}"


def check_step(days: Decimal, policy: Policy, field: str) -> None:
    """Raises Invalid where `days` is not a positive multiple of the office's step."""
    if days > 0 and days % policy.day_step == 0:
        return
    raise Invalid(
        f"Days are counted in steps of {policy.day_step}; give a multiple of it above zero.",
        rule="day-step",
        field=field,
        accepted=f"{policy.day_step}, {2 * policy.day_step}, {3 * policy.day_step} …",
    )
