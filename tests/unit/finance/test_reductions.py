"""A price that was reduced, and a milestone of which less is met later: no more is credited than
was asked for."""

import pytest

from shared.database import Database
from tests.unit.finance.examples import CONTRACT, INCEPTION, MONDAY, gbp, terms
from tests.unit.finance.office import FinanceOffice
from tests.unit.finance.test_corrections import drafts, issued, money, not_met, partially
from tests.unit.finance.test_reactions import activated, met

pytestmark = [pytest.mark.row("N5"), pytest.mark.row("C8")]


@pytest.fixture
def reduced(sqlite: Database) -> FinanceOffice:
    """40,000.00 are invoiced, and 2,000.00 of that credited."""
    office = FinanceOffice(sqlite, MONDAY)
    office.hears(activated(terms()), met())
    invoice = issued(office)
    office.do("credit_invoice", invoice, amount=money("2000.00"), reason="Late.")
    issued(office)
    return office


def asked_for(office: FinanceOffice) -> str:
    """In all; the reconciliation explains it."""
    (account,) = office.ask("get_reconciliation", differing=False)["items"]
    assert account["unexplained"]["amount"] == "0.00"
    return str(account["billed"]["amount"])


@pytest.mark.parametrize(
    ("met_now", "credited", "left"),
    [
        (None, "-38000.00", "0.00"),
        ("1000.00", "-38000.00", "0.00"),
        ("2000.00", "-38000.00", "0.00"),
        ("2000.01", "-37999.99", "0.01"),
        ("30000.00", "-10000.00", "28000.00"),
    ],
)
def test_a_fall_credits_no_more_than_is_left_of_the_invoice(
    reduced: FinanceOffice, met_now: str | None, credited: str, left: str
) -> None:
    reduced.hears(not_met() if met_now is None else partially(gbp(met_now)))

    (credit,) = drafts(reduced)
    assert credit["total"] == money(credited)
    assert asked_for(reduced) == left


def test_where_it_is_met_after_all_the_reduction_stands_again(reduced: FinanceOffice) -> None:
    reduced.hears(not_met())
    reduced.hears(met())

    assert drafts(reduced) == []
    assert asked_for(reduced) == "38000.00"
    reduced.hears(not_met())
    (credit,) = drafts(reduced)
    assert credit["total"] == money("-38000.00")


def test_a_voided_reduction_is_credited_with_the_rest(reduced: FinanceOffice) -> None:
    notes = reduced.ask("list_invoices", contract_id=str(CONTRACT))["items"]
    (listed,) = [each for each in notes if each["is_credit_note"]]
    note = reduced.ask("get_invoice", id=listed["id"])
    for each in note["payments"]:
        reversing = {"payment_id": each["payment_id"], "reason": "Not late at all."}
        reduced.do("reverse_payment", note["id"], **reversing)
    reduced.do("void_invoice", note["id"], reason="Not late at all.")

    reduced.hears(not_met())

    (credit,) = drafts(reduced)
    assert (credit["total"], credit["milestone_id"]) == (money("-40000.00"), str(INCEPTION))
    assert asked_for(reduced) == "0.00"
