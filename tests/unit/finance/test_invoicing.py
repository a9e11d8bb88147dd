"""Finance at work: packs, invoices and payments through commands and queries."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from shared.database import Database
from shared.errors import Conflict, Forbidden, Invalid, NotFound
from tests.alone import guest_of
from tests.unit.finance.examples import (
    CONTRACT,
    INCEPTION,
    MONDAY,
    PARTNER,
    entry,
    terms,
    terms_by_days,
)
from tests.unit.finance.office import FINANCE, FinanceOffice
from tests.unit.finance.test_reactions import activated, approval, met

pytestmark = pytest.mark.row("N5")

DUE = MONDAY + timedelta(days=30)
MARCH = {"period_from": "2026-03-01", "period_to": "2026-03-31"}


@pytest.fixture
def office(sqlite: Database) -> FinanceOffice:
    """A fixed-price contract whose first milestone is met: one invoice in draft."""
    office = FinanceOffice(sqlite, MONDAY)
    office.hears(activated(terms()))
    office.hears(met())
    return office


@pytest.fixture
def draft(office: FinanceOffice) -> str:
    (invoice,) = office.ask("list_invoices")["items"]
    return str(invoice["id"])


def money(amount: str, currency: str = "GBP") -> dict[str, str]:
    return {"amount": amount, "currency": currency}


def pay(office: FinanceOffice, invoice: str, amount: str) -> dict[str, object]:
    return office.do(
        "record_payment", invoice, amount=money(amount), received_on=office.day.isoformat()
    )


def listed(office: FinanceOffice, **wanted: Any) -> list[str]:
    return [each["id"] for each in office.ask("list_invoices", **wanted)["items"]]


def test_opening_gives_the_next_number_and_a_due_date(office: FinanceOffice, draft: str) -> None:
    opened = office.do("open_invoice", draft)
    assert (opened["number"], opened["due_on"], opened["state"]) == (
        "INV-2026-0001",
        DUE.isoformat(),
        "open",
    )


def test_new_payment_terms_count_for_an_invoice_opened_after_them(
    office: FinanceOffice, draft: str
) -> None:
    office.hears(activated(terms(version=2, payment_days=14)))
    assert office.do("open_invoice", draft)["due_on"] == "2026-03-16"


@pytest.mark.row("C2")
def test_where_nobody_knows_the_payment_terms_an_invoice_needs_a_due_date(
    office: FinanceOffice, draft: str
) -> None:
    office.hears(activated(terms(version=2, payment_days=None)))
    assert office.ask("get_account", id=CONTRACT)["payment_days"] is None
    with pytest.raises(Invalid) as refused:
        office.do("open_invoice", draft)
    assert refused.value.field == "due_on"
    assert office.do("open_invoice", draft, due_on="2026-04-30")["due_on"] == "2026-04-30"


def test_an_account_shows_expected_against_invoiced_against_paid(
    office: FinanceOffice, draft: str
) -> None:
    office.do("open_invoice", draft)
    pay(office, draft, "15000.00")
    shown = office.ask("get_account", id=CONTRACT)
    assert [each["state"] for each in shown["expected"]] == ["part_paid", "scheduled"]
    assert shown["figures"] == {
        "drafted": money("0.00"),
        "invoiced": money("40000.00"),
        "paid": money("15000.00"),
        "set_off": money("0.00"),
        "written_off": money("0.00"),
        "outstanding": money("25000.00"),
        "owed": money("0.00"),
    }


def test_the_last_payment_makes_it_paid(office: FinanceOffice, draft: str) -> None:
    office.do("open_invoice", draft)
    pay(office, draft, "15000.00")
    assert pay(office, draft, "25000.00")["state"] == "paid"
    assert office.tells()[-2:] == ["payment_recorded", "invoice_paid"]


def test_a_refused_overpayment_changes_no_sum(office: FinanceOffice, draft: str) -> None:
    office.do("open_invoice", draft)
    with pytest.raises(Invalid):
        pay(office, draft, "40000.01")
    shown = office.ask("get_account", id=CONTRACT)
    assert shown["figures"]["paid"] == money("0.00")


def test_a_voided_invoice_makes_room_for_a_new_pack(office: FinanceOffice, draft: str) -> None:
    office.do("void_invoice", draft, reason="Wrong purchase order.")
    again = office.do("prepare_pack", CONTRACT, milestone_id=str(INCEPTION))
    assert again["total"] == money("40000.00")
    assert [each["stands"] for each in office.ask("list_packs")["items"]].count(True) == 1


@pytest.mark.row("N4")
def test_the_period_of_a_voided_pack_is_covered_again(office: FinanceOffice, draft: str) -> None:
    office.do("void_invoice", draft, reason="Wrong purchase order.")
    again = office.do("prepare_pack", CONTRACT, milestone_id=str(INCEPTION))
    assert again["period_from"] == "2026-01-01"


def test_a_milestone_with_a_live_invoice_gets_no_second_pack(
    office: FinanceOffice, draft: str
) -> None:
    with pytest.raises(Conflict):
        office.do("prepare_pack", CONTRACT, milestone_id=str(INCEPTION))


@pytest.mark.parametrize(
    "body", [{}, {"period_from": "2026-03-01"}, {"milestone_id": str(INCEPTION), **MARCH}]
)
def test_a_pack_is_asked_for_by_milestone_or_by_period(
    office: FinanceOffice, body: dict[str, str]
) -> None:
    with pytest.raises(Invalid):
        office.do("prepare_pack", CONTRACT, **body)


def test_what_is_given_up_is_written_off(office: FinanceOffice, draft: str) -> None:
    office.do("open_invoice", draft)
    office.do("mark_uncollectible", draft, reason="The college was closed.")
    shown = office.ask("get_account", id=CONTRACT)
    assert shown["figures"]["written_off"] == money("40000.00")


def test_the_daily_rule_says_once_that_an_invoice_is_overdue(
    office: FinanceOffice, draft: str
) -> None:
    office.do("open_invoice", draft)
    office.tick(DUE)
    assert "invoice_overdue" not in office.tells()
    for days in (1, 1, 2):
        office.tick(DUE + timedelta(days=days))
    assert office.tells().count("invoice_overdue") == 1


@pytest.mark.parametrize(
    ("state", "paid", "day"),
    [
        ("open", None, MONDAY),
        ("part_paid", "1.00", MONDAY),
        ("overdue", None, DUE + timedelta(days=1)),
        ("overdue", "1.00", DUE + timedelta(days=1)),
        ("paid", "40000.00", DUE + timedelta(days=1)),
    ],
)
def test_the_list_finds_an_invoice_by_its_derived_state_and_by_no_other(
    office: FinanceOffice, draft: str, state: str, paid: str | None, day: date
) -> None:
    office.do("open_invoice", draft)
    if paid:
        pay(office, draft, paid)
    office.day = day
    every = ("draft", "open", "part_paid", "overdue", "paid", "void", "uncollectible")
    assert [each for each in every if listed(office, state=each)] == [state]
    assert office.ask("get_invoice", id=draft)["state"] == state


def test_the_list_is_narrowed_by_contract_partner_and_due_date(
    office: FinanceOffice, draft: str
) -> None:
    office.do("open_invoice", draft)
    assert listed(office, contract_id=str(CONTRACT), partner_id=str(PARTNER)) == [draft]
    assert listed(office, contract_id=str(uuid4())) == []
    assert listed(office, due_before=DUE.isoformat()) == []
    assert listed(office, due_before=(DUE + timedelta(days=1)).isoformat()) == [draft]


@pytest.mark.parametrize("sort", ["number", "-number", "due_on", "-due_on"])
def test_the_list_is_paged_in_its_order_drafts_and_all(sqlite: Database, sort: str) -> None:
    office = FinanceOffice(sqlite, MONDAY)
    office.hears(activated(terms_by_days()))
    for day in (2, 3, 4):
        office.hears(approval(entry(date(2026, 3, day))))
        one = {"period_from": f"2026-03-{day:02}", "period_to": f"2026-03-{day:02}"}
        pack = office.do("prepare_pack", CONTRACT, **one)
        if day != 3:
            office.do("open_invoice", pack["invoice_id"])
            office.day += timedelta(days=1)
    seen: list[str | None] = []
    page = office.ask("list_invoices", sort=sort, limit=1)
    while True:
        seen += [each["number"] for each in page["items"]]
        if page["next"] is None:
            break
        page = office.ask("list_invoices", sort=sort, limit=1, cursor=page["next"])
    ascending = {
        "number": [None, "INV-2026-0001", "INV-2026-0002"],
        "due_on": ["INV-2026-0001", "INV-2026-0002", None],
    }[sort.removeprefix("-")]
    assert seen == (ascending[::-1] if sort.startswith("-") else ascending)


def test_a_partner_sees_its_invoices_once_they_were_sent(office: FinanceOffice, draft: str) -> None:
    guest = guest_of(PARTNER)
    assert office.ask("list_invoices", actor=guest)["items"] == []
    with pytest.raises(NotFound):
        office.ask("get_invoice", actor=guest, id=draft)
    office.do("open_invoice", draft)
    assert office.ask("get_invoice", actor=guest, id=draft)["number"] == "INV-2026-0001"


def test_a_partner_does_not_see_the_invoices_of_another(office: FinanceOffice, draft: str) -> None:
    office.do("open_invoice", draft)
    with pytest.raises(NotFound):
        office.ask("get_invoice", actor=guest_of(uuid4()), id=draft)


@pytest.mark.parametrize("role", ["observer", "consultant", "partner_guest"])
def test_accounts_are_not_for_everybody(office: FinanceOffice, role: str) -> None:
    outsider = type(FINANCE)(id="x", roles=frozenset({role}))
    with pytest.raises(Forbidden):
        office.ask("list_accounts", actor=outsider)


@pytest.mark.row("N4")
def test_the_days_of_a_period_become_a_pack(sqlite: Database) -> None:
    office = FinanceOffice(sqlite, MONDAY)
    office.hears(activated(terms_by_days()))
    office.hears(approval(entry(days="0.5")))
    pack = office.do("prepare_pack", CONTRACT, **MARCH)
    assert pack["total"] == money("500.00")
    assert office.ask("get_account", id=CONTRACT)["figures"]["drafted"] == money("500.00")
    with pytest.raises(Conflict):
        office.do("prepare_pack", CONTRACT, **MARCH)


@pytest.mark.row("N4")
def test_every_pack_moves_the_version_of_its_account_so_that_two_cannot_bill_at_once(
    sqlite: Database,
) -> None:
    office = FinanceOffice(sqlite, MONDAY)
    office.hears(activated(terms_by_days()))
    office.hears(approval(entry()))
    before = office.ask("get_account", id=CONTRACT)["version"]
    office.do("prepare_pack", CONTRACT, **MARCH)
    assert office.ask("get_account", id=CONTRACT)["version"] == before + 1
