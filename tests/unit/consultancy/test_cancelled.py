"""What was recorded before an engagement was cancelled is corrected after it, like anything."""

import pytest

from shared.database import Database
from shared.errors import Conflict
from shared.events.consultancy import DeliverableAnswerWithdrawn, DeliverableDropped
from tests.unit.consultancy.office import COLLEAGUE, CONSULTANT, ConsultancyOffice
from tests.unit.consultancy.story import TERMS
from tests.unit.consultancy.test_at_the_desk import SHA

pytestmark = pytest.mark.row("E6")

MILESTONE = TERMS.milestones[0].milestone_id


class Cancelled(ConsultancyOffice):
    def accepted(self, title: str = "Blueprint") -> str:
        deliverable = self.do(
            "plan_deliverable",
            engagement_id=self.engagement,
            title=title,
            due_on="2026-03-31",
            milestone_id=MILESTONE,
        )
        self.do("submit_deliverable", id=deliverable["id"], sha256=SHA, note="Shelf 3")
        self.do("accept_deliverable", actor=COLLEAGUE, id=deliverable["id"], said_by="The dean")
        return str(deliverable["id"])

    def begins(self) -> None:
        self.activates()
        self.amina = self.registers()
        self.engagement = self.confirms(self.amina)

    def cancels(self) -> None:
        self.do("cancel_engagement", id=self.engagement, reason="Postponed")

    def withdraws(self, deliverable: str) -> dict[str, object]:
        return self.do("withdraw_answer", id=deliverable, reason="It was another document.")


@pytest.fixture
def office(sqlite: Database) -> Cancelled:
    office = Cancelled(sqlite)
    office.begins()
    return office


def test_a_mistaken_acceptance_is_withdrawn_and_the_document_dropped(office: Cancelled) -> None:
    blueprint = office.accepted()
    office.cancels()

    withdrawn = office.withdraws(blueprint)

    assert withdrawn["state"] == "dropped"
    assert str(withdrawn["drop_reason"]).endswith("was cancelled: Postponed")
    (answer,) = office.told(DeliverableAnswerWithdrawn)
    (dropped,) = office.told(DeliverableDropped)
    assert answer.was_accepted
    assert dropped.milestone is not None
    assert (dropped.milestone.open_deliverables, dropped.milestone.accepted) == (0, ())


def test_the_other_that_was_accepted_still_meets_the_milestone(office: Cancelled) -> None:
    office.accepted("Syllabus")
    blueprint = office.accepted()
    office.cancels()

    office.withdraws(blueprint)

    (dropped,) = office.told(DeliverableDropped)
    assert dropped.milestone is not None
    assert [each.title for each in dropped.milestone.accepted] == ["Syllabus"]


def test_it_is_withdrawn_once(office: Cancelled) -> None:
    blueprint = office.accepted()
    office.cancels()
    office.withdraws(blueprint)

    with pytest.raises(Conflict) as refused:
        office.withdraws(blueprint)

    assert refused.value.rule == "deliverable-lifecycle"


def test_under_a_closed_engagement_it_is_reopened_first(office: Cancelled) -> None:
    blueprint = office.accepted()
    for step in ("start", "deliver", "close"):
        office.do(f"{step}_engagement", id=office.engagement)

    with pytest.raises(Conflict) as refused:
        office.withdraws(blueprint)
    assert refused.value.rule == "engagement-lifecycle"
    office.do("reopen_engagement", id=office.engagement, reason="The wrong document.")
    assert office.withdraws(blueprint)["state"] == "submitted"


def test_days_that_were_approved_are_reversed(office: Cancelled) -> None:
    entry = office.logs(office.engagement, office.amina)["id"]
    office.do("submit_days", actor=CONSULTANT, id=entry)
    office.do("approve_days", actor=COLLEAGUE, id=entry)
    office.cancels()

    office.do("request_reversal", actor=CONSULTANT, id=entry, reason="Half a day.")

    assert office.do("confirm_reversal", id=entry)["state"] == "reversed"
