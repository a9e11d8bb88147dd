"""Corrections in finance through commands, queries and events: credits, reversals, totals."""

from datetime import date, timedelta
from typing import Any

import pytest

from shared.database import Database
from shared.errors import Conflict, Invalid
from shared.events.consultancy import DaysReversed
from shared.events.contract import (
    BudgetLine,
    ContractExpired,
    MilestoneNotMet,
    MilestonePartiallyMet,
    MilestoneReopened,
)
from shared.events.vocabulary import MilestoneType
from shared.money import Money
from tests.alone import guest_of
from tests.unit.finance.examples import (
    CONTRACT,
    INCEPTION,
    MONDAY,
    PARTNER,
    entry,
    gbp,
    milestone,
    terms,
    terms_by_days,
)
from tests.unit.finance.office import FinanceOffice
from tests.unit.finance.test_reactions import activated, approval, changed, met

pytestmark = pytest.mark.row("N5")

YEAR = {"period_from": "2026-01-01", "period_to": "2026-12-31"}
TITLE: dict[str, Any] = {
    "contract_id": CONTRACT,
    "partner_id": PARTNER,
    "milestone_id": INCEPTION,
    "title": "Inception report",
    "milestone_type": MilestoneType.PAYMENT,
    "amount": gbp(40_000),
}


def partially(amount: Money) -> MilestonePartiallyMet:
    return MilestonePartiallyMet(
        **TITLE, met_amount=amount, met_on=MONDAY, reason="Half is there.", terms_version=1
    )


def not_met() -> MilestoneNotMet:
    return MilestoneNotMet(**TITLE, decided_on=MONDAY, reason="Withdrawn.", terms_version=1)


@pytest.fixture
def office(sqlite: Database) -> FinanceOffice:
    office = FinanceOffice(sqlite, MONDAY)
    office.hears(activated(terms()))
    return office


@pytest.fixture
def by_days(sqlite: Database) -> FinanceOffice:
    office = FinanceOffice(sqlite, MONDAY)
    office.hears(activated(terms_by_days()))
    return office


def money(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "GBP"}


def drafts(office: FinanceOffice) -> list[dict[str, Any]]:
    return list(office.ask("list_invoices", state="draft")["items"])


def issued(office: FinanceOffice) -> str:
    """The one draft is opened."""
    (draft,) = drafts(office)
    office.do("open_invoice", draft["id"])
    return str(draft["id"])


def pay(office: FinanceOffice, invoice: str, amount: str, **more: Any) -> dict[str, Any]:
    return office.do(
        "record_payment",
        invoice,
        **{"amount": money(amount), "received_on": office.day.isoformat()} | more,
    )


def reconciled(office: FinanceOffice, **wanted: Any) -> dict[str, Any]:
    (item,) = office.ask("get_reconciliation", differing=False, **wanted)["items"]
    assert item["unexplained"]["amount"].strip("0") in (".", "")
    return dict(item)


@pytest.mark.row("C8")
def test_a_part_of_a_milestone_is_billed_and_the_rise_by_its_difference(
    office: FinanceOffice,
) -> None:
    office.hears(partially(gbp(10_000)))
    issued(office)
    office.hears(met())
    assert [each["total"] for each in drafts(office)] == [money("30000.00")]


@pytest.mark.row("C8")
def test_a_fall_after_billing_is_credited(office: FinanceOffice) -> None:
    office.hears(met())
    issued(office)
    office.hears(partially(gbp(10_000)))
    (credit,) = drafts(office)
    assert (credit["total"], credit["is_credit_note"]) == (money("-30000.00"), True)


@pytest.mark.row("C8")
@pytest.mark.parametrize("decision", [not_met(), partially(gbp(0))])
def test_a_fall_before_the_invoice_was_sent_voids_its_draft(
    office: FinanceOffice, decision: MilestoneNotMet
) -> None:
    office.hears(met())
    office.hears(decision)
    assert drafts(office) == []
    assert office.tells()[-1] == "invoice_voided"
    assert reconciled(office)["difference"] == money("0.00")


@pytest.mark.row("C8")
def test_a_decision_that_is_withdrawn_voids_its_draft(office: FinanceOffice) -> None:
    office.hears(met())
    office.hears(MilestoneReopened(**TITLE, reason="Decided on the wrong one."))
    assert drafts(office) == []
    (first, _) = office.ask("get_account", id=CONTRACT)["expected"]
    assert (first["state"], first["met_amount"]) == ("scheduled", None)


@pytest.mark.row("C8")
def test_a_raise_after_a_fall_voids_the_draft_credit(office: FinanceOffice) -> None:
    office.hears(met())
    issued(office)
    office.hears(not_met())
    office.hears(met())
    assert drafts(office) == []
    assert reconciled(office)["difference"] == money("0.00")


