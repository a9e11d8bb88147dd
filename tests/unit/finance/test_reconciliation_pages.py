"""The reconciliation comes in pages, which those without a difference do not fill."""

from typing import Any
from uuid import UUID

import pytest

from shared.database import Database
from shared.errors import Invalid
from shared.events.contract import ContractActivated
from shared.identifiers import new_id
from tests.unit.finance.examples import MONDAY, PARTNER, entry, terms_by_days
from tests.unit.finance.office import FinanceOffice
from tests.unit.finance.test_corrections import money
from tests.unit.finance.test_reactions import approval

pytestmark = pytest.mark.row("N6")


@pytest.fixture
def office(sqlite: Database) -> FinanceOffice:
    """Seven contracts; under every other one a day of 1,000.00 is not billed."""
    office = FinanceOffice(sqlite, MONDAY)
    for number in range(1, 8):
        contract_id = new_id()
        office.hears(contract(contract_id, f"CTR-2026-000{number}"))
        if number % 2:
            office.hears(approval(entry(contract_id=contract_id)))
    return office


def contract(contract_id: UUID, reference: str) -> ContractActivated:
    return ContractActivated(
        contract_id=contract_id, reference=reference, partner_id=PARTNER, terms=terms_by_days()
    )


def pages(office: FinanceOffice, **wanted: Any) -> list[list[str]]:
    found, cursor = [], None
    while True:
        page = office.ask("get_reconciliation", cursor=cursor, **wanted)
        found.append([each["contract_reference"][-1] for each in page["items"]])
        cursor = page["next"]
        if cursor is None:
            return found


@pytest.mark.parametrize(
    ("limit", "expected"),
    [(1, ["1", "3", "5", "7"]), (2, ["13", "57"]), (3, ["135", "7"]), (50, ["1357"])],
)
def test_each_page_holds_as_many_as_were_asked_for(
    office: FinanceOffice, limit: int, expected: list[str]
) -> None:
    assert ["".join(each) for each in pages(office, limit=limit)] == expected


def test_all_accounts_are_paged_too(office: FinanceOffice) -> None:
    found = pages(office, limit=3, differing=False, sort="-contract_reference")
    assert ["".join(each) for each in found] == ["765", "432", "1"]


def test_the_totals_are_of_all_pages(office: FinanceOffice) -> None:
    (total,) = office.ask("get_reconciliation_totals")["totals"]
    assert (total["accounts"], total["not_yet_billed"]) == (7, money("4000.00"))


def test_a_cursor_of_another_list_is_refused(office: FinanceOffice) -> None:
    with pytest.raises(Invalid) as refused:
        office.ask("get_reconciliation", cursor="bm90IG9uZQ")
    assert refused.value.field == "cursor"


def test_no_accounts_are_one_empty_page(sqlite: Database) -> None:
    assert pages(FinanceOffice(sqlite, MONDAY)) == [[]]
