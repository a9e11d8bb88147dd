"""Due diligence: five checks that must all be passed, and how long that holds."""

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Check(StrEnum):
    LEGAL = "legal"
    FINANCE = "finance"
    SANCTIONS = "sanctions"
    ETHICS = "ethics"
    SITE_VISIT = "site_visit"


class Outcome(StrEnum):
    PASSED = "passed"
    FAILED = "failed"


@dataclass(frozen=True)
class CheckResult:
    check: Check
    outcome: Outcome
    evidence: str
    reviewer_id: str
    reviewed_on: date


def missing_checks(results: Iterable[CheckResult]) -> tuple[Check, ...]:
    """The checks that have not been passed, in the order of the list."""
    passed = {each.check for each in results if each.outcome is Outcome.PASSED}
    return tuple(check for check in Check if check not in passed)


def valid_until(results: Iterable[CheckResult], months: int) -> date | None:
    """The last day on which all checks still hold; None while any is missing.

    Counts from the oldest of the five: the chain holds as long as its weakest link.
    """
    results = tuple(results)
    if missing_checks(results):
        return None
    return add_months(min(each.reviewed_on for each in results), months)


def add_months(day: date, months: int) -> date:
    """The same day so many months on, or that month's last day where it is shorter."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
