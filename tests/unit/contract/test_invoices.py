"""How a contract shows its invoices, as finance tells of them (N5)."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from shared.errors import Conflict, NotFound
from shared.events.finance import (
    CreditNoteIssued,
    CreditNoteSettled,
    InvoiceCorrected,
    InvoiceCredited,
    InvoiceDrafted,
    InvoiceOpened,
    InvoiceOverdue,
    InvoicePaid,
    InvoiceReinstated,
    InvoiceUncollectible,
    InvoiceVoided,
    PaymentRecorded,
    PaymentReversed,
    RefundRecorded,
)
from shared.events.vocabulary import Role
from shared.identifiers import new_id
from shared.work import Actor, Call
from tests.alone import guest_of
from tests.unit.contract.office import OFFICER, ContractOffice
from tests.unit.contract.story import gbp

pytestmark = pytest.mark.row("N5")

ISSUED, DUE = date(2026, 7, 1), date(2026, 7, 31)
TOTAL = gbp(20_000)


class Billed:
    """What finance tells of one invoice of a contract, by default for its first milestone."""

    def __init__(self, contract, **changes) -> None:
        self.invoice: dict[str, Any] = {
            "invoice_id": new_id(),
            "contract_id": UUID(contract["id"]),
            "partner_id": UUID(contract["partner_id"]),
        }
        self.named = self.invoice | {"number": "INV-2026-0001"}
        milestone_id = UUID(contract["milestones"][0]["milestone_id"])
        self.milestone: dict[str, Any] = {"milestone_id": milestone_id} | changes
        self.settlement = 0

    def drafted(self) -> InvoiceDrafted:
        return InvoiceDrafted(**self.invoice, **self.milestone, pack_id=new_id(), total=TOTAL)

    def opened(self) -> InvoiceOpened:
        return InvoiceOpened(
            **self.named, **self.milestone, total=TOTAL, issued_on=ISSUED, due_on=DUE
        )

    def received(self, amount: int, outstanding: int) -> PaymentRecorded:
        self.settlement += 1
        return PaymentRecorded(
            settlement=self.settlement,
            **self.named,
            payment_id=new_id(),
            amount=gbp(amount),
            outstanding=gbp(outstanding),
            received_on=DUE,
        )

    def paid(self) -> InvoicePaid:
        return InvoicePaid(**self.named, **self.milestone, total=TOTAL, paid_on=DUE)

    def overdue(self, outstanding: int = 20_000) -> InvoiceOverdue:
        return InvoiceOverdue(**self.named, outstanding=gbp(outstanding), due_on=DUE)

    def voided(self) -> InvoiceVoided:
        return InvoiceVoided(**self.invoice, **self.milestone, reason="Wrong order number")

    def given_up(self, outstanding: int) -> InvoiceUncollectible:
        return InvoiceUncollectible(
            **self.named, outstanding=gbp(outstanding), reason="Partner dissolved"
        )


@pytest.fixture
def contract(office: ContractOffice):
    return office.has_active()


@pytest.fixture
def billed(contract) -> Billed:
    return Billed(contract)


def shown(office, contract, by: Actor = OFFICER):
    return office.ask("get_contract", id=contract["id"], by=by)


def standing(office, contract) -> tuple[str, str]:
    """State and outstanding amount of the contract's only invoice."""
    (invoice,) = shown(office, contract)["invoices"]
    return invoice["state"], invoice["outstanding"]["amount"]


def billing(office, contract) -> str:
    """How the first payment milestone is billed."""
    return shown(office, contract)["milestones"][0]["billing"]


def test_a_payment_milestone_without_an_invoice_is_not_billed(office, contract):
    assert billing(office, contract) == "not_billed"


def test_a_drafted_invoice_is_shown_with_its_contract(office, contract, billed):
    office.hears(billed.drafted())

    (invoice,) = shown(office, contract)["invoices"]
    assert invoice == {
        "id": str(billed.invoice["invoice_id"]),
        "number": None,
        "milestone_id": contract["milestones"][0]["milestone_id"],
        "state": "draft",
        "total": {"amount": "20000.00", "currency": "GBP"},
        "outstanding": {"amount": "0.00", "currency": "GBP"},
        "due_on": None,
    }


