"""Planning and submitting deliverables, and writing down the partner's answers."""

import dataclasses
from typing import Any

from sqlalchemy import select

from services.consultancy import schemas
from services.consultancy.belonging import is_of_team, own_deliverable, own_engagement
from services.consultancy.commands.known_contracts import budget_of
from services.consultancy.domain.deliverable import Deliverable
from services.consultancy.domain.documents import Answer
from services.consultancy.domain.engagement import Engagement
from services.consultancy.domain.promise import Promise
from services.consultancy.operations import operations
from services.consultancy.store import deliverables
from shared.errors import Forbidden, Invalid
from shared.events.permissions import PERMISSIONS, Permission
from shared.work import Work


@operations.command(
    "POST /engagements/{engagement_id}/deliverables",
    needs=Permission.DELIVERABLE_SUBMIT,
    own=own_engagement,
    on=Engagement,
    needs_version=False,
    takes=schemas.NewDeliverable,
    gives=schemas.DeliverableView,
    creates="/deliverables/{id}",
)
def plan_deliverable(work: Work, engagement: Engagement, body: dict[str, Any]) -> Deliverable:
    """Promise a document by a date; its acceptance may meet one of the contract's milestones."""
    promised = dict(body)
    identifier = work.chosen_id(Deliverable, promised.pop("id"))
    budget = budget_of(work, engagement.contract_id)
    return work.add(Deliverable.plan(identifier, engagement, budget, Promise(**promised)))


@operations.command(
    "PATCH /deliverables/{id}",
    needs=Permission.DELIVERABLE_SUBMIT,
    own=own_deliverable,
    on=Deliverable,
    takes=schemas.DeliverableChange,
    gives=schemas.DeliverableView,
)
def change_deliverable(work: Work, deliverable: Deliverable, body: dict[str, Any]) -> Deliverable:
    """Correct the title, due date or milestone of a deliverable that is not accepted."""
    budget = budget_of(work, deliverable.contract_id)
    engagement = _under_way(work, deliverable)
    promise = dataclasses.replace(deliverable.promise, **body)
    deliverable.change(promise, engagement, budget, milestone_mates(work, deliverable))
    return deliverable


@operations.command(
    "POST /deliverables/{id}/drop",
    needs=Permission.DELIVERABLE_KEEP,
    on=Deliverable,
    takes=schemas.Reason,
    gives=schemas.DeliverableView,
)
def drop_deliverable(work: Work, deliverable: Deliverable, body: dict[str, Any]) -> Deliverable:
    """Drop a deliverable that is no longer wanted; those accepted may then meet its milestone."""
    budget_of(work, deliverable.contract_id)
    _under_way(work, deliverable)
    deliverable.drop(body["reason"], milestone_mates(work, deliverable))
    return deliverable


@operations.command(
    "POST /deliverables/{id}/restore",
    needs=Permission.DELIVERABLE_KEEP,
    on=Deliverable,
    gives=schemas.DeliverableView,
)
def restore_deliverable(work: Work, deliverable: Deliverable, _: dict[str, Any]) -> Deliverable:
    """Undo a drop: the deliverable is wanted after all, as far as it had come."""
    budget_of(work, deliverable.contract_id)
    _under_way(work, deliverable)
    deliverable.restore()
    return deliverable


@operations.command(
    "POST /deliverables/{id}/submit",
    needs=Permission.DELIVERABLE_SUBMIT,
    own=own_deliverable,
    on=Deliverable,
    takes=schemas.NewVersion,
    gives=schemas.DeliverableView,
)
def submit_deliverable(work: Work, deliverable: Deliverable, body: dict[str, Any]) -> Deliverable:
    """Put a new version before the partner, with the SHA-256 of the document."""
    _under_way(work, deliverable)
    deliverable.submit(**body, by=work.actor.id, at=work.now)
    return deliverable


@operations.command(
    "POST /deliverables/{id}/withdraw-submission",
    needs=Permission.DELIVERABLE_SUBMIT,
    own=own_deliverable,
    on=Deliverable,
    takes=schemas.Reason,
    gives=schemas.DeliverableView,
)
def withdraw_submission(work: Work, deliverable: Deliverable, body: dict[str, Any]) -> Deliverable:
    """Take back a version that the partner has not answered; the one before it stands."""
    _under_way(work, deliverable)
    deliverable.withdraw_submission(body["reason"])
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
    budget_of(work, deliverable.contract_id)
    answer = _answer(work, deliverable, body)
    deliverable.accept(answer, work.latest_date, milestone_mates(work, deliverable))
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
    deliverable.send_back(_answer(work, deliverable, body), work.latest_date)
    return deliverable


@operations.command(
    "POST /deliverables/{id}/withdraw-answer",
    needs=Permission.DELIVERABLE_KEEP,
    on=Deliverable,
    takes=schemas.Reason,
    gives=schemas.DeliverableView,
)
def withdraw_answer(work: Work, deliverable: Deliverable, body: dict[str, Any]) -> Deliverable:
    """Undo an answer that was recorded by mistake: the version awaits an answer again.

    Under a cancelled engagement nothing is awaited any more: the deliverable is dropped.
    """
    budget_of(work, deliverable.contract_id)
    engagement = work.get(Engagement, deliverable.engagement_id)
    engagement.require_answers_correctable()
    deliverable.withdraw_answer(body["reason"])
    if engagement.cancellation is not None:
        deliverable.drop(engagement.cancellation, milestone_mates(work, deliverable))
    return deliverable


def _under_way(work: Work, deliverable: Deliverable) -> Engagement:
    engagement = work.get(Engagement, deliverable.engagement_id)
    engagement.require_under_way()
    return engagement


def milestone_mates(work: Work, deliverable: Deliverable) -> list[Deliverable]:
    """The other deliverables of its milestone. Read while the contract's budget is held, so that
    of two acceptances at the same moment one sees the other.
    """
    if deliverable.milestone_id is None:
        return []
    others = select(Deliverable).where(
        deliverables.c.contract_id == deliverable.contract_id,
        deliverables.c.milestone_id == deliverable.milestone_id,
        deliverables.c.id != deliverable.id,
    )
    return list(work.session.scalars(others))


def _answer(work: Work, deliverable: Deliverable, body: dict[str, Any]) -> Answer:
    engagement = _under_way(work, deliverable)
    deliverable.require_answer_of_another(work.actor.id)
    if is_of_team(work, engagement):
        raise Forbidden(
            "You are on the team of this engagement; a colleague writes down what the partner "
            "says of its deliverables, or the partner answers.",
            rule="team-does-not-answer",
        )
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
