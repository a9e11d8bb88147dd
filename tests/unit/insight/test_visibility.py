"""Who sees which events on a timeline."""

import pytest

from services.insight.domain.visibility import EVERYTHING, NEEDED, sees_finance, visible_to
from shared.events.vocabulary import Role

pytestmark = pytest.mark.row("U1")


def test_every_role_has_a_view() -> None:
    assert set(NEEDED) == EVERYTHING


def test_auditors_see_everything() -> None:
    assert visible_to([Role.AUDITOR]) == EVERYTHING


def test_administrators_see_everything_but_the_ledger() -> None:
    hidden = EVERYTHING - visible_to([Role.ADMINISTRATOR])
    assert hidden == {each for each in EVERYTHING if each.startswith("finance.")}


@pytest.mark.parametrize("role", [Role.OBSERVER, Role.CONSULTANT, Role.PROGRAMME_LEAD])
@pytest.mark.parametrize("event", ["finance.invoice_opened", "partner.risk_rated"])
def test_colleagues_of_other_trades_see_neither_finance_nor_vetting(role: Role, event: str) -> None:
    assert event not in visible_to([role])


@pytest.mark.parametrize(
    "event",
    [
        "partner.due_diligence_recorded",
        "partner.risk_rated",
        "contract.drafted",
        "contract.submitted",
        "contract.approval_given",
        "contract.day_budget_alert",
        "consultancy.days_rejected",
        "finance.invoice_drafted",
        "finance.invoice_uncollectible",
        "faculty.evaluation_received",
        "gateway.token_issued",
    ],
)
def test_a_partner_does_not_see_what_is_internal(event: str) -> None:
    assert event in EVERYTHING
    assert event not in visible_to([Role.PARTNER_GUEST])


@pytest.mark.parametrize("event", ["contract.activated", "finance.invoice_opened"])
def test_a_partner_sees_what_was_agreed_and_asked_for(event: str) -> None:
    assert event in visible_to([Role.PARTNER_GUEST])


def test_somebody_with_two_roles_sees_what_either_may() -> None:
    assert visible_to([Role.OBSERVER, Role.FINANCE]) == visible_to([Role.FINANCE])


def test_nobody_without_a_role_sees_anything() -> None:
    assert visible_to([]) == frozenset()


@pytest.mark.parametrize(
    ("role", "sees"),
    [(Role.FINANCE, True), (Role.BOARD, True), (Role.OBSERVER, False), (Role.PARTNER_GUEST, False)],
)
def test_figures_of_invoices_are_for_the_office(role: Role, sees: bool) -> None:
    assert sees_finance([role]) is sees