def test_an_opened_invoice_has_its_number_and_due_date(office, contract, billed):
    office.hears(billed.drafted(), billed.opened())

    (invoice,) = shown(office, contract)["invoices"]
    assert (invoice["number"], invoice["due_on"]) == ("INV-2026-0001", "2026-07-31")


def test_an_invoice_is_followed_from_opening_to_the_last_payment(office, contract, billed):
    office.hears(billed.drafted(), billed.opened())
    assert standing(office, contract) == ("open", "20000.00")

    office.hears(billed.received(5_000, 15_000))
    assert standing(office, contract) == ("part_paid", "15000.00")

    office.hears(billed.overdue(15_000))
    assert standing(office, contract) == ("overdue", "15000.00")

    office.hears(billed.received(15_000, 0), billed.paid())
    assert standing(office, contract) == ("paid", "0.00")


def test_what_is_paid_in_part_after_its_due_date_stays_overdue(office, contract, billed):
    office.hears(billed.drafted(), billed.opened(), billed.overdue(), billed.received(1, 19_999))

    assert standing(office, contract) == ("overdue", "19999.00")


def test_what_was_given_up_is_uncollectible(office, contract, billed):
    office.hears(
        billed.drafted(), billed.opened(), billed.received(5_000, 15_000), billed.given_up(15_000)
    )

    assert standing(office, contract) == ("uncollectible", "15000.00")


def test_what_was_given_up_and_is_paid_after_all_is_paid(office, contract, billed):
    office.hears(billed.drafted(), billed.opened(), billed.given_up(20_000))

    office.hears(billed.received(20_000, 0), billed.paid())

    assert standing(office, contract) == ("paid", "0.00")


def test_nothing_is_outstanding_on_a_voided_invoice(office, contract, billed):
    office.hears(billed.drafted(), billed.opened(), billed.voided())

    assert standing(office, contract) == ("void", "0.00")


@pytest.mark.parametrize("fact", ["drafted", "opened", "overdue"])
def test_a_fact_that_comes_again_turns_nothing_back(office, contract, billed, fact):
    office.hears(billed.drafted(), billed.opened(), billed.overdue(), billed.paid())

    office.hears(getattr(billed, fact)())

    assert standing(office, contract) == ("paid", "0.00")


def test_a_payment_told_again_after_a_later_one_raises_nothing(office, contract, billed):
    first = billed.received(5_000, 15_000)
    office.hears(billed.drafted(), billed.opened(), first, billed.received(10_000, 5_000))

    office.hears(first)

    assert standing(office, contract) == ("part_paid", "5000.00")


def test_an_invoice_that_is_paid_after_its_contract_ended_is_still_followed(
    office, contract, billed
):
    office.tick(date(2027, 4, 1))

    office.hears(billed.drafted(), billed.opened(), billed.paid())

    assert (shown(office, contract)["state"], billing(office, contract)) == ("expired", "paid")


def test_an_invoice_whose_draft_has_not_come_is_held(office, billed):
    with pytest.raises(NotFound):
        office.hears(billed.opened())


def test_the_milestone_says_how_its_invoice_stands(office, contract, billed):
    office.hears(billed.drafted(), billed.opened(), billed.received(5_000, 15_000))

    states = [each["billing"] for each in shown(office, contract)["milestones"]]
    assert states == ["part_paid", "not_billed"]


def test_a_milestone_whose_invoice_was_voided_says_so(office, contract, billed):
    office.hears(billed.drafted(), billed.voided())

    assert billing(office, contract) == "void"


def test_a_milestone_billed_anew_says_how_its_new_invoice_stands(office, contract, billed):
    again = Billed(contract)
    office.hears(billed.drafted(), billed.voided(), again.drafted(), again.opened())

    assert billing(office, contract) == "open"


def test_a_voided_invoice_does_not_hide_the_one_that_stands(office, contract, billed):
    again = Billed(contract)
    office.hears(billed.drafted(), billed.opened(), again.drafted(), again.voided())

    assert billing(office, contract) == "open"


