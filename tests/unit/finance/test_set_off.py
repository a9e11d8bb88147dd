"""What the partner is owed under one contract settles invoices of its others, in one currency."""

from typing import Any
from uuid import UUID

import pytest

from shared.database import Database
from shared.errors import Invalid
from shared.events.contract import ContractActivated
from shared.identifiers import new_id
from shared.money import Money
from tests.unit.finance.examples import (
    CONTRACT,
    MONDAY,
    PARTNER,
    entry,
    terms,
    terms_by_days,
)
from tests.unit.finance.office import FinanceOffice
from tests.unit.finance.test_corrections import YEAR, issued, money, pay
from tests.unit.finance.test_reactions import activated, approval, met

pytestmark = pytest.mark.row("N5")


def another(partner_id: UUID = PARTNER, currency: str = "GBP") -> ContractActivated:
    """A contract billed by days."""
    rates = terms_by_days().day_budget
    in_currency = tuple(
        type(each)(each.role, each.days, Money(each.rate.minor, currency)) for each in rates
    )
    agreed = terms_by_days(value=Money(10_000_000, currency), day_budget=in_currency)
    return ContractActivated(
        contract_id=new_id(), reference="CTR-2026-0043", partner_id=partner_id, terms=agreed
    )


class TwoContracts(FinanceOffice):
    def owed(self) -> str:
        """A credit note over 500.00 of a paid invoice under the first contract."""
        self.hears(activated(terms()), met())
        invoice = issued(self)
        pay(self, invoice, "40000.00")
        self.do("credit_invoice", invoice, amount=money("500.00"), reason="Late.")
        return issued(self)

    def invoiced(self, contract: ContractActivated, days: str = "1") -> str:
        self.hears(contract, approval(entry(days=days, contract_id=contract.contract_id)))
        pack = self.do("prepare_pack", contract.contract_id, **YEAR)
        self.do("open_invoice", pack["invoice_id"])
        return str(pack["invoice_id"])

    def sets_off(self, credit: str, invoice: str, amount: str = "500.00") -> dict[str, Any]:
        return self.do("set_off_credit", credit, against_invoice_id=invoice, amount=money(amount))

    def figures(self, contract_id: object) -> dict[str, str]:
        shown = self.ask("get_account", id=str(contract_id))["figures"]
        return {name: each["amount"] for name, each in shown.items()}


@pytest.fixture
def office(sqlite: Database) -> TwoContracts:
    return TwoContracts(sqlite, MONDAY)


def test_a_credit_settles_an_invoice_of_another_contract(office: TwoContracts) -> None:
    other = another()
    credit, invoice = office.owed(), office.invoiced(other)

    assert office.sets_off(credit, invoice)["state"] == "settled"

    settled = office.ask("get_invoice", id=invoice)
    assert (settled["state"], settled["outstanding"]) == ("part_paid", money("500.00"))
    assert office.figures(CONTRACT)["set_off"] == "-500.00"
    assert office.figures(other.contract_id) == {
        "drafted": "0.00",
        "invoiced": "1000.00",
        "paid": "0.00",
        "set_off": "500.00",
        "written_off": "0.00",
        "outstanding": "500.00",
        "owed": "0.00",
    }


def test_the_totals_of_all_its_invoices_leave_no_set_off_over(office: TwoContracts) -> None:
    office.sets_off(office.owed(), office.invoiced(another()))

    (total,) = office.ask("get_invoice_totals", partner_id=str(PARTNER))["totals"]

    assert (total["set_off"], total["outstanding"]) == (money("0.00"), money("500.00"))


def test_it_is_reversed_on_both(office: TwoContracts) -> None:
    other = another()
    credit, invoice = office.owed(), office.invoiced(other)
    (payment,) = office.sets_off(credit, invoice)["payments"]

    office.do("reverse_payment", invoice, payment_id=payment["payment_id"], reason="Refunded.")

    assert office.figures(CONTRACT)["owed"] == "500.00"
    assert office.figures(other.contract_id)["outstanding"] == "1000.00"


