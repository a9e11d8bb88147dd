"""Several people of finance work on one contract at the same moment, on both stores."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier
from typing import Any

import pytest

from shared.database import Database
from shared.errors import Refusal
from tests.unit.finance.examples import CONTRACT, MONDAY, entry, gbp, terms_by_days
from tests.unit.finance.office import FinanceOffice
from tests.unit.finance.test_reactions import activated, approval

PEOPLE = 8
PRICE = {"amount": "1000.00", "currency": "GBP"}


@pytest.fixture
def office(database: Database) -> FinanceOffice:
    office = FinanceOffice(database, MONDAY)
    office.hears(activated(terms_by_days()))
    return office


def at_once(acts: list[Callable[[], object]]) -> list[str]:
    """What came of each: "done", or the rule that refused it."""
    together = Barrier(len(acts))

    def run(act: Callable[[], object]) -> str:
        together.wait()
        try:
            act()
        except Refusal as refusal:
            return refusal.rule
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(run, acts))


def pack(office: FinanceOffice) -> dict[str, Any]:
    return office.do("prepare_pack", CONTRACT, period_from="2026-01-01", period_to="2026-12-31")


def opened(office: FinanceOffice, number: int) -> str:
    """An open invoice over one day."""
    office.hears(approval(entry(MONDAY - timedelta(days=number))))
    invoice = str(pack(office)["invoice_id"])
    office.do("open_invoice", invoice)
    return invoice


def figures(office: FinanceOffice) -> dict[str, str]:
    stated = office.ask("get_account", id=CONTRACT)["figures"]
    return {name: each["amount"] for name, each in stated.items()}


@pytest.mark.row("N4")
def test_of_several_packs_for_the_same_days_one_bills_them(office: FinanceOffice) -> None:
    office.hears(approval(entry()))

    outcomes = at_once([partial(pack, office)] * PEOPLE)

    assert outcomes == ["done"] + ["something-to-bill"] * (PEOPLE - 1)
    assert figures(office)["drafted"] == "1000.00"


@pytest.mark.row("N5")
@pytest.mark.parametrize("known_before", [False, True])
def test_of_several_payments_under_one_bank_reference_one_is_taken(
    office: FinanceOffice, known_before: bool
) -> None:
    invoices = [opened(office, number) for number in range(PEOPLE)]
    if known_before:
        paid = pay(office, invoices[0])
        reversing = {"payment_id": paid["payments"][0]["payment_id"], "reason": "Another account."}
        office.do("reverse_payment", invoices[0], **reversing)

    outcomes = at_once([partial(pay, office, each) for each in invoices])

    assert outcomes == ["bank-reference-once"] * (PEOPLE - 1) + ["done"]
    assert figures(office)["paid"] == "1000.00"


@pytest.mark.row("N5")
def test_payments_on_several_invoices_of_a_contract_are_all_taken(office: FinanceOffice) -> None:
    invoices = [opened(office, number) for number in range(PEOPLE)]

    outcomes = at_once([partial(pay, office, each, f"Transfer {each}") for each in invoices])

    assert outcomes == ["done"] * PEOPLE
    assert (figures(office)["paid"], figures(office)["outstanding"]) == ("8000.00", "0.00")


@pytest.mark.row("N5")
def test_a_payment_a_void_and_a_credit_at_once_leave_figures_that_agree(
    office: FinanceOffice,
) -> None:
    for number in range(4):
        invoice = opened(office, number)
        at_once(
            [
                partial(pay, office, invoice, f"Transfer {invoice}"),
                partial(office.do, "void_invoice", invoice, reason="Wrong month."),
                partial(office.do, "credit_invoice", invoice, reason="Wrong month."),
            ]
        )

    (account,) = office.ask("get_reconciliation", differing=False)["items"]
    assert account["unexplained"]["amount"] == "0.00"
    invoices = office.ask("list_invoices", contract_id=str(CONTRACT))["items"]
    paid = sum((gbp(each["paid"]["amount"]) for each in invoices), gbp(0))
    assert figures(office)["paid"] == str(paid.amount)


def pay(office: FinanceOffice, invoice: str, reference: str = "BACS 4711") -> dict[str, Any]:
    return office.do(
        "record_payment",
        invoice,
        amount=PRICE,
        received_on=MONDAY.isoformat(),
        bank_reference=reference,
    )