@pytest.mark.row("C8")
def test_a_decision_heard_of_twice_is_billed_once(office: FinanceOffice) -> None:
    office.hears(partially(gbp(10_000)))
    office.hears(partially(gbp(10_000)))
    assert len(drafts(office)) == 1


@pytest.mark.row("C8", "C7")
def test_a_met_milestone_whose_amount_an_amendment_raises_is_billed_by_the_difference(
    office: FinanceOffice,
) -> None:
    office.hears(met())
    issued(office)
    raised = (milestone(INCEPTION, gbp(50_000)), *terms().milestones[1:])
    office.hears(changed(terms(2, value=gbp(110_000), milestones=raised)))
    assert [each["total"] for each in drafts(office)] == [money("10000.00")]


@pytest.mark.row("N4", "N6")
def test_a_milestone_beyond_the_value_waits_and_is_listed(by_days: FinanceOffice) -> None:
    by_days.hears(approval(entry()))
    by_days.do("prepare_pack", CONTRACT, **YEAR)
    whole = (milestone(INCEPTION, gbp(100_000)),)
    by_days.hears(changed(terms(2, milestones=whole)))
    by_days.hears(met(amount=gbp(100_000)))
    assert len(drafts(by_days)) == 1
    assert "milestone_not_billed" in {e["kind"] for e in reconciled(by_days)["causes"]}


@pytest.mark.row("N4")
def test_a_reversal_after_payment_makes_a_credit_note_and_is_refunded(
    by_days: FinanceOffice,
) -> None:
    days = entry()
    by_days.hears(approval(days))
    by_days.do("prepare_pack", CONTRACT, **YEAR)
    pay(by_days, issued(by_days), "1000.00")
    by_days.hears(DaysReversed(entry=days, reason="Another contract."))
    shown = by_days.ask("get_account", id=CONTRACT)
    assert (shown["not_yet_billed"], shown["credits_waiting"][0]["days"]) == (
        money("-1000.00"),
        "1",
    )
    by_days.do("prepare_pack", CONTRACT, **YEAR)
    credit = issued(by_days)
    assert by_days.ask("get_account", id=CONTRACT)["figures"]["owed"] == money("1000.00")
    refunded = by_days.do(
        "record_refund", credit, amount=money("1000.00"), paid_on=by_days.day.isoformat()
    )
    assert (refunded["number"], refunded["state"]) == ("CRN-2026-0001", "settled")
    assert by_days.ask("get_account", id=CONTRACT)["figures"]["owed"] == money("0.00")


@pytest.mark.row("N4", "N6")
@pytest.mark.parametrize(("rate", "currency"), [("33333", "JPY"), ("101.505", "JOD")])
def test_days_reversed_and_logged_anew_come_to_the_exact_value(
    sqlite: Database, rate: str, currency: str
) -> None:
    value = Money.of(rate, currency)
    budget = (BudgetLine(role="senior adviser", days=entry().days, rate=value),)
    office = FinanceOffice(sqlite, MONDAY)
    office.hears(activated(terms_by_days(value=value, day_budget=budget)))
    quarters = [entry(MONDAY + timedelta(days=n), "0.25") for n in range(4)]
    for each in quarters:
        office.hears(approval(each))
        office.do("prepare_pack", CONTRACT, **YEAR)
    office.hears(DaysReversed(entry=quarters[1], reason="Wrong date."))
    office.hears(approval(entry(MONDAY + timedelta(days=9), "0.25")))
    office.do("prepare_pack", CONTRACT, **YEAR)
    item = reconciled(office)
    assert item["billed"] == item["due"] == {"amount": rate, "currency": currency}


@pytest.mark.row("C11")
def test_days_approved_after_the_contracts_end_are_billed_by_a_further_pack(
    by_days: FinanceOffice,
) -> None:
    by_days.hears(approval(entry()))
    by_days.do("prepare_pack", CONTRACT, **YEAR)
    by_days.hears(ContractExpired(contract_id=CONTRACT, expired_on=date(2026, 12, 31)))
    by_days.hears(approval(entry(date(2026, 12, 31), "0.5")))
    assert by_days.do("prepare_pack", CONTRACT, **YEAR)["total"] == money("500.00")


def test_a_credit_in_full_lets_the_milestone_be_billed_anew(office: FinanceOffice) -> None:
    office.hears(met())
    invoice = issued(office)
    pay(office, invoice, "40000.00")
    office.do("credit_invoice", invoice, reason="Sent to the wrong faculty.")
    issued(office)
    office.do("prepare_pack", CONTRACT, milestone_id=str(INCEPTION))
    again = issued(office)
    (credit,) = office.ask("list_invoices", state="open", due_before="2027-01-01")["items"]
    assert credit["id"] == again
    assert reconciled(office)["difference"] == money("0.00")