def test_a_milestone_that_is_not_paid_says_nothing_of_billing(office):
    report = {"title": "Annual report", "type": "reporting", "due_on": "2027-03-31"}

    contract = office.drafts(milestones=[report])

    assert contract["milestones"][0]["billing"] is None


def test_an_invoice_of_days_bills_no_milestone(office, contract):
    office.hears(Billed(contract, milestone_id=None).drafted())

    assert len(shown(office, contract)["invoices"]) == 1
    assert billing(office, contract) == "not_billed"


def test_a_contract_shows_its_own_invoices_alone(office, contract, billed):
    other = office.drafts(partner_id=contract["partner_id"])

    office.hears(billed.drafted())

    assert shown(office, other)["invoices"] == []


def test_an_invoice_that_moves_does_not_collide_with_editing_the_contract(office, contract, billed):
    before = office.desk.ask("get_contract", {"id": contract["id"]}, Call(actor=OFFICER))

    office.hears(billed.drafted(), billed.opened(), billed.paid())

    after = office.desk.ask("get_contract", {"id": contract["id"]}, Call(actor=OFFICER))
    assert after["version"] == before["version"]
    assert after["body"]["version"] == before["body"]["version"]


def test_the_answer_to_a_command_shows_the_invoices_too(office, contract, billed):
    office.hears(billed.drafted(), billed.opened())

    met = office.do(
        "meet_milestone",
        contract["id"],
        milestone_id=contract["milestones"][0]["milestone_id"],
        evidence="report.pdf",
    )

    assert met["milestones"][0]["billing"] == "open"


def test_a_partner_does_not_see_an_invoice_before_it_is_sent(office, contract, billed):
    office.hears(billed.drafted())

    seen = shown(office, contract, by=guest_of(contract["partner_id"]))

    assert seen["invoices"] == []
    assert seen["milestones"][0]["billing"] == "not_billed"


def test_a_partner_sees_an_invoice_that_was_sent_to_it(office, contract, billed):
    office.hears(billed.drafted(), billed.opened())

    seen = shown(office, contract, by=guest_of(contract["partner_id"]))

    assert [each["number"] for each in seen["invoices"]] == ["INV-2026-0001"]


def test_whoever_may_not_read_invoices_reads_the_contract_without_them(office, contract, billed):
    office.hears(billed.drafted(), billed.opened())

    seen = shown(office, contract, by=Actor("o-1", frozenset({Role.OBSERVER})))

    assert seen["invoices"] is None
    assert seen["milestones"][0]["billing"] is None


