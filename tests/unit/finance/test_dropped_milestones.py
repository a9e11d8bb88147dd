"""An amendment drops a milestone that was billed: its invoice can still be corrected."""

import pytest

from shared.database import Database
from shared.errors import Conflict
from tests.unit.finance.examples import CONTRACT, FINAL, INCEPTION, MONDAY, gbp, milestone, terms
from tests.unit.finance.office import FinanceOffice
from tests.unit.finance.test_reactions import activated, changed, met

pytestmark = pytest.mark.row("N5")

TITLE = "Inception report"
WITHOUT_INCEPTION = terms(version=2, milestones=(milestone(FINAL, gbp(100_000)),))


@pytest.fixture
def office(sqlite: Database) -> FinanceOffice:
    office = FinanceOffice(sqlite, MONDAY)
    office.hears(activated(terms()), met())
    return office


def opened(office: FinanceOffice) -> str:
    (draft,) = office.ask("list_invoices", state="draft")["items"]
    office.do("open_invoice", draft["id"])
    return str(draft["id"])


def credited(office: FinanceOffice, invoice: str) -> str:
    """The draft of a credit note in full."""
    return str(office.do("credit_invoice", invoice, reason="Dropped.")["invoice_id"])


def difference(office: FinanceOffice) -> tuple[str, str]:
    (account,) = office.ask("get_reconciliation", differing=False)["items"]
    return account["difference"]["amount"], account["unexplained"]["amount"]


@pytest.mark.parametrize("dropped", ["before the credit note", "after it"])
def test_voiding_its_credit_note_makes_the_invoice_stand_again(
    office: FinanceOffice, dropped: str
) -> None:
    invoice = opened(office)
    if dropped == "before the credit note":
        office.hears(changed(WITHOUT_INCEPTION))
    credit = credited(office, invoice)
    if dropped == "after it":
        office.hears(changed(WITHOUT_INCEPTION))

    office.do("void_invoice", credit, reason="It was right.")

    (line, _) = sorted(
        office.ask("get_account", id=CONTRACT)["expected"], key=lambda each: each["title"] != TITLE
    )
    assert (line["title"], line["billed"]["amount"]) == (TITLE, "40000.00")
    assert difference(office) == ("-40000.00", "0.00")


def test_it_is_credited_once_and_then_shown_no_more(office: FinanceOffice) -> None:
    invoice = opened(office)
    office.hears(changed(WITHOUT_INCEPTION))
    credited(office, invoice)

    with pytest.raises(Conflict) as refused:
        credited(office, invoice)

    assert refused.value.rule == "credit-within-what-is-left"
    shown = office.ask("get_account", id=CONTRACT)["expected"]
    assert [each["milestone_id"] for each in shown] == [str(FINAL)]
    assert difference(office) == ("0.00", "0.00")


def test_it_is_not_billed_again(office: FinanceOffice) -> None:
    invoice = opened(office)
    office.hears(changed(WITHOUT_INCEPTION))
    credited(office, invoice)

    with pytest.raises(Conflict) as refused:
        office.do("prepare_pack", CONTRACT, milestone_id=str(INCEPTION))

    assert refused.value.rule == "milestone-dropped"
