"""Lists of contracts: found by their partner, the active ones first, with sums below."""

from decimal import Decimal

import pytest

from shared.database import Database
from shared.errors import Forbidden, Invalid
from shared.events.partner import Institution, PartnerDetailsChanged
from shared.events.vocabulary import Role, Sector
from shared.work import Actor
from tests.unit.contract.office import ContractOffice

AUDITOR = Actor("observer-1", frozenset({str(Role.OBSERVER)}))


def _worth(amount: str, currency: str) -> dict[str, object]:
    """A body of a contract of this value, whose one milestone pays it."""
    value = {"amount": amount, "currency": currency}
    milestone = {"title": "End", "type": "payment", "due_on": "2027-03-31", "amount": value}
    return {"value": value, "milestones": [milestone], "day_budget": []}


@pytest.mark.row("U7")
def test_a_contract_is_found_by_any_name_of_its_partner_and_by_its_reference(
    database: Database,
) -> None:
    office = ContractOffice(database)
    partner = office.knows_partner("Universität Mühlental")
    contract = office.drafts(partner_id=str(partner), title="Curriculum reform")
    institution = Institution(
        "Universität Mühlental",
        "DE",
        Sector.UNIVERSITY,
        local_name="جامعة الأردن",
        aliases=("UMT",),
    )
    office.hears(PartnerDetailsChanged(partner_id=partner, institution=institution))
    for text in (
        "muhlental",
        "Muehlental curriculum",
        "reform umt",
        "جامعه الاردن",
        contract["reference"].lower(),
        "ptr-2026-0001",
    ):
        found = office.ask("list_contracts", text=text)["items"]
        assert [each["id"] for each in found] == [contract["id"]], text
    assert office.ask("list_contracts", text="muhlental other")["items"] == []


@pytest.mark.row("C2")
def test_sums_below_a_list_are_those_of_what_it_finds_by_currency(database: Database) -> None:
    office = ContractOffice(database)
    partner_id = str(office.knows_partner())
    office.drafts(partner_id=partner_id, title="One", **_worth("1000.10", "GBP"))
    office.drafts(partner_id=partner_id, title="Two", **_worth("2000.20", "GBP"))
    office.drafts(partner_id=partner_id, title="Three", **_worth("1.005", "JOD"))
    office.drafts(partner_id=partner_id, title="Four", value=None, milestones=[], day_budget=[])
    sums = office.ask("get_contract_totals")
    assert [(each["contracts"], each["value"]) for each in sums["totals"]] == [
        (2, {"amount": "3000.30", "currency": "GBP"}),
        (1, {"amount": "1.005", "currency": "JOD"}),
    ]
    assert sums["without_value"] == 1
    (narrowed,) = office.ask("get_contract_totals", text="two")["totals"]
    assert Decimal(narrowed["value"]["amount"]) == Decimal("2000.20")


@pytest.mark.row("C2")
def test_somebody_to_whom_money_is_not_open_gets_no_sums(office: ContractOffice) -> None:
    with pytest.raises(Forbidden):
        office.ask("get_contract_totals", by=AUDITOR)


@pytest.mark.row("C2")
def test_contracts_in_hand_come_before_those_that_are_over(database: Database) -> None:
    office = ContractOffice(database)
    partner_id = str(office.knows_partner())
    over = office.drafts(partner_id=partner_id, title="Over")
    office.do("cancel_contract", over["id"], reason="Not needed.")
    drafted = office.drafts(partner_id=partner_id, title="In hand")
    listed = office.ask("list_contracts", limit="1")
    assert listed["items"][0]["id"] == drafted["id"]
    further = office.ask("list_contracts", limit="1", cursor=listed["next"])
    assert [each["id"] for each in further["items"]] == [over["id"]]


@pytest.mark.row("U7")
def test_a_text_too_long_to_be_looked_for_is_refused_by_its_field(office: ContractOffice) -> None:
    with pytest.raises(Invalid) as refused:
        office.ask("list_contracts", text="x" * 201)
    assert refused.value.field == "text"
