"""Planning engagements and taking them through their life, and by whom."""

import dataclasses
from collections import defaultdict
from collections.abc import Collection
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from services.consultancy import schemas
from services.consultancy.belonging import own_engagement
from services.consultancy.commands.deliverables import milestone_mates
from services.consultancy.commands.known_contracts import active_budget, budget_of
from services.consultancy.commands.plans import days_of, plans_of
from services.consultancy.domain.consultant import Consultant
from services.consultancy.domain.contract_budget import NO_DAYS
from services.consultancy.domain.day_entry import COUNTED, UNDECIDED, DayEntry, Worked
from services.consultancy.domain.deliverable import Deliverable
from services.consultancy.domain.documents import OPEN, DeliverableState
from services.consultancy.domain.engagement import Engagement
from services.consultancy.domain.plan import LoggedWork, Plan
from services.consultancy.domain.plan_warnings import PlannedPerson, plan_warnings
from services.consultancy.operations import operations
from services.consultancy.store import day_entries, deliverables, engagements
from shared.errors import Invalid
from shared.events.consultancy import TeamMember
from shared.events.permissions import Permission
from shared.identifiers import UUID
from shared.work import Work


@operations.command(
    "POST /engagements",
    needs=Permission.ENGAGEMENT_PLAN,
    takes=schemas.NewEngagement,
    gives=schemas.EngagementView,
    creates="/engagements/{id}",
)
def plan_engagement(work: Work, body: dict[str, Any]) -> Engagement:
    """Plan an engagement under an active contract, and claim its days in the day budget."""
    planned = dict(body)
    identifier, area = work.chosen_id(Engagement, planned.pop("id")), planned.pop("area")
    budget = active_budget(work, planned.pop("contract_id"))
    plan = Plan(**planned)
    _require_known_team(work, plan)
    reference = work.next_reference("ENG")
    engagement = Engagement.plan(identifier, reference, area, plan, budget, work.policy)
    return _with_warnings(work, work.add(engagement), ())


@operations.command(
    "PATCH /engagements/{id}",
    needs=Permission.ENGAGEMENT_PLAN,
    on=Engagement,
    takes=schemas.PlanChange,
    gives=schemas.EngagementView,
)
def replan_engagement(work: Work, engagement: Engagement, body: dict[str, Any]) -> Engagement:
    """Change an engagement's plan before it is delivered; a team that is sent replaces the old."""
    budget = budget_of(work, engagement.contract_id)
    plan = dataclasses.replace(engagement.current_plan, **body)
    _require_known_team(work, plan)
    logged = _logged_on(work, engagement)
    engagement.replan(plan, budget, work.policy, logged, work.earliest_date)
    return _with_warnings(work, engagement, logged)


@operations.command(
    "POST /engagements/{id}/confirm",
    needs=Permission.ENGAGEMENT_PLAN,
    on=Engagement,
    gives=schemas.EngagementView,
)
def confirm_engagement(work: Work, engagement: Engagement, _: dict[str, Any]) -> Engagement:
    """Confirm a planned engagement: from here on days can be logged."""
    engagement.confirm(budget_of(work, engagement.contract_id), work.earliest_date, work.policy)
    return _with_warnings(work, engagement, ())


@operations.command(
    "POST /engagements/{id}/start",
    needs=Permission.ENGAGEMENT_RUN,
    own=own_engagement,
    on=Engagement,
    gives=schemas.EngagementView,
)
def start_engagement(work: Work, engagement: Engagement, _: dict[str, Any]) -> Engagement:
    """Start a confirmed engagement; the first day logged does so by itself."""
    engagement.start(budget_of(work, engagement.contract_id), work.earliest_date, work.policy)
    return engagement


@operations.command(
    "POST /engagements/{id}/deliver",
    needs=Permission.ENGAGEMENT_RUN,
    own=own_engagement,
    on=Engagement,
    gives=schemas.EngagementView,
)
def deliver_engagement(work: Work, engagement: Engagement, _: dict[str, Any]) -> Engagement:
    """Say that the work is done; every planned deliverable has been submitted."""
    engagement.deliver(
        _titles_in(work, engagement, DeliverableState.PLANNED, DeliverableState.RETURNED),
        work.today,
    )
    return engagement


@operations.command(
    "POST /engagements/{id}/close",
    needs=Permission.ENGAGEMENT_PLAN,
    on=Engagement,
    gives=schemas.EngagementView,
)
def close_engagement(work: Work, engagement: Engagement, _: dict[str, Any]) -> Engagement:
    """Close a delivered engagement once all days are decided and all deliverables accepted.

    Planned days that were not worked fall back to the budget.
    """
    budget = budget_of(work, engagement.contract_id)
    undecided = work.session.scalar(
        select(func.count()).where(
            day_entries.c.engagement_id == engagement.id, day_entries.c.state.in_(UNDECIDED)
        )
    )
    unaccepted = _titles_in(work, engagement, *OPEN)
    engagement.close(undecided or 0, unaccepted, budget, _used(work, engagement))
    return engagement


