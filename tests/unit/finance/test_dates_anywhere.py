"""Dates of issues and payments follow moments, wherever on Earth the people are who record them."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.finance.domain.invoice import Invoice
from shared.clock import FixedClock
from shared.database import Database
from shared.errors import Invalid
from shared.identifiers import new_id
from shared.work import Call
from tests.alone import desk_of
from tests.unit.finance.examples import MONDAY, entry, terms, terms_by_days
from tests.unit.finance.office import FINANCE, FinanceOffice
from tests.unit.finance.test_reactions import activated, approval, met

pytestmark = pytest.mark.row("N5")

#: Ten past midnight in London, still the evening before in the Americas.
AFTER_MIDNIGHT = datetime(2026, 3, 3, 0, 10, tzinfo=UTC)
EVENING_BEFORE, THAT_DAY = date(2026, 3, 2), date(2026, 3, 3)


class NightOffice(FinanceOffice):
    def __init__(self, database: Database) -> None:
        super().__init__(database, MONDAY)
        self.moment = AFTER_MIDNIGHT

    @property
    def desk(self) -> Any:
        return desk_of("finance", self.database, FixedClock(self.moment))

    def opens(self, on: date) -> str:
        self.hears(activated(terms()), met())
        (draft,) = self.ask("list_invoices", state="draft")["items"]
        self.do("open_invoice", draft["id"], issued_on=on.isoformat())
        return str(draft["id"])

    def overpaid(self) -> str:
        """An invoice under another contract, on which 1.00 too much was received."""
        contract_id = new_id()
        agreed = replace(activated(terms_by_days()), contract_id=contract_id)
        self.hears(agreed, approval(entry(contract_id=contract_id)))
        pack = self.do("prepare_pack", contract_id, period_from="2026-03-01", period_to=str(MONDAY))
        self.do("open_invoice", pack["invoice_id"])
        amount = {"amount": "1001.00", "currency": "GBP"}
        payment = {"amount": amount, "received_on": str(MONDAY), "surplus": "keep_as_credit"}
        self.do("record_payment", pack["invoice_id"], **payment)
        return str(pack["invoice_id"])


@pytest.fixture
def office(sqlite: Database) -> NightOffice:
    return NightOffice(sqlite)


def test_an_invoice_may_bear_the_date_that_it_still_is_in_the_americas(office: NightOffice) -> None:
    invoice = office.opens(EVENING_BEFORE)

    assert office.ask("get_invoice", id=invoice)["issued_on"] == "2026-03-02"


def test_a_payment_that_follows_at_once_may_be_dated_the_evening_before(
    office: NightOffice,
) -> None:
    invoice = office.opens(THAT_DAY)
    payment = {"amount": {"amount": "40000.00", "currency": "GBP"}}

    with pytest.raises(Invalid) as refused:
        office.do("record_payment", invoice, received_on="2026-03-01", **payment)
    paid = office.do("record_payment", invoice, received_on="2026-03-02", **payment)

    assert refused.value.accepted == "a date from 2026-03-02 to 2026-03-03"
    assert paid["state"] == "paid"


def test_it_follows_the_issue_and_not_the_evening_before_that(office: NightOffice) -> None:
    invoice = office.opens(EVENING_BEFORE)

    with office.unit_of_work.reading(Call(actor=FINANCE)) as work:
        (found,) = work.session.query(Invoice).all()

    assert (str(found.id), found.payable_from) == (invoice, EVENING_BEFORE)


def test_a_set_off_is_dated_no_earlier_than_what_it_settles(office: NightOffice) -> None:
    """An invoice is issued in Kiritimati, where the next date has begun; London sets off."""
    office.moment = datetime(2026, 3, 2, 12, tzinfo=UTC)
    invoice = office.opens(date(2026, 3, 3))
    overpaid = office.overpaid()
    amount = {"amount": "1.00", "currency": "GBP"}

    office.do("set_off_credit", overpaid, against_invoice_id=invoice, amount=amount)

    (payment,) = office.ask("get_invoice", id=invoice)["payments"]
    assert payment["paid_on"] == "2026-03-03"