def test_a_credit_note_settles_what_is_outstanding_when_it_is_issued(office: FinanceOffice) -> None:
    office.hears(met())
    invoice = issued(office)
    office.do("credit_invoice", invoice, amount=money("1500.00"), reason="Late.")
    issued(office)
    shown = office.ask("get_invoice", id=invoice)
    assert (shown["state"], shown["outstanding"], shown["credited"]) == (
        "part_paid",
        money("38500.00"),
        money("1500.00"),
    )
    assert [e["kind"] for e in reconciled(office)["causes"]] == ["credited_amount"]


def test_a_set_off_is_reversed_on_both_documents(office: FinanceOffice) -> None:
    office.hears(met())
    invoice = issued(office)
    pack = office.do("credit_invoice", invoice, amount=money("1500.00"), reason="Late.")
    issued(office)
    (set_off,) = office.ask("get_invoice", id=invoice)["payments"]
    office.do("reverse_payment", invoice, payment_id=set_off["payment_id"], reason="Not agreed.")
    assert office.ask("get_invoice", id=invoice)["outstanding"] == money("40000.00")
    assert office.ask("get_invoice", id=pack["invoice_id"])["outstanding"] == money("-1500.00")
    office.do("void_invoice", pack["invoice_id"], reason="Not agreed.")
    assert office.ask("get_account", id=CONTRACT)["figures"]["owed"] == money("0.00")


@pytest.mark.parametrize("again", ["FT 26-0001", "ft260001", " FT/26/0001 "])
def test_the_same_bank_reference_twice_is_refused_unless_confirmed(
    office: FinanceOffice, again: str
) -> None:
    office.hears(met())
    invoice = issued(office)
    pay(office, invoice, "1.00", bank_reference="FT 26-0001")
    with pytest.raises(Conflict) as refused:
        pay(office, invoice, "1.00", bank_reference=again)
    assert (refused.value.rule, refused.value.field) == ("bank-reference-once", "bank_reference")
    paid = pay(office, invoice, "1.00", bank_reference=again, confirm_repeated_reference=True)
    assert paid["paid"] == money("2.00")


def test_the_reference_of_a_reversed_payment_may_be_used_again(office: FinanceOffice) -> None:
    office.hears(met())
    invoice = issued(office)
    paid = pay(office, invoice, "14000.00", bank_reference="FT 26-0001")
    office.do(
        "reverse_payment",
        invoice,
        payment_id=paid["payments"][0]["payment_id"],
        reason="Digits swapped.",
    )
    assert pay(office, invoice, "40000.00", bank_reference="FT 26-0001")["state"] == "paid"


@pytest.mark.parametrize("received_on", ["1066-10-14", "2026-03-01", "2026-03-04"])
def test_a_payment_outside_its_bounds_is_refused_by_its_field(
    office: FinanceOffice, received_on: str
) -> None:
    office.hears(met())
    invoice = issued(office)
    with pytest.raises(Invalid) as refused:
        pay(office, invoice, "1.00", received_on=received_on)
    assert refused.value.field == "received_on"


def test_a_date_that_has_begun_at_the_other_end_of_the_world_is_taken(
    office: FinanceOffice,
) -> None:
    office.hears(met())
    invoice = issued(office)
    tomorrow = (MONDAY + timedelta(days=1)).isoformat()  # at noon in London
    assert pay(office, invoice, "1.00", received_on=tomorrow)["paid"] == money("1.00")


def test_a_due_date_is_given_when_it_is_opened_and_corrected_later(office: FinanceOffice) -> None:
    office.hears(met())
    (draft,) = drafts(office)
    office.do("open_invoice", draft["id"], due_on="2026-03-20")
    corrected = office.do(
        "correct_invoice",
        draft["id"],
        due_on="2026-04-20",
        purchase_order="PO-9",
        reason="Agreed by telephone.",
    )
    assert (corrected["due_on"], corrected["purchase_order"]) == ("2026-04-20", "PO-9")


def test_totals_are_those_of_the_list_by_currency(office: FinanceOffice) -> None:
    office.hears(met())
    invoice = issued(office)
    pay(office, invoice, "40500.00", surplus="keep_as_credit")
    (total,) = office.ask("get_invoice_totals", contract_id=str(CONTRACT))["totals"]
    assert total == {
        "currency": "GBP",
        "invoices": 1,
        "drafted": money("0.00"),
        "invoiced": money("40000.00"),
        "paid": money("40500.00"),
        "set_off": money("0.00"),
        "outstanding": money("0.00"),
        "owed": money("500.00"),
        "written_off": money("0.00"),
    }
    assert office.ask("get_invoice_totals", state="draft")["totals"] == []


