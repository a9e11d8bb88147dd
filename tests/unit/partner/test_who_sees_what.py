"""How partners are vetted is not for everybody who reads of them, least of all for the partner."""

from typing import Any
from uuid import UUID

import pytest

from services.partner.domain.due_diligence import Check
from shared.errors import Forbidden
from shared.events.vocabulary import Role
from shared.work import Actor, Call
from tests.unit.partner.office import REVIEWER, PartnerOffice

pytestmark = pytest.mark.row("P3")

OUTSIDE = [Role.OBSERVER, Role.CONSULTANT, Role.PROGRAMME_LEAD, Role.PARTNER_GUEST]
INSIDE = [each for each in Role if each not in OUTSIDE]
VETTING = ("checks", "risk_band", "risk_reason", "due_diligence_until", "due_diligence_expired")


@pytest.fixture
def vetted(office: PartnerOffice) -> str:
    id: str = office.do(
        "propose_partner", legal_name="University of Jordan", country="JO", sector="university"
    )["id"]
    for check in Check:
        passed = {"check": check, "outcome": "passed", "evidence": "Minutes 12"}
        office.do("record_check", by=REVIEWER, id=id, **passed)
    board = Actor(id="board-1", roles=frozenset({Role.BOARD}))
    office.do("rate_risk", by=board, id=id, band="high", reason="Sanctions nearby")
    return id


def reader(role: Role, partner_id: str) -> Call:
    scope = UUID(partner_id) if role is Role.PARTNER_GUEST else None
    return Call(actor=Actor(id="reader", roles=frozenset({role}), scope=scope))


def one(office: PartnerOffice, role: Role, id: str) -> dict[str, Any]:
    return dict(office.desk.ask("get_partner", {"id": id}, reader(role, id))["body"])


def first(office: PartnerOffice, role: Role, id: str, **wanted: str) -> dict[str, Any]:
    return dict(office.desk.ask("list_partners", wanted, reader(role, id))["body"]["items"][0])


@pytest.mark.parametrize("role", OUTSIDE)
def test_who_does_not_vet_sees_neither_checks_nor_risk(
    office: PartnerOffice, vetted: str, role: Role
) -> None:
    shown = one(office, role, vetted)
    assert [shown[name] for name in VETTING] == [None] * len(VETTING)
    listed = first(office, role, vetted)
    assert (listed["risk_band"], listed["due_diligence_until"]) == (None, None)
    assert shown["legal_name"] == listed["legal_name"] == "University of Jordan"


@pytest.mark.parametrize("role", INSIDE)
def test_the_office_and_auditors_see_how_a_partner_was_vetted(
    office: PartnerOffice, vetted: str, role: Role
) -> None:
    shown = one(office, role, vetted)
    assert (shown["risk_band"], len(shown["checks"])) == ("high", len(Check))
    assert first(office, role, vetted, risk_band="high")["risk_band"] == "high"


@pytest.mark.parametrize("role", OUTSIDE)
def test_no_list_by_risk_tells_what_is_not_shown(
    office: PartnerOffice, vetted: str, role: Role
) -> None:
    with pytest.raises(Forbidden):
        first(office, role, vetted, risk_band="high")


@pytest.mark.row("X3")
def test_what_a_contact_was_before_is_kept_for_managers_and_auditors(
    office: PartnerOffice, vetted: str
) -> None:
    dean: dict[str, Any] = {"name": "Dean", "email": "dean@example.edu", "roles": ["signatory"]}
    contact = office.do("add_contact", id=vetted, **dean)["contacts"][0]["id"]
    office.do("change_contact", id=vetted, contact_id=contact, email="office@example.edu")
    office.do("remove_contact", by=REVIEWER, id=vetted, contact_id=contact)

    def changes(role: Role) -> list[dict[str, Any]]:
        asked = {"id": vetted, "sort": "changed_at"}
        page = office.desk.ask("list_contact_changes", asked, reader(role, vetted))
        return list(page["body"]["items"])

    for role in (Role.PARTNERSHIP_MANAGER, Role.AUDITOR):
        told = [
            (each["field"].split(".")[-1], each["before"], each["after"]) for each in changes(role)
        ]
        assert told[0] == ("email", "dean@example.edu", "office@example.edu")
        assert ("email", "office@example.edu", None) in told[1:]
    for role in (Role.ADMINISTRATOR, Role.PARTNERSHIP_OFFICER, Role.OBSERVER, Role.PARTNER_GUEST):
        with pytest.raises(Forbidden):
            changes(role)
