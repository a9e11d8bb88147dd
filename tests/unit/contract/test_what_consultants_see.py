"""Consultants read the contracts under which they work: days, and no money."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from shared.errors import Forbidden
from shared.events.consultancy import (
    ConsultantChanged,
    ConsultantRegistered,
    DaysLogged,
    DaysSubmitted,
    EngagementClosed,
    EngagementPlanned,
    EngagementReplanned,
    TeamMember,
)
from shared.events.vocabulary import Area, Role, WorkMode
from shared.identifiers import new_id
from shared.work import Actor
from tests.alone import guest_of
from tests.unit.contract.office import BODY, OFFICER, ContractOffice
from tests.unit.contract.test_reactions import worked

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
    hidden = ("value", "terms_sha256", "approved_sha256", "approvals", "needed_roles")
    assert {shown[name] for name in hidden} == {None}
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


@pytest.mark.row("C10")
def test_readers_who_see_no_drafts_see_days_once_they_are_submitted(
    office: ContractOffice, contract: Any
) -> None:
    office.hears(planned(contract, RECORD))
    draft = worked(contract)
    unbought = replace(worked(contract), entry_id=new_id(), role="driver")
    office.hears(DaysLogged(entry=draft), DaysLogged(entry=unbought))
    observer = Actor("olaf", frozenset({Role.OBSERVER}))

    def logged(by: Actor) -> tuple[Decimal, set[str]]:
        shown = office.ask("get_burn_down", by=by, id=contract["id"])
        counted = sum((Decimal(each["logged"]) for each in shown["roles"]), Decimal(0))
        assert counted == Decimal(shown["logged"])
        return counted, {each["role"] for each in shown["roles"]}

    bought = {line["role"] for line in BODY["day_budget"]}
    assert logged(OFFICER) == (Decimal(2), bought | {"driver"})
    for reader in (RANA, observer, guest_of(contract["partner_id"])):
        assert logged(reader) == (Decimal(0), bought)
    office.hears(DaysSubmitted(entry=draft))
    for reader in (RANA, observer, guest_of(contract["partner_id"])):
        assert logged(reader) == (Decimal(1), bought)


def test_two_roles_together_show_nothing_that_neither_shows(
    office: ContractOffice, contract: Any
) -> None:
    """A lead sees drafts of programmes; that opens nothing of a contract on whose team they are."""
    office.hears(planned(contract, RECORD))
    both = Actor("rana", frozenset({Role.CONSULTANT, Role.PROGRAMME_LEAD}))
    shown = office.ask("get_contract", by=both, id=contract["id"])
    alone = office.ask("get_contract", by=RANA, id=contract["id"])
    assert shown == alone
    assert (shown["approvals"], shown["authors"]) == (None, None)
