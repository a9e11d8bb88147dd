"""Dates of issues and payments follow moments, wherever on Earth the people are who record them."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.finance.domain.invoice import Invoice
from shared.clock import FixedClock
from shared.database import Database
from shared.errors import Invalid
from shared.work import Call
from tests.alone import desk_of
from tests.unit.finance.examples import MONDAY, terms
from tests.unit.finance.office import FINANCE, FinanceOffice
from tests.unit.finance.test_reactions import activated, met

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
