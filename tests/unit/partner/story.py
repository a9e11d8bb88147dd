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
#: A ROR id whose check digits fit (University College London's).
ROR = "https://ror.org/02jx3x895"


def institution(**changes: Any) -> Institution:
    return replace(
        Institution(legal_name="University of Jordan", country="JO", sector=Sector.UNIVERSITY),
        **changes,
    )


def proposed(**changes: Any) -> Partner:
    return Partner.propose("PTR-2026-0001", institution(**changes), sponsor_id=SPONSOR, on=TODAY)


def result(check: Check, *, outcome: Outcome = Outcome.PASSED, on: date = TODAY) -> CheckResult:
    return CheckResult(check, outcome, "minutes 12/2026", COLLEAGUE, on)


def check_all(partner: Partner, on: date = TODAY) -> Partner:
    for check in Check:
        partner.record_check(result(check, on=on), valid_months=MONTHS)
    return partner


def reviewed(risk: RiskBand = RiskBand.LOW) -> Partner:
    """Under review with everything that an approval needs."""
    partner = proposed()
    partner.start_review()
    check_all(partner)
    partner.rate_risk(risk, "known for years")
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
