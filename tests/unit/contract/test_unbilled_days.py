"""What finance has not invoiced of a contract's approved days is said before it ends (C11)."""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from shared.errors import Conflict
from shared.events.consultancy import DaysApproved, DaysLogged, DaysReversed, LoggedDays
from shared.events.finance import (
    InvoiceDrafted,
    InvoicePackPrepared,
    InvoiceVoided,
    PackLine,
)
from shared.events.vocabulary import LineKind
from shared.identifiers import new_id
from shared.money import Money
from tests.unit.contract.office import BODY, ContractOffice
from tests.unit.contract.story import gbp
from tests.unit.contract.test_reactions import WORKED_ON, worked

pytestmark = pytest.mark.row("C11")


class Billing:
    """One approved day under a contract billed by days, and what finance does with it."""

    def __init__(self, office: ContractOffice, **changes: Any) -> None:
        self.office = office
        self.contract = office.has_active(**changes)
        self.entry: LoggedDays = worked(self.contract)
        office.hears(DaysApproved(entry=self.entry, approver_id="manager-1"))

    @property
    def whose(self) -> dict[str, UUID]:
        return {
            "contract_id": UUID(self.contract["id"]),
            "partner_id": UUID(self.contract["partner_id"]),
        }

    def drafted(self, days: int = 1) -> UUID:
        """The invoice of a pack over the entry; with negative days, of its credit."""
        pack, invoice, amount = new_id(), new_id(), gbp(900 * days)
        self.office.hears(
            InvoicePackPrepared(
                **self.whose,
                pack_id=pack,
                terms_version=1,
                milestone_id=None,
                purchase_order=None,
                period_from=WORKED_ON,
                period_to=WORKED_ON,
                lines=(self._line(days, amount),),
                total=amount,
            ),
            InvoiceDrafted(
                **self.whose, invoice_id=invoice, pack_id=pack, milestone_id=None, total=amount
            ),
        )
        return invoice

    def voided(self, invoice: UUID) -> None:
        self.office.hears(
            InvoiceVoided(**self.whose, invoice_id=invoice, milestone_id=None, reason="Wrong.")
        )

    @property
    def unbilled(self) -> Decimal:
        shown = self.office.ask("get_open_work", id=self.contract["id"])
        return Decimal(shown["unbilled_days"])

    def _line(self, days: int, amount: Money) -> PackLine:
        return PackLine(
            kind=LineKind.DAY,
            description="educator",
            quantity=Decimal(days),
            unit_price=gbp(900),
            amount=amount,
            entry_id=self.entry.entry_id,
            role="educator",
        )


BY_DAYS: dict[str, Any] = {"milestones": []}


def test_approved_days_are_open_until_they_are_on_an_invoice(office: ContractOffice) -> None:
    billing = Billing(office, **BY_DAYS)
    assert billing.unbilled == 1
    with pytest.raises(Conflict, match="1 approved day not invoiced"):
        office.do("complete_contract", billing.contract["id"])

    invoice = billing.drafted()
    assert billing.unbilled == 0

    billing.voided(invoice)
    assert billing.unbilled == 1


def test_a_credit_in_full_leaves_them_open_again_until_it_is_voided(
    office: ContractOffice,
) -> None:
    billing = Billing(office, **BY_DAYS)
    billing.drafted()
    credit = billing.drafted(days=-1)
    assert billing.unbilled == 1

    billing.voided(credit)
    assert billing.unbilled == 0


def test_reversed_days_are_not_open(office: ContractOffice) -> None:
    billing = Billing(office, **BY_DAYS)

    office.hears(DaysReversed(entry=billing.entry, reason="Another day."))

    assert billing.unbilled == 0


def test_where_milestones_are_billed_days_are_covered_by_their_fee(office: ContractOffice) -> None:
    assert Billing(office, milestones=BODY["milestones"]).unbilled == 0


@pytest.mark.parametrize(("days", "shown"), [("3.250", "3.25"), ("1.00", "1"), ("0.50", "0.5")])
def test_open_days_are_shown_in_their_steps(office: ContractOffice, days: str, shown: str) -> None:
    contract = office.has_active()
    entry = replace(worked(contract), days=Decimal(days))
    office.hears(DaysLogged(entry=entry))
    assert office.ask("get_open_work", id=contract["id"])["draft_days"] == shown
    burnt = office.ask("get_burn_down", id=contract["id"])
    assert burnt["roles"][0]["logged"] == shown
