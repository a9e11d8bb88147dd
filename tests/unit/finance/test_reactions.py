"""What finance does when contracts and days are heard of."""

from datetime import date

import pytest

from shared.database import Database
from shared.errors import NotFound
from shared.events.consultancy import DaysApproved, DaysReversed, LoggedDays
from shared.events.contract import (
    ContractActivated,
    ContractTerms,
    ContractTermsChanged,
    MilestoneMet,
)
from shared.events.vocabulary import MilestoneType
from shared.messaging.reactions import NotYet
from shared.money import Money
from tests.unit.finance.examples import (
    CONTRACT,
    INCEPTION,
    MONDAY,
    PARTNER,
    entry,
    gbp,
    terms,
    terms_by_days,
)
from tests.unit.finance.office import FinanceOffice

pytestmark = pytest.mark.row("N4")


@pytest.fixture
def office(sqlite: Database) -> FinanceOffice:
    return FinanceOffice(sqlite, MONDAY)


FEE = gbp(40_000)


def activated(agreed: ContractTerms) -> ContractActivated:
    return ContractActivated(
        contract_id=CONTRACT, reference="CTR-2026-0042", partner_id=PARTNER, terms=agreed
    )


def changed(agreed: ContractTerms) -> ContractTermsChanged:
    return ContractTermsChanged(contract_id=CONTRACT, terms=agreed, reason="Agreed by both.")


def met(type: MilestoneType = MilestoneType.PAYMENT, amount: Money | None = FEE) -> MilestoneMet:
    return MilestoneMet(
        contract_id=CONTRACT,
        partner_id=PARTNER,
        milestone_id=INCEPTION,
        title="Inception report",
        milestone_type=type,
        amount=amount,
        met_on=MONDAY,
        evidence="Accepted deliverable",
        terms_version=1,
    )


def approval(days: LoggedDays) -> DaysApproved:
    return DaysApproved(entry=days, approver_id="lead")


def test_an_activated_contract_gets_an_account(office: FinanceOffice) -> None:
    office.hears(activated(terms()))
    shown = office.ask("get_account", id=CONTRACT)
    assert [each["amount"]["amount"] for each in shown["expected"]] == ["40000.00", "60000.00"]
    assert office.tells() == ["account_opened"]


def test_a_contract_without_money_gets_no_account(office: FinanceOffice) -> None:
    office.hears(activated(terms(value=None, milestones=(), day_budget=())))
    office.hears(approval(entry()))
    assert office.tells() == []


def test_a_contract_that_comes_to_carry_money_gets_its_account_then(office: FinanceOffice) -> None:
    office.hears(activated(terms(value=None, milestones=(), day_budget=())))
    office.hears(changed(terms(version=2)))
    assert office.ask("get_account", id=CONTRACT)["contract_reference"] == "CTR-2026-0042"


def test_terms_of_a_contract_that_is_not_active_open_nothing(office: FinanceOffice) -> None:
    office.hears(changed(terms(version=2)))
    with pytest.raises(NotFound):
        office.ask("get_account", id=CONTRACT)


@pytest.mark.row("N1")
def test_an_older_version_of_the_terms_is_ignored(office: FinanceOffice) -> None:
    office.hears(activated(terms(version=3)))
    office.hears(changed(terms(version=2, purchase_order="PO-OLD")))
    assert office.ask("get_account", id=CONTRACT)["purchase_order"] == "PO-7781"


@pytest.mark.row("N1")
@pytest.mark.parametrize("fact", [met(), approval(entry())], ids=["milestone", "days"])
def test_a_fact_of_an_unknown_contract_waits_for_its_activation(
    office: FinanceOffice, fact: MilestoneMet
) -> None:
    with pytest.raises(NotYet):
        office.hears(fact)


def test_a_met_payment_milestone_makes_a_pack_and_a_draft(office: FinanceOffice) -> None:
    office.hears(activated(terms()))
    office.hears(approval(entry(date(2026, 2, 2), days="0.5")))
    office.hears(met())
    (pack,) = office.ask("list_packs")["items"]
    assert office.tells()[1:] == ["invoice_pack_prepared", "invoice_drafted"]
    lines = office.ask("get_pack", id=pack["id"])["lines"]
    assert [(line["kind"], line["amount"]["amount"]) for line in lines] == [
        ("fee", "40000.00"),
        ("day", "0.00"),
    ]


def test_a_met_delivery_milestone_is_not_invoiced(office: FinanceOffice) -> None:
    office.hears(activated(terms()))
    office.hears(met(MilestoneType.DELIVERY, amount=None))
    assert office.tells() == ["account_opened"]


@pytest.mark.row("N1")
def test_a_milestone_heard_of_twice_is_invoiced_once(office: FinanceOffice) -> None:
    office.hears(activated(terms()))
    office.hears(met())
    office.hears(met())
    assert len(office.ask("list_packs")["items"]) == 1


@pytest.mark.row("N1")
def test_days_heard_of_twice_are_kept_once(office: FinanceOffice) -> None:
    office.hears(activated(terms_by_days()))
    days = entry()
    office.hears(approval(days))
    office.hears(approval(days))
    (unbilled,) = office.ask("get_account", id=CONTRACT)["unbilled"]
    assert unbilled == {"role": "senior adviser", "days": "1", "oldest": "2026-03-02"}


def test_days_that_consume_nothing_are_not_billed(office: FinanceOffice) -> None:
    office.hears(activated(terms_by_days()))
    office.hears(approval(entry(chargeable=False)))
    assert office.ask("get_account", id=CONTRACT)["unbilled"] == []


def test_reversed_days_are_no_longer_billed(office: FinanceOffice) -> None:
    office.hears(activated(terms_by_days()))
    days = entry()
    office.hears(approval(days))
    office.hears(DaysReversed(entry=days, reason="Logged by mistake."))
    assert office.ask("get_account", id=CONTRACT)["unbilled"] == []


def test_reversed_billed_days_are_credited_on_the_next_pack(office: FinanceOffice) -> None:
    office.hears(activated(terms_by_days()))
    days, later = entry(days="0.25"), entry(date(2026, 4, 1))
    office.hears(approval(days))
    office.do("prepare_pack", CONTRACT, period_from="2026-03-01", period_to="2026-03-31")
    office.hears(DaysReversed(entry=days, reason="Logged by mistake."))
    office.hears(approval(later))
    pack = office.do("prepare_pack", CONTRACT, period_from="2026-04-01", period_to="2026-04-30")
    assert [line["amount"]["amount"] for line in pack["lines"]] == ["1000.00", "-250.00"]
    assert pack["total"]["amount"] == "750.00"
