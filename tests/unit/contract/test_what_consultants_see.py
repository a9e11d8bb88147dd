"""Consultants read the contracts under which they work: days, and no money."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from shared.errors import Forbidden
from shared.events.consultancy import (
    ConsultantChanged,
    ConsultantRegistered,
    EngagementClosed,
    EngagementPlanned,
    EngagementReplanned,
    TeamMember,
)
from shared.events.vocabulary import Area, Role, WorkMode
from shared.identifiers import new_id
from shared.work import Actor
from tests.unit.contract.office import BODY, ContractOffice

pytestmark = pytest.mark.row("U1")

RANA = Actor("rana", frozenset({Role.CONSULTANT}))
RECORD = new_id()
ENGAGEMENT = new_id()
DAYS: dict[str, Any] = {"starts_on": date(2026, 4, 1), "ends_on": date(2026, 6, 30)}


def member(consultant_id: UUID) -> TeamMember:
    return TeamMember(consultant_id, "educator", Decimal(4))


def planned(contract: Any, *team: UUID) -> EngagementPlanned:
    return EngagementPlanned(
        engagement_id=ENGAGEMENT,
        reference="ENG-2026-0001",
        contract_id=UUID(contract["id"]),
        partner_id=UUID(contract["partner_id"]),
        title="Blueprinting",
        area=Area.ASSESSMENT,
        mode=WorkMode.HYBRID,
        team=tuple(map(member, team)),
        **DAYS,
    )


def linked(account_id: str | None) -> ConsultantChanged:
    return ConsultantChanged(
        consultant_id=RECORD, areas=(), languages=(), roles=(), account_id=account_id
    )


@pytest.fixture
def contract(office: ContractOffice) -> Any:
    office.hears(
        ConsultantRegistered(
            consultant_id=RECORD,
            reference="CON-2026-0001",
            areas=(),
            languages=(),
            roles=(),
            account_id="rana",
        )
    )
    return office.signs(office.drafts())


def seen(office: ContractOffice) -> list[str]:
    return [each["id"] for each in office.ask("list_contracts", by=RANA)["items"]]


def test_a_contract_of_others_is_neither_listed_nor_read(
    office: ContractOffice, contract: Any
) -> None:
    office.hears(planned(contract, new_id()))
    assert seen(office) == []
    for query in ("get_contract", "get_burn_down"):
        with pytest.raises(Forbidden) as refusal:
            office.ask(query, by=RANA, id=contract["id"])
        assert refusal.value.rule == "own-contract"


def test_on_the_team_the_days_are_read_and_no_money(office: ContractOffice, contract: Any) -> None:
    office.hears(planned(contract, new_id(), RECORD))
    assert seen(office) == [contract["id"]]
    shown = office.ask("get_contract", by=RANA, id=contract["id"])
    (line,) = shown["day_budget"]
    assert (line["days"], line["rate"]) == (BODY["day_budget"][0]["days"], None)
    assert (shown["value"], shown["approvals"], shown["needed_roles"]) == (None, None, None)
    assert {each["email"] for each in shown["signatories"]} == {None}
    assert office.ask("get_burn_down", by=RANA, id=contract["id"])["roles"]


def test_who_leaves_the_team_reads_it_no_more_and_who_stays_to_the_end_does(
    office: ContractOffice, contract: Any
) -> None:
    ids: dict[str, Any] = {
        "engagement_id": ENGAGEMENT,
        "contract_id": UUID(contract["id"]),
        "partner_id": UUID(contract["partner_id"]),
    }
    office.hears(planned(contract, RECORD), EngagementClosed(**ids))
    assert seen(office) == [contract["id"]]
    office.hears(EngagementReplanned(team=(member(new_id()),), **ids, **DAYS))
    assert seen(office) == []


def test_the_account_linked_now_counts(office: ContractOffice, contract: Any) -> None:
    office.hears(planned(contract, RECORD), linked(None))
    assert seen(office) == []
    office.hears(linked("rana"))
    assert seen(office) == [contract["id"]]
