"""Planning and submitting deliverables, and writing down the partner's answers."""

from typing import Any

from services.consultancy import schemas
from services.consultancy.commands.known_contracts import budget_of
from services.consultancy.domain.deliverable import Answer, Deliverable
from services.consultancy.domain.engagement import Engagement
from services.consultancy.operations import operations
from shared.errors import Invalid
from shared.events.permissions import PERMISSIONS, Permission
from shared.work import Work


@operations.command(
    "POST /engagements/{id}/deliverables",
    needs=Permission.DELIVERABLE_SUBMIT,
    on=Engagement,
    needs_version=False,
    takes=schemas.NewDeliverable,
    gives=schemas.DeliverableView,
)
def plan_deliverable(work: Work, engagement: Engagement, body: dict[str, Any]) -> Deliverable:
    """Promise a document by a date; its acceptance may meet one of the contract's milestones."""
    promised = dict(body)
    identifier = work.chosen_id(Deliverable, promised.pop("deliverable_id"), field="deliverable_id")
    budget = budget_of(work, engagement.contract_id)
    return work.add(Deliverable.plan(identifier, engagement, budget, **promised))


@operations.command(
    "POST /deliverables/{id}/submit",
    needs=Permission.DELIVERABLE_SUBMIT,
    on=Deliverable,
    takes=schemas.NewVersion,
    gives=schemas.DeliverableView,
)
def submit_deliverable(work: Work, deliverable: Deliverable, body: dict[str, Any]) -> Deliverable:
    """Put a new version before the partner, with the SHA-256 of the document."""
    work.get(Engagement, deliverable.engagement_id).require_under_way()
    deliverable.submit(**body, by=work.actor.id, at=work.now)
    return deliverable


@operations.command(
    "POST /deliverables/{id}/accept",
    needs=Permission.DELIVERABLE_ANSWER,
    on=Deliverable,
    takes=schemas.AnswerBody,
    gives=schemas.DeliverableView,
    scoped_by="partner_id",
)
def accept_deliverable(work: Work, deliverable: Deliverable, body: dict[str, Any]) -> Deliverable:
    """Accept the latest version, as the partner or for the partner in its words.

    The office says in `said_by` who at the partner answered.
    """
    deliverable.accept(_answer(work, deliverable, body), work.today)
    return deliverable


@operations.command(
    "POST /deliverables/{id}/return",
    needs=Permission.DELIVERABLE_ANSWER,
    on=Deliverable,
    takes=schemas.AnswerBody,
    gives=schemas.DeliverableView,
    scoped_by="partner_id",
)
def return_deliverable(work: Work, deliverable: Deliverable, body: dict[str, Any]) -> Deliverable:
    """Return the latest version with comments, as the partner or for the partner.

    The office says in `said_by` who at the partner answered.
    """
    deliverable.send_back(_answer(work, deliverable, body), work.today)
    return deliverable


def _answer(work: Work, deliverable: Deliverable, body: dict[str, Any]) -> Answer:
    work.get(Engagement, deliverable.engagement_id).require_under_way()
    said_by = body["said_by"].strip()
    if not PERMISSIONS.allows(work.actor.roles, Permission.DELIVERABLE_ANSWER):
        said_by = ""
    elif not said_by:
        raise Invalid(
            "Say who at the partner gave this answer.", rule="said-by-given", field="said_by"
        )
    return Answer(
        comments=body["comments"],
        said_by=said_by,
        recorded_by=work.actor.id,
        answered_on=body["answered_on"] or work.today,
    )
