"""Planning engagements and taking them through their life, and by whom."""

import dataclasses
from typing import Any

from sqlalchemy import func, select

from services.consultancy import schemas
from services.consultancy.commands.known_contracts import active_budget, budget_of
from services.consultancy.domain.consultant import Consultant
from services.consultancy.domain.day_entry import COUNTED, UNDECIDED
from services.consultancy.domain.deliverable import Deliverable, DeliverableState
from services.consultancy.domain.engagement import Engagement, Plan
from services.consultancy.operations import operations
from services.consultancy.store import day_entries, deliverables
from shared.errors import Invalid
from shared.events.permissions import Permission
from shared.work import Work


@operations.command(
    "POST /engagements",
    needs=Permission.ENGAGEMENT_PLAN,
    takes=schemas.NewEngagement,
    gives=schemas.EngagementView,
)
def plan_engagement(work: Work, body: dict[str, Any]) -> Engagement:
    """Plan an engagement under an active contract, and claim its days in the day budget."""
    planned = dict(body)
    identifier, area = work.chosen_id(Engagement, planned.pop("id")), planned.pop("area")
    budget = active_budget(work, planned.pop("contract_id"))
    plan = Plan(**planned)
    _require_known_team(work, plan)
    reference = work.next_reference("ENG")
    return work.add(Engagement.plan(identifier, reference, area, plan, budget, work.policy))


@operations.command(
    "PATCH /engagements/{id}",
    needs=Permission.ENGAGEMENT_PLAN,
    on=Engagement,
    takes=schemas.PlanChange,
    gives=schemas.EngagementView,
)
def replan_engagement(work: Work, engagement: Engagement, body: dict[str, Any]) -> Engagement:
    """Change an engagement's plan before it is delivered; a team that is sent replaces the old."""
    plan = dataclasses.replace(engagement.current_plan, **body)
    _require_known_team(work, plan)
    counted = select(day_entries.c.consultant_id, day_entries.c.role).where(
        day_entries.c.engagement_id == engagement.id, day_entries.c.state.in_(COUNTED)
    )
    logged = {(who, role) for who, role in work.session.execute(counted.distinct())}
    engagement.replan(plan, budget_of(work, engagement.contract_id), work.policy, logged)
    return engagement


@operations.command(
    "POST /engagements/{id}/confirm",
    needs=Permission.ENGAGEMENT_PLAN,
    on=Engagement,
    gives=schemas.EngagementView,
)
def confirm_engagement(work: Work, engagement: Engagement, _: dict[str, Any]) -> Engagement:
    """Confirm a planned engagement: from here on days can be logged."""
    engagement.confirm(budget_of(work, engagement.contract_id))
    return engagement


@operations.command(
    "POST /engagements/{id}/start",
    needs=Permission.ENGAGEMENT_RUN,
    on=Engagement,
    gives=schemas.EngagementView,
)
def start_engagement(work: Work, engagement: Engagement, _: dict[str, Any]) -> Engagement:
    """Start a confirmed engagement; the first day logged does so by itself."""
    engagement.start(budget_of(work, engagement.contract_id))
    return engagement


@operations.command(
    "POST /engagements/{id}/deliver",
    needs=Permission.ENGAGEMENT_RUN,
    on=Engagement,
    gives=schemas.EngagementView,
)
def deliver_engagement(work: Work, engagement: Engagement, _: dict[str, Any]) -> Engagement:
    """Say that the work is done; every planned deliverable has been submitted."""
    engagement.deliver(
        _titles_in(work, engagement, DeliverableState.PLANNED, DeliverableState.RETURNED)
    )
    return engagement


@operations.command(
    "POST /engagements/{id}/close",
    needs=Permission.ENGAGEMENT_PLAN,
    on=Engagement,
    gives=schemas.EngagementView,
)
def close_engagement(work: Work, engagement: Engagement, _: dict[str, Any]) -> Engagement:
    """Close a delivered engagement once all days are decided and all deliverables accepted."""
    undecided = work.session.scalar(
        select(func.count()).where(
            day_entries.c.engagement_id == engagement.id, day_entries.c.state.in_(UNDECIDED)
        )
    )
    not_accepted = set(DeliverableState) - {DeliverableState.ACCEPTED}
    engagement.close(undecided or 0, _titles_in(work, engagement, *not_accepted))
    return engagement


@operations.command(
    "POST /engagements/{id}/cancel",
    needs=Permission.ENGAGEMENT_PLAN,
    on=Engagement,
    takes=schemas.Reason,
    gives=schemas.EngagementView,
)
def cancel_engagement(work: Work, engagement: Engagement, body: dict[str, Any]) -> Engagement:
    """Cancel an engagement before delivery; its planned days fall back to the budget."""
    engagement.cancel(body["reason"], budget_of(work, engagement.contract_id))
    return engagement


def _require_known_team(work: Work, plan: Plan) -> None:
    for position, member in enumerate(plan.team):
        if work.find(Consultant, member.consultant_id) is None:
            raise Invalid(
                "This consultant is not registered; choose a registered one, or register the "
                "person first.",
                rule="consultant-known",
                field=f"team.{position}.consultant_id",
                accepted="the id of a registered consultant",
            )


def _titles_in(work: Work, engagement: Engagement, *states: DeliverableState) -> list[str]:
    titles = (
        select(Deliverable)
        .where(deliverables.c.engagement_id == engagement.id, deliverables.c.state.in_(states))
        .order_by(deliverables.c.due_on, deliverables.c.id)
    )
    return [each.title for each in work.session.scalars(titles)]
