"""A price that was reduced, and a milestone of which less is met later: no more is credited than
was asked for."""

import pytest

from shared.database import Database
from shared.errors import Conflict, Invalid
from shared.events.contract import MilestoneReopened
from tests.unit.finance.examples import CONTRACT, INCEPTION, MONDAY, gbp, terms
from tests.unit.finance.office import FinanceOffice
from tests.unit.finance.test_corrections import TITLE, drafts, issued, money, not_met, partially
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


def reopened() -> MilestoneReopened:
    return MilestoneReopened(**TITLE, reason="Decided too early.")


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


@pytest.mark.row("N4")
class TestCreditedToNothing:
    """40,000.00 of a milestone are invoiced and credited to the last penny: it is not billed."""

    @pytest.fixture
    def office(self, sqlite: Database) -> FinanceOffice:
        office = FinanceOffice(sqlite, MONDAY)
        office.hears(activated(terms()), met())
        invoice = issued(office)
        for amount in ("39999.99", "0.01"):
            office.do("credit_invoice", invoice, amount=money(amount), reason="A gesture.")
            issued(office)
        return office

    def not_yet_billed(self, office: FinanceOffice) -> str:
        (account,) = office.ask("get_reconciliation", differing=False)["items"]
        assert account["unexplained"]["amount"] == "0.00"
        return str(account["not_yet_billed"]["amount"])

    def test_what_is_met_awaits_its_invoice(self, office: FinanceOffice) -> None:
        assert self.not_yet_billed(office) == "40000.00"
        office.do("prepare_pack", CONTRACT, milestone_id=str(INCEPTION))
        assert [each["total"] for each in drafts(office)] == [money("40000.00")]

    def test_a_withdrawn_decision_credits_nothing_and_a_new_one_is_billed(
        self, office: FinanceOffice
    ) -> None:
        office.hears(reopened())
        assert drafts(office) == []
        assert self.not_yet_billed(office) == "0.00"

        office.hears(partially(gbp(30_000)))
        assert [each["total"] for each in drafts(office)] == [money("30000.00")]
        assert asked_for(office) == "30000.00"


def test_what_a_fall_and_a_reduction_left_at_nothing_is_not_credited_by_a_zero(
    reduced: FinanceOffice,
) -> None:
    reduced.hears(partially(gbp(1_000)))
    issued(reduced)
    assert asked_for(reduced) == "0.00"

    reduced.hears(reopened())

    assert drafts(reduced) == []
    assert asked_for(reduced) == "0.00"
    reduced.hears(met())
    assert [each["total"] for each in drafts(reduced)] == [money("39000.00")]


@pytest.mark.parametrize("amounts", [(10_000, 40_000, 20_000, 35_000, 0), (40_000, 1, 40_000, 0)])
def test_fractions_that_go_up_and_down_leave_what_is_met(
    reduced: FinanceOffice, amounts: tuple[int, ...]
) -> None:
    for amount in amounts:
        reduced.hears(met() if amount == 40_000 else partially(gbp(amount)))
        for _ in drafts(reduced):
            issued(reduced)
        assert 0 <= float(asked_for(reduced)) <= amount
    assert asked_for(reduced) == "0.00"


def test_invoices_over_parts_of_a_milestone_leave_no_more_to_credit_than_is_met(
    sqlite: Database,
) -> None:
    office = FinanceOffice(sqlite, MONDAY)
    office.hears(activated(terms()), partially(gbp(15_000)))
    first = issued(office)
    office.hears(met())
    second = issued(office)
    office.hears(partially(gbp(20_000)))
    issued(office)

    office.do("credit_invoice", second, amount=money("4999.99"), reason="Late.")
    with pytest.raises(Invalid):
        office.do("credit_invoice", second, amount=money("0.02"), reason="Late.")
    office.do("credit_invoice", first, reason="Wrong.")
    office.do("credit_invoice", second, reason="Wrong.")

    assert asked_for(office) == "0.00"


def test_an_invoice_is_not_voided_while_a_later_credit_takes_back_its_fee(
    sqlite: Database,
) -> None:
    office = FinanceOffice(sqlite, MONDAY)
    office.hears(activated(terms()), met())
    invoice = issued(office)
    office.hears(partially(gbp(10_000)))

    with pytest.raises(Conflict) as refused:
        office.do("void_invoice", invoice, reason="Wrong.")

    assert refused.value.rule == "void-the-credit-first"
    assert asked_for(office) == "10000.00"
