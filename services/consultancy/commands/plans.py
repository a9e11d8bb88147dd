"""What is planned for somebody, over all engagements that are not over."""

from decimal import Decimal

from sqlalchemy import ColumnElement, select

from services.consultancy.domain.contract_budget import NO_DAYS
from services.consultancy.domain.engagement import Engagement
from services.consultancy.domain.engagement_state import BEFORE_DELIVERY
from services.consultancy.domain.plan_warnings import OtherPlan
from services.consultancy.store import engagements
from shared.identifiers import UUID
from shared.work import Work


def plans_of(
    work: Work, consultant_id: UUID, *conditions: ColumnElement[bool]
) -> tuple[OtherPlan, ...]:
    """The engagements on which the person has days, by their start. conditions: on engagements."""
    found = select(Engagement).where(engagements.c.state.in_(BEFORE_DELIVERY), *conditions)
    ordered = work.session.scalars(found.order_by(engagements.c.starts_on, engagements.c.id))
    return tuple(
        OtherPlan(each.reference, each.starts_on, each.ends_on, days)
        for each in ordered
        if (days := days_of(each, consultant_id))
    )


def days_of(engagement: Engagement, consultant_id: UUID) -> Decimal:
    """Planned for the person, in all roles."""
    planned = (m.planned_days for m in engagement.team if m.consultant_id == consultant_id)
    return sum(planned, NO_DAYS)
