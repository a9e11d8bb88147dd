"""Due diligence: five checks, reviewed again and again; of each the newest review counts."""

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from shared.dates import check_happened
from shared.errors import Forbidden, Invalid
from shared.events.vocabulary import Role
from shared.identifiers import new_id


class Check(StrEnum):
    LEGAL = "legal"
    FINANCE = "finance"
    SANCTIONS = "sanctions"
    ETHICS = "ethics"
    SITE_VISIT = "site_visit"


class Outcome(StrEnum):
    PASSED = "passed"
    CONDITIONAL = "conditional"  # passed until a date, by which a condition is to be met
    FAILED = "failed"
    WAIVED = "waived"  # not needed for this partner


_PARTNERSHIPS = frozenset({Role.PARTNERSHIP_OFFICER, Role.PARTNERSHIP_MANAGER})
#: Who reviews what: the finance check is for finance, and only that.
_REVIEWERS = dict.fromkeys(Check, _PARTNERSHIPS) | {Check.FINANCE: frozenset({Role.FINANCE})}

#: What an outcome needs besides its evidence, and no other outcome takes.
_NEEDED = {
    Outcome.CONDITIONAL: ("condition", "condition_due_on"),
    Outcome.WAIVED: ("reason",),
}


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """One review of a check. `withdrawn`: why it counts no longer; it stays in the history."""

    review_id: UUID
    check: Check
    outcome: Outcome
    evidence: str
    reviewer_id: str
    reviewed_on: date
    condition: str | None = None
    condition_due_on: date | None = None
    reason: str | None = None  # why it was waived
    withdrawn: str | None = None

    @classmethod
    def of(
        cls,
        *,
        check: Check,
        outcome: Outcome,
        evidence: str,
        reviewer_id: str,
        reviewed_on: date,
        condition: str | None = None,
        condition_due_on: date | None = None,
        reason: str | None = None,
    ) -> "CheckResult":
        """A new review. Raises Invalid where it lacks what its outcome needs."""
        result = cls(
            review_id=new_id(),
            check=check,
            outcome=outcome,
            evidence=evidence,
            reviewer_id=reviewer_id,
            reviewed_on=reviewed_on,
            condition=condition,
            condition_due_on=condition_due_on,
            reason=reason,
        )
        for kind, names in _NEEDED.items():
            for name in names:
                _check_stated(result, kind, name)
        return result

    def holds_until(self, months: int) -> date:
        """The last day on which it is valid, unless it failed."""
        until = add_months(self.reviewed_on, months)
        return min(until, self.condition_due_on) if self.condition_due_on else until

    def check_dates(self, *, since: date, latest: date, months: int) -> None:
        """Raises Invalid for a review that cannot have been done, or a condition for never."""
        check_happened(
            self.reviewed_on,
            since=since,
            latest=latest,
            what="The review",
            follows=f"the oldest review that still counts ({months} months before the proposal)",
            field="reviewed_on",
        )
        last = add_months(self.reviewed_on, months)
        if self.condition_due_on and not self.reviewed_on <= self.condition_due_on <= last:
            raise Invalid(
                f"The condition is due on {self.condition_due_on}, which is not within the "
                f"{months} months for which the review is valid.",
                rule="condition-within-validity",
                field="condition_due_on",
                accepted=f"a date from {self.reviewed_on} to {last}",
            )


def _check_stated(result: CheckResult, kind: Outcome, name: str) -> None:
    stated, words = getattr(result, name), name.replace("_", " ")
    if result.outcome is kind and stated is None:
        raise Invalid(
            f"A check that is {kind} needs its {words}.",
            rule="outcome-complete",
            field=name,
            accepted=f"the {words}",
        )
    if result.outcome is not kind and stated is not None:
        raise Invalid(
            f"Only a check that is {kind} has a {words}; this one is {result.outcome}.",
            rule="outcome-complete",
            field=name,
            accepted=f"nothing, or the outcome {kind}",
        )


def require_reviewer(check: Check, roles: Iterable[str]) -> None:
    """Raises Forbidden where a check is for others to review."""
    reviewers = _REVIEWERS[check]
    if reviewers & set(roles):
        return
    said = ", ".join(sorted(reviewers)).replace("_", " ")
    raise Forbidden(
        f"The {check.replace('_', ' ')} check is reviewed by: {said}.",
        rule="reviewer-of-check",
        field="check",
        accepted=", ".join(sorted(reviewers)),
    )


def newest(results: Iterable[CheckResult]) -> tuple[CheckResult, ...]:
    """Of each check the review that counts: the newest by date, of a day the last recorded."""
    counting: dict[Check, CheckResult] = {}
    for each in results:
        known = counting.get(each.check)
        if each.withdrawn is None and (known is None or each.reviewed_on >= known.reviewed_on):
            counting[each.check] = each
    return tuple(counting[check] for check in Check if check in counting)


def missing_checks(results: Iterable[CheckResult]) -> tuple[Check, ...]:
    """The checks that failed or were never reviewed, in the order of the list."""
    done = {each.check for each in newest(results) if each.outcome is not Outcome.FAILED}
    return tuple(check for check in Check if check not in done)


def valid_until(results: Iterable[CheckResult], months: int) -> date | None:
    """The last day on which all checks still hold; None while any is missing.

    The chain holds as long as its weakest link: the oldest review, or the earliest condition.
    """
    results = newest(results)
    if missing_checks(results):
        return None
    return min(each.holds_until(months) for each in results)


def add_months(day: date, months: int) -> date:
    """The same day so many months on, or that month's last day where it is shorter."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