@operations.command(
    "POST /engagements/{id}/reopen",
    needs=Permission.ENGAGEMENT_PLAN,
    on=Engagement,
    takes=schemas.Reason,
    gives=schemas.EngagementView,
)
def reopen_engagement(work: Work, engagement: Engagement, body: dict[str, Any]) -> Engagement:
    """Undo a closing, a delivery or a cancellation that came too early or was a mistake.

    What was closed is delivered again, what was delivered in progress, and what was cancelled
    planned or confirmed, as it was. Planned days are claimed again; deliverables that the
    cancellation dropped are restored one by one.
    """
    engagement.reopen(body["reason"], budget_of(work, engagement.contract_id))
    return engagement


@operations.command(
    "POST /engagements/{id}/cancel",
    needs=Permission.ENGAGEMENT_PLAN,
    on=Engagement,
    takes=schemas.Reason,
    gives=schemas.EngagementView,
)
def cancel_engagement(work: Work, engagement: Engagement, body: dict[str, Any]) -> Engagement:
    """Cancel an engagement before delivery; its deliverables that are not accepted are dropped.

    Planned days that were not worked fall back to the budget.
    """
    promised = _held_deliverables(work, engagement)
    budget = budget_of(work, engagement.contract_id)
    engagement.cancel(body["reason"], budget, _used(work, engagement), work.today, work.latest_date)
    for each in (each for each in promised if each.state in OPEN):
        each.drop(engagement.cancellation or "", milestone_mates(work, each))
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


def _with_warnings(
    work: Work, engagement: Engagement, logged: Collection[LoggedWork]
) -> Engagement:
    """With what whoever planned it should know. The answer says so; it is not stored."""
    plan = engagement.current_plan
    people = [_planned_person(work, engagement, each) for each in _team_of(plan)]
    engagement.plan_warnings = (  # type: ignore[misc]
        *plan_warnings(plan.starts_on, plan.ends_on, people, work.policy),
        *plan.warnings(logged),
    )
    return engagement


def _team_of(plan: Plan) -> list[UUID]:
    return list(dict.fromkeys(each.consultant_id for each in plan.team))


def _planned_person(work: Work, engagement: Engagement, consultant_id: UUID) -> PlannedPerson:
    consultant = work.get(Consultant, consultant_id)
    return PlannedPerson(
        consultant.name,
        days_of(engagement, consultant_id),
        consultant.availability,
        plans_of(
            work,
            consultant_id,
            engagements.c.id != engagement.id,
            engagements.c.starts_on <= engagement.ends_on,
            engagements.c.ends_on >= engagement.starts_on,
        ),
    )


def _entries_of(work: Work, engagement: Engagement) -> list[DayEntry]:
    counted = select(DayEntry).where(
        day_entries.c.engagement_id == engagement.id, day_entries.c.state.in_(COUNTED)
    )
    return list(work.session.scalars(counted.order_by(day_entries.c.worked_on)))


def _logged_on(work: Work, engagement: Engagement) -> list[LoggedWork]:
    by_member: dict[tuple[UUID, str], list[Worked]] = defaultdict(list)
    for entry in _entries_of(work, engagement):
        by_member[entry.consultant_id, entry.worked.role].append(entry.worked)
    return [
        LoggedWork(
            consultant_id,
            role,
            sum((each.days for each in worked), NO_DAYS),
            worked[0].worked_on,
            worked[-1].worked_on,
        )
        for (consultant_id, role), worked in by_member.items()
    ]


def _used(work: Work, engagement: Engagement) -> tuple[TeamMember, ...]:
    """The chargeable days that each member worked."""
    used: dict[tuple[UUID, str], Decimal] = defaultdict(Decimal)
    for entry in _entries_of(work, engagement):
        if entry.worked.chargeable:
            used[entry.consultant_id, entry.worked.role] += entry.worked.days
    return tuple(TeamMember(who, role, days) for (who, role), days in used.items())


def _held_deliverables(work: Work, engagement: Engagement) -> list[Deliverable]:
    """All of them, which nobody else changes before this transaction ends.

    Held before the contract's budget, as by those who accept or drop one of them.
    """
    promised = (
        select(Deliverable)
        .where(deliverables.c.engagement_id == engagement.id)
        .order_by(deliverables.c.id)
        .with_for_update(of=deliverables)
        .execution_options(populate_existing=True)
    )
    return list(work.session.scalars(promised))


def _titles_in(work: Work, engagement: Engagement, *states: DeliverableState) -> list[str]:
    return [each.title for each in _deliverables_in(work, engagement, *states)]


def _deliverables_in(
    work: Work, engagement: Engagement, *states: DeliverableState
) -> list[Deliverable]:
    found = (
        select(Deliverable)
        .where(deliverables.c.engagement_id == engagement.id, deliverables.c.state.in_(states))
        .order_by(deliverables.c.due_on, deliverables.c.id)
    )
    return list(work.session.scalars(found))
