"""What was recorded before an engagement was cancelled is corrected after it, like anything."""

from decimal import Decimal

import pytest

from shared.database import Database
from shared.errors import Conflict
from shared.events.consultancy import (
    DeliverableAnswerWithdrawn,
    DeliverableDropped,
    EngagementReopened,
)
from tests.unit.consultancy.office import (
    COLLEAGUE,
    CONSULTANT,
    ConsultancyOffice,
    with_educator_days,
)
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


@pytest.mark.row("E1")
class TestUndone:
    def test_a_cancellation_by_mistake_leaves_the_engagement_as_it_was(
        self, office: Cancelled
    ) -> None:
        blueprint = office.do(
            "plan_deliverable",
            engagement_id=office.engagement,
            title="Blueprint",
            due_on="2026-03-31",
        )["id"]
        office.logs(office.engagement, office.amina)
        office.cancels()

        reopened = office.do("reopen_engagement", id=office.engagement, reason="The wrong one.")

        assert (reopened["state"], reopened["ended_on"]) == ("confirmed", None)
        assert reopened["cancel_reason"] == ""
        assert office.do("restore_deliverable", id=blueprint)["state"] == "planned"
        office.logs(office.engagement, office.amina, worked_on="2026-03-09")
        assert office.ask("get_engagement", id=office.engagement)["state"] == "in_progress"

    def test_one_that_was_not_confirmed_is_planned_again(self, office: Cancelled) -> None:
        planned = office.plans(office.amina)["id"]
        office.do("cancel_engagement", id=planned, reason="Postponed")

        reopened = office.do("reopen_engagement", id=planned, reason="The wrong one.")

        assert reopened["state"] == "planned"
        (told,) = office.told(EngagementReopened)
        assert (told.state, [each.planned_days for each in told.team]) == ("planned", [Decimal(1)])

    def test_its_planned_days_are_claimed_again_or_refused(self, sqlite: Database) -> None:
        office = Cancelled(sqlite)
        office.activates(with_educator_days(2))
        amina = office.registers()
        first = office.confirms(amina, days="2")
        office.do("cancel_engagement", id=first, reason="Postponed")
        second = office.plans(amina, days="0.25")["id"]

        with pytest.raises(Conflict) as refused:
            office.do("reopen_engagement", id=first, reason="The wrong one.")
        assert refused.value.rule == "day-budget"
        office.do("cancel_engagement", id=second, reason="Postponed")
        again = office.do("reopen_engagement", id=first, reason="The wrong one.")
        assert again["state"] == "confirmed"