@pytest.mark.parametrize(
    ("contract", "rule"),
    [
        (another(partner_id=new_id()), "set-off-within-partner"),
        (another(currency="JPY"), "set-off-in-one-currency"),
        (another(currency="JOD"), "set-off-in-one-currency"),
    ],
)
def test_it_settles_nothing_of_another_partner_or_currency(
    office: TwoContracts, contract: ContractActivated, rule: str
) -> None:
    credit, invoice = office.owed(), office.invoiced(contract)
    with pytest.raises(Invalid) as refused:
        office.sets_off(credit, invoice)
    assert (refused.value.rule, refused.value.field) == (rule, "against_invoice_id")


def test_it_does_not_settle_itself(office: TwoContracts) -> None:
    credit = office.owed()
    with pytest.raises(Invalid):
        office.sets_off(credit, credit)


class TestCreditedOrPaid:
    """An invoice reads credited where credit notes take back or settle all of it, else paid."""

    def state(self, office: TwoContracts, invoice: str) -> str:
        state = office.ask("get_invoice", id=invoice)["state"]
        assert [each["id"] for each in office.ask("list_invoices", state=state)["items"]].count(
            invoice
        ) == 1
        return str(state)

    @pytest.fixture
    def invoice(self, office: TwoContracts) -> str:
        return office.invoiced(another())

    def credited(self, office: TwoContracts, invoice: str) -> str:
        office.do("credit_invoice", invoice, reason="Wrong month.")
        return issued(office)

    @pytest.mark.parametrize("paid", ["0.01", "400.00", "1000.00"])
    def test_one_that_was_paid_before_it_was_credited(
        self, office: TwoContracts, invoice: str, paid: str
    ) -> None:
        pay(office, invoice, paid)
        credit = self.credited(office, invoice)

        assert self.state(office, invoice) == "credited"
        assert office.tells().count("invoice_credited") == 1
        assert office.ask("get_invoice", id=credit)["outstanding"] == money(f"-{paid}")

    def test_one_whose_credit_note_was_voided_is_paid_again(
        self, office: TwoContracts, invoice: str
    ) -> None:
        pay(office, invoice, "1000.00")
        credit = self.credited(office, invoice)
        office.do("void_invoice", credit, reason="It was right.")

        assert self.state(office, invoice) == "paid"
        assert office.tells().count("invoice_paid") == 2

    def test_one_whose_payment_was_sent_back_after_it_was_credited_is_open(
        self, office: TwoContracts, invoice: str
    ) -> None:
        (payment,) = pay(office, invoice, "1000.00")["payments"]
        self.credited(office, invoice)
        office.do("reverse_payment", invoice, payment_id=payment["payment_id"], reason="Back.")

        assert self.state(office, invoice) == "open"

    def test_one_that_is_partly_credited_and_paid_for_the_rest(
        self, office: TwoContracts, invoice: str
    ) -> None:
        office.do("credit_invoice", invoice, amount=money("999.99"), reason="Late.")
        issued(office)
        pay(office, invoice, "0.01")

        assert self.state(office, invoice) == "paid"

    def test_one_that_a_draft_would_credit(self, office: TwoContracts, invoice: str) -> None:
        pay(office, invoice, "1000.00")
        office.do("credit_invoice", invoice, reason="Wrong month.")

        assert self.state(office, invoice) == "paid"

    def test_one_that_the_surplus_of_another_paid(self, office: TwoContracts, invoice: str) -> None:
        overpaid = office.invoiced(another())
        pay(office, overpaid, "2000.00", surplus="keep_as_credit")
        office.sets_off(overpaid, invoice, "1000.00")

        assert self.state(office, invoice) == "paid"

    def test_one_that_the_credit_note_of_another_settled(
        self, office: TwoContracts, invoice: str
    ) -> None:
        other = office.invoiced(another())
        pay(office, other, "1000.00")
        credit = self.credited(office, other)
        office.sets_off(credit, invoice, "1000.00")

        assert self.state(office, invoice) == "credited"