@pytest.mark.row("N6")
def test_what_is_not_yet_billed_is_listed_by_contract_and_summed_by_currency(
    by_days: FinanceOffice,
) -> None:
    by_days.hears(approval(entry(days="0.25")))
    by_days.hears(approval(entry(role="librarian")))
    answer = by_days.ask("get_reconciliation")
    (item,) = answer["items"]
    assert (item["not_yet_billed"], item["difference"]) == (money("250.00"), money("250.00"))
    assert {(e["kind"], e["about"]) for e in item["causes"]} == {
        ("days_not_billed", "senior adviser"),
        ("role_without_rate", "librarian"),
    }
    (total,) = by_days.ask("get_reconciliation_totals")["totals"]
    assert (total["accounts"], total["not_yet_billed"]) == (1, money("250.00"))


@pytest.mark.row("N6")
def test_a_reconciled_account_is_not_among_those_that_differ(by_days: FinanceOffice) -> None:
    by_days.hears(approval(entry()))
    by_days.do("prepare_pack", CONTRACT, **YEAR)
    assert by_days.ask("get_reconciliation")["items"] == []


@pytest.mark.parametrize("issued_on", ["0001-01-01", "2026-03-01", "2026-03-04", "9999-12-31"])
def test_an_issue_outside_its_bounds_is_refused_by_its_field(
    office: FinanceOffice, issued_on: str
) -> None:
    office.hears(met())
    (draft,) = drafts(office)
    with pytest.raises(Invalid) as refused:
        office.do("open_invoice", draft["id"], issued_on=issued_on)
    assert refused.value.field == "issued_on"


@pytest.mark.row("N4")
@pytest.mark.parametrize(
    ("period", "field"),
    [
        ({"period_from": "0001-01-01", "period_to": "2026-12-31"}, "period_from"),
        ({"period_from": "2026-01-01", "period_to": "9999-12-31"}, "period_to"),
        ({"period_from": "2026-05-01", "period_to": "2026-04-30"}, "period_to"),
    ],
)
def test_a_period_lies_about_the_contract(
    by_days: FinanceOffice, period: dict[str, str], field: str
) -> None:
    by_days.hears(approval(entry()))
    with pytest.raises(Invalid) as refused:
        by_days.do("prepare_pack", CONTRACT, **period)
    assert refused.value.field == field


@pytest.mark.row("N4")
def test_a_pack_that_comes_to_nothing_moves_the_version_of_its_account_too(
    by_days: FinanceOffice,
) -> None:
    days = entry()
    by_days.hears(approval(days))
    by_days.do("prepare_pack", CONTRACT, **YEAR)
    by_days.hears(DaysReversed(entry=days, reason="Wrong date."))
    by_days.hears(approval(entry()))
    before = by_days.ask("get_account", id=CONTRACT)["version"]
    assert by_days.do("prepare_pack", CONTRACT, **YEAR)["total"] == money("0.00")
    assert by_days.ask("get_account", id=CONTRACT)["version"] == before + 1


def test_a_partner_sees_neither_a_voided_draft_nor_who_recorded_a_payment(
    office: FinanceOffice,
) -> None:
    office.hears(met())
    (draft,) = drafts(office)
    office.do("void_invoice", draft["id"], reason="Our mistake.")
    office.do("prepare_pack", CONTRACT, milestone_id=str(INCEPTION))
    invoice = issued(office)
    pay(office, invoice, "1.00")
    guest = guest_of(PARTNER)
    assert [e["id"] for e in office.ask("list_invoices", actor=guest)["items"]] == [invoice]
    (payment,) = office.ask("get_invoice", actor=guest, id=invoice)["payments"]
    assert (payment["recorded_by"], payment["amount"]) == (None, money("1.00"))


def test_lists_and_totals_are_the_same_on_both_stores(database: Database) -> None:
    office = FinanceOffice(database, MONDAY)
    office.hears(activated(terms()))
    office.hears(met())
    invoice = issued(office)
    pay(office, invoice, "40500.00", surplus="keep_as_credit", bank_reference="FT 1")
    office.do("credit_invoice", invoice, amount=money("1000.00"), reason="Late.")
    issued(office)
    (total,) = office.ask("get_invoice_totals")["totals"]
    assert (total["invoices"], total["invoiced"], total["owed"]) == (
        2,
        money("39000.00"),
        money("1500.00"),
    )
    assert len(office.ask("list_invoices", state="open")["items"]) == 1
    assert len(office.ask("list_invoices", state="paid")["items"]) == 1
    assert reconciled(office)["difference"] == money("1000.00")