class TestCorrections:
    """Credit notes, reversals and corrections as finance tells of them."""

    def settled(self, of: dict[str, Any], outstanding: int, count: int, kind: type) -> Any:
        dated: dict[type, dict[str, Any]] = {
            PaymentReversed: {"reversed_on": DUE, "reason": "Sent back."},
            RefundRecorded: {"paid_on": DUE},
        }
        return kind(
            **of,
            **dated[kind],
            payment_id=new_id(),
            amount=gbp(1),
            outstanding=gbp(outstanding),
            settlement=count,
        )

    def test_a_reversed_payment_opens_a_paid_invoice_again(self, office, contract, billed):
        office.hears(billed.drafted(), billed.opened(), billed.received(20_000, 0), billed.paid())

        office.hears(self.settled(billed.named, 20_000, 2, PaymentReversed))

        assert standing(office, contract) == ("open", "20000.00")

    def test_a_reversal_that_is_told_again_turns_nothing_back(self, office, contract, billed):
        reversal = self.settled(billed.named, 20_000, 2, PaymentReversed)
        office.hears(billed.drafted(), billed.opened(), billed.received(5_000, 15_000), reversal)
        billed.settlement = 2
        office.hears(billed.received(8_000, 12_000))

        office.hears(reversal)

        assert standing(office, contract) == ("part_paid", "12000.00")

    def test_a_surplus_is_owed_on_a_paid_invoice(self, office, contract, billed):
        office.hears(
            billed.drafted(), billed.opened(), billed.received(20_500, -500), billed.paid()
        )

        assert standing(office, contract) == ("paid", "-500.00")

    def test_an_invoice_that_credits_settled_is_credited(self, office, contract, billed):
        credited = InvoiceCredited(**billed.named, **billed.milestone, total=TOTAL, credited_on=DUE)
        office.hears(billed.drafted(), billed.opened(), billed.received(0, 0), credited)

        assert standing(office, contract) == ("credited", "0.00")

    def test_one_that_was_paid_and_then_credited_reads_credited_until_that_is_voided(
        self, office, contract, billed
    ):
        credited = InvoiceCredited(**billed.named, **billed.milestone, total=TOTAL, credited_on=DUE)
        office.hears(billed.drafted(), billed.opened(), billed.received(20_000, 0), billed.paid())

        office.hears(credited)
        assert standing(office, contract) == ("credited", "0.00")
        office.hears(billed.paid())
        assert standing(office, contract) == ("paid", "0.00")

    def test_a_payment_sent_back_after_the_credit_opens_it_again(self, office, contract, billed):
        credited = InvoiceCredited(**billed.named, **billed.milestone, total=TOTAL, credited_on=DUE)
        office.hears(billed.drafted(), billed.opened(), billed.received(20_000, 0), billed.paid())
        office.hears(credited, self.settled(billed.named, 20_000, 2, PaymentReversed))

        assert standing(office, contract) == ("open", "20000.00")

    def test_a_credit_note_is_followed_until_it_is_refunded(self, office, contract, billed):
        total = gbp(-500)
        number = {"number": "CRN-2026-0001"}
        office.hears(
            InvoiceDrafted(**billed.invoice, **billed.milestone, pack_id=new_id(), total=total),
            CreditNoteIssued(
                **billed.named | number,
                **billed.milestone,
                total=total,
                issued_on=ISSUED,
                credits_invoice_id=None,
            ),
        )
        assert standing(office, contract) == ("open", "-500.00")

        office.hears(
            self.settled(billed.named | number, 0, 1, RefundRecorded),
            CreditNoteSettled(**billed.named | number, total=total, settled_on=DUE),
        )
        assert standing(office, contract) == ("settled", "0.00")
        assert billing(office, contract) == "not_billed"

    def test_a_reinstated_invoice_is_open_again(self, office, contract, billed):
        office.hears(billed.drafted(), billed.opened(), billed.given_up(20_000))

        office.hears(
            InvoiceReinstated(**billed.named, outstanding=TOTAL, reason="The college reopened.")
        )

        assert standing(office, contract) == ("open", "20000.00")

    def test_a_later_due_date_ends_being_overdue(self, office, contract, billed):
        office.hears(billed.drafted(), billed.opened(), billed.overdue())

        office.hears(
            InvoiceCorrected(
                **billed.named,
                due_on=date(2026, 9, 30),
                purchase_order=None,
                reason="Agreed by telephone.",
            )
        )

        (invoice,) = shown(office, contract)["invoices"]
        assert (invoice["state"], invoice["due_on"]) == ("open", "2026-09-30")

    @pytest.mark.row("C8")
    def test_a_milestone_is_corrected_freely_once_its_invoice_was_credited_in_full(
        self, office, contract, billed
    ):
        id, milestone = contract["id"], contract["milestones"][0]["milestone_id"]
        office.do("meet_milestone", id, milestone_id=milestone, evidence="minutes")
        office.hears(billed.drafted(), billed.opened(), billed.received(20_000, 0), billed.paid())
        withdrawing = {"milestone_id": milestone, "reason": "The wrong milestone."}
        with pytest.raises(Conflict, match="voided the invoice, or credited it in full"):
            office.do("reopen_milestone", id, **withdrawing)

        credit, total = {**billed.invoice, "invoice_id": new_id()}, gbp(-20_000)
        office.hears(
            InvoiceDrafted(**credit, **billed.milestone, pack_id=new_id(), total=total),
            CreditNoteIssued(
                **credit,
                **billed.milestone,
                number="CRN-2026-0001",
                total=total,
                issued_on=ISSUED,
                credits_invoice_id=billed.invoice["invoice_id"],
            ),
        )
        reopened = office.do("reopen_milestone", id, **withdrawing)

        assert reopened["milestones"][0]["state"] == "scheduled"
