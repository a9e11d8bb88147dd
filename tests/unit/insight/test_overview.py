"""What a home page counts, and what is due."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from shared.events import contract, finance
from shared.money import Money
from tests.unit.insight.conftest import Story
from tests.unit.insight.platform import Insight, reader
from tests.unit.insight.samples import sample

pytestmark = pytest.mark.row("U1")


def due(insight: Insight, **asked: Any) -> list[tuple[str, str]]:
    shown = insight.ask("get_overview", **asked)
    return [(each["kind"], each["title"]) for each in shown["due_soon"]]


def test_partners_and_contracts_are_counted_by_state(insight: Insight, story: Story) -> None:
    story.partner_approved()
    story.contract_activated()
    insight.hear(story.logs.published)
    shown = insight.ask("get_overview")
    assert (shown["partners"], shown["contracts"]) == ({"approved": 1}, {"active": 1})


def test_what_is_due_soon_is_listed_by_date(insight: Insight, story: Story) -> None:
    story.contract_activated()
    story.invoice_opened(due_on=date(2026, 3, 25))
    insight.hear(story.logs.published)
    assert due(insight) == [
        ("milestone", "Final report"),
        ("invoice", "INV-2026-0001"),
        ("contract_end", "Assessment renewal"),
    ]


def test_a_met_milestone_is_no_longer_due(insight: Insight, story: Story) -> None:
    story.contract_activated()
    story.milestone_met()
    insight.hear(story.logs.published)
    assert due(insight) == [("contract_end", "Assessment renewal")]


@pytest.mark.row("C8")
@pytest.mark.parametrize("decision", [contract.MilestonePartiallyMet, contract.MilestoneNotMet])
def test_a_decided_milestone_is_no_longer_due_and_a_reopened_one_is_again(
    insight: Insight, story: Story, decision: type[contract.MilestoneNotMet]
) -> None:
    story.contract_activated()
    about: dict[str, Any] = {"contract_id": story.contract_id, "milestone_id": story.milestone_id}
    subject = f"contract/{story.contract_id}"
    story.logs.publish(subject, sample(decision, **about))
    insight.hear(story.logs.published)
    assert due(insight) == [("contract_end", "Assessment renewal")]
    story.logs.publish(subject, sample(contract.MilestoneReopened, **about))
    insight.hear(story.logs.published)
    assert [kind for kind, _ in due(insight)] == ["milestone", "contract_end"]


@pytest.mark.row("C8")
@pytest.mark.parametrize("day", [date(2026, 3, 21), date(2026, 12, 31), date(2031, 1, 1)])
def test_an_overdue_milestone_stays_on_the_list_until_it_is_decided_also_after_the_end(
    tmp_path: Path, story: Story, day: date
) -> None:
    insight = Insight(tmp_path, day)
    story.contract_activated()
    expired = sample(contract.ContractExpired, contract_id=story.contract_id)
    story.logs.publish(f"contract/{story.contract_id}", expired)
    insight.hear(story.logs.published)
    assert due(insight) == [("milestone", "Final report")]
    story.milestone_met()
    insight.hear(story.logs.published)
    assert due(insight) == []


def test_nothing_is_due_under_a_contract_that_is_not_active(insight: Insight, story: Story) -> None:
    story.contract_activated()
    story.logs.publish(
        f"contract/{story.contract_id}",
        sample(contract.ContractCompleted, contract_id=story.contract_id),
    )
    insight.hear(story.logs.published)
    assert due(insight) == []


@pytest.mark.parametrize(
    ("day", "kinds"),
    [
        (date(2026, 2, 13), []),
        (date(2026, 2, 14), ["contract_end"]),
        (date(2026, 2, 18), ["milestone", "contract_end"]),
        (date(2026, 3, 21), ["milestone", "contract_end"]),
    ],
)
def test_milestones_are_due_soon_for_thirty_days_and_ends_for_ninety(
    tmp_path: Path, story: Story, day: date, kinds: list[str]
) -> None:
    insight = Insight(tmp_path, day)
    story.contract_activated()
    insight.hear(story.logs.published)
    assert [kind for kind, _ in due(insight)] == kinds


def test_an_invoice_past_its_due_date_is_overdue(tmp_path: Path, story: Story) -> None:
    insight = Insight(tmp_path, date(2026, 3, 26))
    story.partner_approved()
    story.invoice_opened(due_on=date(2026, 3, 25))
    insight.hear(story.logs.published)
    (line,) = insight.ask("get_overview")["invoices_overdue"]
    assert (line["number"], line["partner_name"]) == ("INV-2026-0001", story.name)
    assert line["outstanding"] == {"amount": "40000.00", "currency": "GBP"}


def test_a_part_payment_lowers_what_is_overdue(tmp_path: Path, story: Story) -> None:
    insight = Insight(tmp_path, date(2026, 3, 26))
    story.invoice_opened(due_on=date(2026, 3, 25))
    paid = sample(
        finance.PaymentRecorded, invoice_id=story.invoice_id, outstanding=Money.of(1, "GBP")
    )
    story.logs.publish(f"invoice/{story.invoice_id}", paid)
    insight.hear(story.logs.published)
    (line,) = insight.ask("get_overview")["invoices_overdue"]
    assert line["outstanding"]["amount"] == "1.00"


@pytest.mark.parametrize(
    "settled", [finance.InvoicePaid, finance.InvoiceVoided, finance.InvoiceUncollectible]
)
def test_a_settled_invoice_is_not_overdue(
    tmp_path: Path, story: Story, settled: type[finance.InvoicePaid]
) -> None:
    insight = Insight(tmp_path, date(2026, 3, 26))
    story.invoice_opened(due_on=date(2026, 3, 25))
    event = sample(settled, invoice_id=story.invoice_id)
    story.logs.publish(f"invoice/{story.invoice_id}", event)
    insight.hear(story.logs.published)
    assert insight.ask("get_overview")["invoices_overdue"] == []


def test_an_observer_sees_no_invoices(tmp_path: Path, story: Story) -> None:
    insight = Insight(tmp_path, date(2026, 3, 24))
    story.contract_activated()
    story.invoice_opened(due_on=date(2026, 3, 25))
    insight.hear(story.logs.published)
    observer = reader("observer")
    assert [kind for kind, _ in due(insight, by=observer)] == ["milestone", "contract_end"]
    assert insight.ask("get_overview", by=observer)["invoices_overdue"] == []
