"""An invoice that is wrong is credited: in full, to bill it anew, or over an amount."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from services.finance.domain.account import Account
from services.finance.domain.approved_days import ApprovedDays
from services.finance.domain.billing import Bill, void
from services.finance.domain.crediting import (
    credit_amount,
    credit_in_full,
    issued,
    left_to_credit,
    void_credit,
)
from services.finance.domain.document import InvoiceState, Standing
from services.finance.domain.invoice import Invoice
from services.finance.domain.pack import InvoicePack
from services.finance.domain.reductions import ReducedInvoice
from services.finance.domain.settling import Transfer
from shared.errors import Conflict, Invalid
from shared.events.finance import CreditNoteIssued, CreditNoteSettled, InvoiceCredited
from shared.events.vocabulary import LineKind
from shared.money import Money
from tests.unit.finance.examples import (
    FINAL,
    INCEPTION,
    MONDAY,
    account,
    approved,
    bill_milestone,
    bill_period,
    gbp,
    invoiced_inception,
    issue,
    pay,
    terms_by_days,
)

pytestmark = pytest.mark.row("N5")

ALL = (date(2026, 1, 1), date(2026, 12, 31))


Concerned = tuple[Account, Invoice, InvoicePack, list[ApprovedDays], dict[UUID, Invoice]]


class Billed:
    """A contract billed by days: three days of a senior adviser at 1,000.00 on one open invoice."""

    def __init__(self) -> None:
        self.account = account(terms_by_days())
        self.days = [approved(MONDAY + timedelta(days=n)) for n in range(3)]
        self.pack, self.invoice = bill_period(self.account, *ALL, self.days)
        with self.account.counting(self.invoice):
            issue(self.invoice)

    def credited_in_full(self) -> Bill:
        return credit_in_full(*self._concerned, "Wrong month.", MONDAY)

    def credited(self, amount: Money) -> Bill:
        return credit_amount(*self._concerned, amount, "Late.", MONDAY)

    @property
    def _concerned(self) -> Concerned:
        named = {self.invoice.id: self.invoice}
        return self.account, self.invoice, self.pack, self.days, named

    @property
    def reduced(self) -> list[ReducedInvoice]:
        return [ReducedInvoice(self.invoice, self.pack, self.days)]

    @property
    def left(self) -> Money:
        return left_to_credit(self.account, self.invoice, self.pack, self.days)


@pytest.fixture
def billed() -> Billed:
    return Billed()


def settle(of: Account, credit: Invoice, invoice: Invoice) -> None:
    """Issue a credit note and set it off, as far as the invoice is outstanding."""
    with of.counting(credit):
        issue(credit, "CRN-2026-0001")
    issued(of, credit, invoice, on=MONDAY, by="fin")


def test_a_credit_in_full_takes_back_every_line(billed: Billed) -> None:
    pack, credit = billed.credited_in_full()
    assert [line.amount for line in pack.lines] == [gbp(-1_000)] * 3
    assert (credit.total, credit.credits_invoice_id) == (gbp(-3_000), billed.invoice.id)


def test_after_a_credit_in_full_the_days_are_billed_anew(billed: Billed) -> None:
    billed.credited_in_full()
    billed.days[2].reversed = True
    again, _ = bill_period(billed.account, *ALL, billed.days)
    assert again.total == gbp(2_000)


def test_after_a_credit_in_full_the_milestone_is_billed_anew() -> None:
    opened = account()
    pack, invoice = invoiced_inception(opened)
    issue(invoice)
    credit_in_full(
        opened, invoice, pack, [], {invoice.id: invoice}, "Wrong purchase order.", MONDAY
    )
    again, _ = bill_milestone(opened, INCEPTION)
    assert again.total == gbp(40_000)


def test_an_issued_credit_note_settles_the_invoice_without_money(billed: Billed) -> None:
    _, credit = billed.credited_in_full()
    settle(billed.account, credit, billed.invoice)
    assert (billed.invoice.standing(MONDAY), credit.standing(MONDAY)) == (
        Standing.CREDITED,
        Standing.SETTLED,
    )
    assert any(isinstance(each, InvoiceCredited) for each in billed.invoice.collect())
    told = [type(each) for each in credit.collect()]
    assert CreditNoteIssued in told
    assert CreditNoteSettled in told


def test_a_credit_for_a_paid_invoice_is_owed_to_the_partner_until_it_is_refunded(
    billed: Billed,
) -> None:
    with billed.account.counting(billed.invoice):
        pay(billed.invoice, gbp(3_000))
    _, credit = billed.credited(gbp(500))
    with billed.account.counting(credit):
        issue(credit, "CRN-2026-0001")
    assert (billed.account.figures.owed, credit.standing(MONDAY)) == (gbp(500), Standing.OPEN)
    with billed.account.counting(credit):
        credit.refund(Transfer(gbp(500), MONDAY, None, "fin"), latest=MONDAY)
    assert (billed.account.figures.owed, billed.account.figures.paid) == (gbp(0), gbp(2_500))
    assert credit.standing(MONDAY) is Standing.SETTLED


def test_an_amount_credited_leaves_the_days_billed(billed: Billed) -> None:
    pack, _ = billed.credited(gbp("250.50"))
    assert [(line.kind, line.amount) for line in pack.lines] == [(LineKind.CREDIT, gbp("-250.50"))]
    with pytest.raises(Conflict):
        bill_period(billed.account, *ALL, billed.days)


@pytest.mark.parametrize("amount", ["0", "-1", "2500.01", "9999999999999"])
def test_an_amount_is_credited_up_to_what_is_left(billed: Billed, amount: str) -> None:
    billed.credited(gbp(500))
    with pytest.raises(Invalid) as refused:
        billed.credited(gbp(amount))
    assert (refused.value.field, billed.left) == ("amount", gbp(2_500))


def test_an_amount_in_another_currency_is_not_credited(billed: Billed) -> None:
    with pytest.raises(Invalid):
        billed.credited(Money.of(1, "EUR"))


def test_days_credited_on_a_later_pack_are_no_longer_left(billed: Billed) -> None:
    billed.days[0].reversed = True
    bill_period(billed.account, *ALL, billed.days)
    assert billed.left == gbp(2_000)
    pack, _ = billed.credited_in_full()
    assert pack.total == gbp(-2_000)
    assert billed.account.figures.drafted + billed.account.figures.invoiced == gbp(0)


def test_a_credit_in_full_credits_what_smaller_ones_left(billed: Billed) -> None:
    billed.credited(gbp(500))
    pack, _ = billed.credited_in_full()
    assert pack.total == gbp(-2_500)


def test_an_invoice_is_credited_in_full_once(billed: Billed) -> None:
    billed.credited_in_full()
    with pytest.raises(Conflict) as refused:
        billed.credited_in_full()
    assert refused.value.rule == "credit-within-what-is-left"


def test_a_draft_is_not_credited_but_voided() -> None:
    opened = account()
    pack, invoice = invoiced_inception(opened)
    with pytest.raises(Conflict) as refused:
        credit_in_full(opened, invoice, pack, [], {invoice.id: invoice}, "Wrong.", MONDAY)
    assert refused.value.rule == "credit-for-issued-invoice"


def test_an_invoice_with_a_credit_note_is_not_voided_before_that(billed: Billed) -> None:
    _, credit = billed.credited(gbp(500))
    with pytest.raises(Conflict) as refused:
        void(billed.account, billed.invoice, billed.pack, billed.days, {}, "Wrong.")
    assert refused.value.rule == "void-the-credit-first"
    assert credit.state is InvoiceState.DRAFT


def voided(billed: Billed, bill: Bill, days: list[ApprovedDays]) -> None:
    void_credit(
        billed.account,
        bill[1],
        bill[0],
        billed.invoice,
        days,
        {billed.invoice.id: billed.invoice},
        "It was right.",
        MONDAY,
    )


def test_a_voided_credit_note_leaves_the_invoice_as_it_was(billed: Billed) -> None:
    voided(billed, billed.credited_in_full(), billed.days)
    assert {each.pack_id for each in billed.days} == {billed.pack.id}
    assert (billed.left, billed.account.figures.invoiced) == (gbp(3_000), gbp(3_000))


def test_a_day_reversed_meanwhile_awaits_its_credit_once_the_credit_note_is_void(
    billed: Billed,
) -> None:
    bill = billed.credited_in_full()
    billed.days[0].reversed = True
    assert not billed.days[0].awaits_credit
    voided(billed, bill, billed.days)
    assert billed.days[0].awaits_credit


def test_a_credit_note_whose_days_were_billed_again_is_not_voided(billed: Billed) -> None:
    bill = billed.credited_in_full()
    bill_period(billed.account, *ALL, billed.days)
    with pytest.raises(Conflict) as refused:
        voided(billed, bill, billed.days)
    assert refused.value.rule == "billed-again-since"


def test_a_credit_note_whose_milestone_was_billed_again_is_not_voided() -> None:
    opened = account()
    pack, invoice = invoiced_inception(opened)
    issue(invoice)
    credited, credit = credit_in_full(
        opened, invoice, pack, [], {invoice.id: invoice}, "Wrong.", MONDAY
    )
    bill_milestone(opened, INCEPTION)
    with pytest.raises(Conflict) as refused:
        void_credit(
            opened, credit, credited, invoice, [], {invoice.id: invoice}, "It was right.", MONDAY
        )
    assert refused.value.rule == "billed-again-since"


def test_a_refunded_credit_note_is_not_voided_before_the_refund_is_reversed(
    billed: Billed,
) -> None:
    pay(billed.invoice, gbp(3_000))
    bill = billed.credited(gbp(500))
    issue(bill[1], "CRN-2026-0001")
    bill[1].refund(Transfer(gbp(200), MONDAY, None, "fin"), latest=MONDAY)
    with pytest.raises(Conflict) as refused:
        voided(billed, bill, [])
    assert refused.value.rule == "void-without-payments"


@pytest.mark.row("C8")
class TestPartsOfAMilestone:
    """What is met of a payment milestone is billed; a later decision moves it by the difference."""

    def decided(self, of: Account, amount: int) -> None:
        of.note_decided(FINAL, gbp(amount), MONDAY)

    def test_a_part_is_billed_and_later_the_rest(self) -> None:
        opened = account()
        self.decided(opened, 15_000)
        first, _ = bill_milestone(opened, FINAL)
        self.decided(opened, 60_000)
        rest, _ = bill_milestone(opened, FINAL)
        assert (first.total, rest.total) == (gbp(15_000), gbp(45_000))
        assert "partially met" in first.lines[0].description

    def test_less_than_was_billed_makes_a_credit_note(self) -> None:
        opened = account()
        self.decided(opened, 60_000)
        bill_milestone(opened, FINAL)
        self.decided(opened, 0)
        pack, credit = bill_milestone(opened, FINAL)
        assert (pack.total, credit.is_credit_note) == (gbp(-60_000), True)
        assert opened.payment(FINAL).billed == gbp(0)

    def test_the_same_decision_again_leaves_nothing_to_bill(self) -> None:
        opened = account()
        self.decided(opened, 15_000)
        bill_milestone(opened, FINAL)
        self.decided(opened, 15_000)
        with pytest.raises(Conflict) as refused:
            bill_milestone(opened, FINAL)
        assert refused.value.rule == "milestone-invoiced-once"

    def test_a_fee_taken_back_by_a_decision_is_no_longer_left_to_credit(self) -> None:
        opened = account()
        self.decided(opened, 60_000)
        pack, invoice = bill_milestone(opened, FINAL)
        issue(invoice)
        self.decided(opened, 20_000)
        bill_milestone(opened, FINAL)
        assert left_to_credit(opened, invoice, pack, []) == gbp(20_000)


def test_after_a_credit_in_full_nothing_is_left_to_credit(billed: Billed) -> None:
    billed.credited_in_full()

    assert billed.left == gbp(0)
    with pytest.raises(Invalid, match=r"leaves 0\.00 GBP to credit"):
        billed.credited(gbp(1))
