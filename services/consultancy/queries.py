"""What may be read in curriculum consultancy."""

from collections import defaultdict
from typing import Any

from sqlalchemy import Select, or_, select

from services.consultancy import schemas
from services.consultancy.domain.availability import Booking, Candidate, Need, candidate, ranked
from services.consultancy.domain.consultant import Consultant
from services.consultancy.domain.day_entry import DayEntry
from services.consultancy.domain.deliverable import Deliverable
from services.consultancy.domain.engagement import BEFORE_DELIVERY, Engagement
from services.consultancy.operations import STAFF, operations
from services.consultancy.store import consultants, day_entries, deliverables, engagements
from shared.identifiers import UUID
from shared.work import Work


@operations.query(
    "GET /consultants/available", takes=schemas.Search, gives=schemas.Candidates, roles=STAFF
)
def find_available_consultants(work: Work, wanted: dict[str, Any]) -> dict[str, list[Candidate]]:
    """Who is free and fits: by area, language and role, on dates that are both included.

    The strongest in the area come first, then who keeps the dates free, then who has the most
    days left. Planned days count as spread evenly over their engagement.
    """
    need = Need(**wanted)
    bookings = _bookings(work, need)
    return {
        "items": ranked(
            candidate(each, need, bookings[each.id], work.policy)
            for each in work.session.scalars(select(Consultant))
            if need.fits(each)
        )
    }


@operations.query("GET /consultants/{id}", on=Consultant, gives=schemas.ConsultantView, roles=STAFF)
def get_consultant(_: Work, consultant: Consultant, __: dict[str, Any]) -> Consultant:
    """One consultant with expertise, languages, day rates and availability."""
    return consultant


@operations.listing(
    "GET /consultants",
    takes=schemas.ConsultantFilter,
    gives=schemas.ConsultantView,
    sorts={"name": consultants.c.name, "reference": consultants.c.reference},
    default_sort="name",
    key=consultants.c.id,
    roles=STAFF,
)
def list_consultants(_: Work, wanted: dict[str, Any]) -> Select[Any]:
    """Consultants, by part of the name or the reference."""
    statement = select(Consultant)
    if wanted.get("text"):
        statement = statement.where(
            or_(
                consultants.c.name.icontains(wanted["text"], autoescape=True),
                consultants.c.reference.icontains(wanted["text"], autoescape=True),
            )
        )
    return statement


@operations.query(
    "GET /engagements/{id}", on=Engagement, gives=schemas.EngagementView, scoped_by="partner_id"
)
def get_engagement(_: Work, engagement: Engagement, __: dict[str, Any]) -> Engagement:
    """One engagement with its team and planned days."""
    return engagement


@operations.listing(
    "GET /engagements",
    takes=schemas.EngagementFilter,
    gives=schemas.EngagementView,
    sorts={
        "reference": engagements.c.reference,
        "title": engagements.c.title,
        "starts_on": engagements.c.starts_on,
        "ends_on": engagements.c.ends_on,
    },
    default_sort="-starts_on",
    key=engagements.c.id,
    scoped_by=engagements.c.partner_id,
)
def list_engagements(_: Work, wanted: dict[str, Any]) -> Select[Any]:
    """Engagements, by state, contract, partner, area or part of the title."""
    statement = select(Engagement)
    for name in ("state", "contract_id", "partner_id", "area"):
        if name in wanted:
            statement = statement.where(engagements.c[name] == wanted[name])
    if wanted.get("text"):
        statement = statement.where(
            or_(
                engagements.c.title.icontains(wanted["text"], autoescape=True),
                engagements.c.reference.icontains(wanted["text"], autoescape=True),
            )
        )
    return statement


@operations.query("GET /days/{id}", on=DayEntry, gives=schemas.EntryView, roles=STAFF)
def get_days(_: Work, entry: DayEntry, __: dict[str, Any]) -> DayEntry:
    """One day entry."""
    return entry


@operations.listing(
    "GET /days",
    takes=schemas.EntryFilter,
    gives=schemas.EntryView,
    sorts={"worked_on": day_entries.c.worked_on},
    default_sort="-worked_on",
    key=day_entries.c.id,
    roles=STAFF,
)
def list_days(_: Work, wanted: dict[str, Any]) -> Select[Any]:
    """Day entries, by engagement, contract, consultant, state or dates (both included)."""
    statement = select(DayEntry)
    for name in ("engagement_id", "contract_id", "consultant_id", "state"):
        if name in wanted:
            statement = statement.where(day_entries.c[name] == wanted[name])
    if "from_" in wanted:
        statement = statement.where(day_entries.c.worked_on >= wanted["from_"])
    if "to" in wanted:
        statement = statement.where(day_entries.c.worked_on <= wanted["to"])
    return statement


@operations.query(
    "GET /deliverables/{id}", on=Deliverable, gives=schemas.DeliverableView, scoped_by="partner_id"
)
def get_deliverable(_: Work, deliverable: Deliverable, __: dict[str, Any]) -> Deliverable:
    """One deliverable with its versions and the partner's answers."""
    return deliverable


@operations.listing(
    "GET /deliverables",
    takes=schemas.DeliverableFilter,
    gives=schemas.DeliverableView,
    sorts={"due_on": deliverables.c.due_on, "title": deliverables.c.title},
    default_sort="due_on",
    key=deliverables.c.id,
    scoped_by=deliverables.c.partner_id,
)
def list_deliverables(_: Work, wanted: dict[str, Any]) -> Select[Any]:
    """Deliverables, by engagement, contract, partner, state or due date."""
    statement = select(Deliverable)
    for name in ("engagement_id", "contract_id", "partner_id", "state"):
        if name in wanted:
            statement = statement.where(deliverables.c[name] == wanted[name])
    if "due_by" in wanted:
        statement = statement.where(deliverables.c.due_on <= wanted["due_by"])
    return statement


def _bookings(work: Work, need: Need) -> dict[UUID, list[Booking]]:
    booked: dict[UUID, list[Booking]] = defaultdict(list)
    overlapping = select(Engagement).where(
        engagements.c.state.in_(BEFORE_DELIVERY),
        engagements.c.starts_on <= need.ends_on,
        engagements.c.ends_on >= need.starts_on,
    )
    for engagement in work.session.scalars(overlapping):
        for member in engagement.team:
            booked[member.consultant_id].append(
                Booking(engagement.starts_on, engagement.ends_on, member.planned_days)
            )
    return booked
