"""Institutions, checks and a partner to tell the tests' stories with."""

from dataclasses import replace
from datetime import date
from typing import Any

from services.partner.domain.due_diligence import Check, CheckResult, Outcome
from services.partner.domain.institution import Institution
from services.partner.domain.partner import Partner
from shared.events.vocabulary import RiskBand, Role, Sector

TODAY = date(2026, 3, 2)
SPONSOR, COLLEAGUE = "officer-1", "manager-1"
MONTHS = 24
#: Together they may review every check.
REVIEWERS = (Role.PARTNERSHIP_MANAGER, Role.FINANCE)
#: A ROR id whose check digits fit (University College London's).
ROR = "https://ror.org/02jx3x895"


def institution(**changes: Any) -> Institution:
    return replace(
        Institution(legal_name="University of Jordan", country="JO", sector=Sector.UNIVERSITY),
        **changes,
    )


def proposed(**changes: Any) -> Partner:
    return Partner.propose("PTR-2026-0001", institution(**changes), sponsor_id=SPONSOR, on=TODAY)


def result(
    check: Check, *, outcome: Outcome = Outcome.PASSED, on: date = TODAY, **more: Any
) -> CheckResult:
    return CheckResult.of(
        check=check,
        outcome=outcome,
        evidence="minutes 12/2026",
        reviewed_on=on,
        **{"reviewer_id": COLLEAGUE} | more,
    )


def record(partner: Partner, *results: CheckResult, roles: Any = REVIEWERS) -> None:
    """Each as on a day long after it was reviewed."""
    for each in results:
        partner.record_check(
            each, roles=frozenset(roles), valid_months=MONTHS, latest=date(2040, 1, 1)
        )


def rate(partner: Partner, band: RiskBand, *roles: Role, by: str = COLLEAGUE) -> None:
    partner.rate_risk(band, "known for years", by=by, roles=frozenset(roles or {Role.BOARD}))


def check_all(partner: Partner, on: date = TODAY) -> Partner:
    record(partner, *(result(check, on=on) for check in Check))
    return partner


def reviewed(risk: RiskBand = RiskBand.LOW) -> Partner:
    """Under review with everything that an approval needs."""
    partner = proposed()
    partner.start_review()
    check_all(partner)
    rate(partner, risk)
    return partner


def approve(partner: Partner, *, by: str = COLLEAGUE, roles: Any = (), on: date = TODAY) -> None:
    partner.approve(by=by, roles=frozenset(roles or {Role.PARTNERSHIP_MANAGER}), on=on)


def approved() -> Partner:
    partner = reviewed()
    approve(partner)
    partner.collect()
    return partner


def types(partner: Partner) -> list[str]:
    """What has been recorded since the last look."""
    return [event.type for event in partner.collect()]
