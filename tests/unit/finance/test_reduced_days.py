"""An invoice over days that was reduced by an amount, and days of it that are reversed later: no
more is credited than was billed for them."""

from decimal import Decimal

import pytest

from shared.database import Database
from shared.errors import Conflict
from shared.events.consultancy import DaysReversed, LoggedDays
from shared.events.contract import BudgetLine
from shared.money import Money
from tests.unit.finance.examples import CONTRACT, MONDAY, entry, terms_by_days
from tests.unit.finance.office import FinanceOffice
from tests.unit.finance.test_corrections import YEAR, drafts
from tests.unit.finance.test_reactions import activated, approval

pytestmark = pytest.mark.row("N4", "N5")


class Billed(FinanceOffice):
    """Days of a senior adviser at one rate, on one open invoice."""

    def billed(self, rate: Money, *worked: str) -> list[LoggedDays]:
        self.currency = rate.currency
        budget = (BudgetLine("senior adviser", Decimal(100), rate),)
        agreed = terms_by_days(value=rate * 100, day_budget=budget)
        days = [entry(days=each) for each in worked]
        self.hears(activated(agreed), *map(approval, days))
        self.invoice = str(self.do("prepare_pack", CONTRACT, **YEAR)["invoice_id"])
        self.do("open_invoice", self.invoice)
        return days

    def money(self, amount: str) -> dict[str, str]:
        return {"amount": amount, "currency": self.currency}

    def credits(self, amount: str) -> str:
        """The id of a credit note over an amount, issued."""
        pack = self.do("credit_invoice", self.invoice, amount=self.money(amount), reason="Late.")
        self.do("open_invoice", pack["invoice_id"])
        return str(pack["invoice_id"])

    def reversed(self, *days: LoggedDays) -> str:
        """What the next pack comes to."""
        reverses = [DaysReversed(entry=each, reason="No.") for each in days]
        self.hears(*reverses)
        waits = self.reconciled["not_yet_billed"]["amount"]
        pack = self.do("prepare_pack", CONTRACT, **YEAR)
        assert pack["total"]["amount"] == waits
        return str(pack["total"]["amount"])

    @property
    def reconciled(self) -> dict[str, dict[str, str]]:
        (account,) = self.ask("get_reconciliation", differing=False)["items"]
        assert Decimal(account["unexplained"]["amount"]) == 0
        return dict(account)

    @property
    def asked_for(self) -> str:
        return str(self.reconciled["billed"]["amount"])


@pytest.fixture
def office(sqlite: Database) -> Billed:
    return Billed(sqlite, MONDAY)


@pytest.mark.parametrize(
    ("rate", "worked", "reduced_by", "credited"),
    [
        (Money.of(1000, "GBP"), ("1", "1", "1"), "500.00", "-2500.00"),
        (Money.of(1000, "GBP"), ("1", "1", "1"), "2999.99", "-0.01"),
        (Money.of("850.75", "GBP"), ("0.25",) * 4, "850.74", "-0.01"),
        (Money.of(33333, "JPY"), ("0.25", "0.25"), "1", "-16665"),
        (Money.of("101.505", "JOD"), ("0.25",) * 3, "0.001", "-76.128"),
    ],
)
def test_a_reversal_of_all_days_credits_what_a_reduction_left(
    office: Billed, rate: Money, worked: tuple[str, ...], reduced_by: str, credited: str
) -> None:
    days = office.billed(rate, *worked)
    office.credits(reduced_by)

    assert office.reversed(*days) == credited
    assert Decimal(office.asked_for) == 0


def test_a_reversal_of_some_days_takes_back_the_reduction_only_beyond_what_stays_billed(
    office: Billed,
) -> None:
    first, second, third = office.billed(Money.of(1000, "GBP"), "1", "1", "1")
    office.credits("1500.00")

    assert office.reversed(first) == "-1000.00"
    assert office.reversed(second) == "-500.00"
    assert office.asked_for == "0.00"
    assert office.reversed(third) == "0.00"
    assert office.asked_for == "0.00"


def test_two_reductions_are_taken_back_together(office: Billed) -> None:
    days = office.billed(Money.of(1000, "GBP"), "1", "1")
    office.credits("300.00")
    office.credits("200.00")

    assert office.reversed(*days) == "-1500.00"


def test_days_billed_anew_after_the_credit_pack_was_voided_are_reduced_again(
    office: Billed,
) -> None:
    days = office.billed(Money.of(1000, "GBP"), "1", "1")
    office.credits("500.00")
    office.reversed(*days)
    (pack,) = drafts(office)

    office.do("void_invoice", pack["id"], reason="Not yet.")

    assert office.asked_for == "1500.00"
    assert office.reconciled["not_yet_billed"] == office.money("-1500.00")


def test_a_reduction_that_was_taken_back_is_not_voided_before_that(office: Billed) -> None:
    days = office.billed(Money.of(1000, "GBP"), "1", "1")
    note = office.credits("500.00")
    for each in office.ask("get_invoice", id=note)["payments"]:
        office.do("reverse_payment", note, payment_id=each["payment_id"], reason="Wrong.")
    office.reversed(*days)

    with pytest.raises(Conflict) as refused:
        office.do("void_invoice", note, reason="Not late at all.")

    assert refused.value.rule == "void-the-credit-first"
    assert office.asked_for == "0.00"


def test_a_reduction_is_not_voided_before_the_credit_in_full_that_followed(
    office: Billed,
) -> None:
    office.billed(Money.of(1000, "GBP"), "1", "1")
    pack = office.do(
        "credit_invoice", office.invoice, amount=office.money("500.00"), reason="Late."
    )
    office.do("credit_invoice", office.invoice, reason="Wrong month.")

    with pytest.raises(Conflict) as refused:
        office.do("void_invoice", pack["invoice_id"], reason="Not late at all.")

    assert refused.value.rule == "void-the-credit-first"
    assert office.asked_for == "0.00"


@pytest.mark.parametrize("paid", ["0.01", "1000.00", "2000.00"])
def test_after_a_part_payment_what_was_received_too_much_is_owed(office: Billed, paid: str) -> None:
    days = office.billed(Money.of(1000, "GBP"), "1", "1")
    office.do("record_payment", office.invoice, amount=office.money(paid), received_on="2026-03-02")
    office.credits("500.00")
    office.reversed(*days)
    for each in drafts(office):
        office.do("open_invoice", each["id"])

    figures = office.ask("get_account", id=CONTRACT)["figures"]
    owed = Decimal(figures["owed"]["amount"]) - Decimal(figures["outstanding"]["amount"])
    assert owed == Decimal(paid)
    assert figures["invoiced"] == office.money("0.00")


def test_an_amount_that_is_all_that_is_left_is_a_credit_in_full(office: Billed) -> None:
    days = office.billed(Money.of(1000, "GBP"), "1", "1")
    office.credits("500.00")
    office.credits("1500.00")

    assert office.reconciled["not_yet_billed"] == office.money("2000.00")
    again = office.do("prepare_pack", CONTRACT, **YEAR)
    assert again["total"] == office.money("2000.00")
    assert {each["entry_id"] for each in again["lines"]} == {str(e.entry_id) for e in days}
