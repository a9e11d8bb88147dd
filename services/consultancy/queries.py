"""What may be read in curriculum consultancy."""

from collections import defaultdict
from typing import Any

from sqlalchemy import Select, select

from services.consultancy import schemas
from services.consultancy.belonging import (
    own_deliverable,
    own_deliverables,
    own_engagement,
    own_engagements,
    own_entries,
    own_entry,
    own_record,
    own_records,
    seen_entries,
    sees_entry,
)
from services.consultancy.domain.availability import Booking, Need, candidate, ranked
from services.consultancy.domain.consultant import Consultant
from services.consultancy.domain.day_entry import DayEntry
from services.consultancy.domain.day_figures import MemberDays, day_figures
from services.consultancy.domain.deliverable import Deliverable
from services.consultancy.domain.engagement import Engagement
from services.consultancy.domain.engagement_state import BEFORE_DELIVERY, EngagementState
from services.consultancy.operations import operations
from services.consultancy.store import consultants, day_entries, deliverables, engagements
from shared import finding, paging, personal_changes
from shared.errors import NotFound
from shared.events.permissions import Permission
from shared.filters import equal
from shared.identifiers import UUID
from shared.paging import Page
from shared.work import Work

#: In which order a list shows the states: work in hand, then what becomes it, then the past.
_RANKS = {
    EngagementState.IN_PROGRESS: 0,
    EngagementState.CONFIRMED: 1,
    EngagementState.PLANNED: 2,
    EngagementState.DELIVERED: 3,
    EngagementState.CLOSED: 4,
    EngagementState.CANCELLED: 5,
}
_REFERENCE = finding.reference_order(engagements.c.reference, "ENG")


@operations.query(
    "GET /consultants/available",
    needs=Permission.CONSULTANT_FIND,
    takes=schemas.Search,
    gives=schemas.Candidates,
)
def find_available_consultants(work: Work, wanted: dict[str, Any]) -> Page:
    """Who is free and fits: by area, language and role, on dates that are both included.

    The strongest in the area come first, then who keeps the dates free, then who has the most
    days left. Planned days count as spread evenly over their engagement.
    """
    limit, cursor = wanted.pop("limit"), wanted.pop("cursor")
    need = Need(**wanted)
    bookings = _bookings(work, need)
    found = ranked(
        candidate(each, need, bookings[each.id], work.policy)
        for each in work.session.scalars(select(Consultant))
        if need.fits(each)
    )
    return paging.part(found, key=lambda each: each.consultant.id, limit=limit, cursor=cursor)


@operations.query(
    "GET /consultants/{id}",
    needs=Permission.CONSULTANT_READ,
    own=own_record,
    on=Consultant,
    gives=schemas.ConsultantView,
)
def get_consultant(_work: Work, consultant: Consultant, _: dict[str, Any]) -> Consultant:
    """One consultant with expertise, languages, day rates and availability."""
    return consultant


@operations.listing(
    "GET /consultants",
    needs=Permission.CONSULTANT_READ,
    own=own_records,
    takes=schemas.ConsultantFilter,
    gives=schemas.ConsultantView,
    sorts={
        "name": consultants.c.sorted_as,
        "reference": finding.reference_order(consultants.c.reference, "CON"),
    },
    default_sort="name",
    key=consultants.c.id,
)
def list_consultants(_work: Work, wanted: dict[str, Any]) -> Select[Any]:
    """Consultants, by part of the name or the reference."""
    return finding.searched(select(Consultant), wanted.get("text"), consultants.c.found_as)


@operations.listing(
    "GET /consultants/{id}/changes",
    needs=Permission.PERSONAL_CHANGES_READ,
    **personal_changes.LISTING,
)
def list_consultant_changes(_work: Work, wanted: dict[str, Any]) -> Select[Any]:
    """What a consultant's personal details and rates said before and after each change.

    Kept here and not in the events, so that it can be erased.
    """
    return personal_changes.of(Consultant.kind, wanted["id"])


@operations.query(
    "GET /engagements/{id}",
    needs=Permission.ENGAGEMENT_READ,
    own=own_engagement,
    on=Engagement,
    gives=schemas.EngagementView,
    scoped_by="partner_id",
)
def get_engagement(_work: Work, engagement: Engagement, _: dict[str, Any]) -> Engagement:
    """One engagement with its team and planned days."""
    return engagement


@operations.listing(
    "GET /engagements",
    needs=Permission.ENGAGEMENT_READ,
    own=own_engagements,
    takes=schemas.EngagementFilter,
    gives=schemas.EngagementView,
    sorts={
        "active_first": finding.ranked(engagements.c.state, _RANKS, _REFERENCE),
        "reference": _REFERENCE,
        "title": engagements.c.sorted_as,
        "starts_on": engagements.c.starts_on,
        "ends_on": engagements.c.ends_on,
    },
    default_sort="active_first",
    key=engagements.c.id,
    scoped_by=engagements.c.partner_id,
)
def list_engagements(_work: Work, wanted: dict[str, Any]) -> Select[Any]:
    """Engagements, by state, contract, partner, area or title; those in progress first."""
    statement = equal(
        select(Engagement),
        wanted,
        state=engagements.c.state,
        contract_id=engagements.c.contract_id,
        partner_id=engagements.c.partner_id,
        area=engagements.c.area,
    )
    return finding.searched(statement, wanted.get("text"), engagements.c.found_as)


@operations.query(
    "GET /engagements/{id}/day-figures",
    needs=Permission.DAY_READ,
    own=own_engagement,
    on=Engagement,
    gives=schemas.DayFigures,
)
def get_day_figures(
    work: Work, engagement: Engagement, _: dict[str, Any]
) -> dict[str, list[MemberDays]]:
    """Days by person and role: planned, and logged by how far they have come.

    Rejected days are held, and shown apart, until they are corrected or withdrawn. Drafts count
    for those who keep the log, and for the person who worked the days.
    """
    entries = select(DayEntry).where(
        day_entries.c.engagement_id == engagement.id, seen_entries(work)
    )
    return {"items": day_figures(engagement, work.session.scalars(entries))}


@operations.query(
    "GET /days/{id}", needs=Permission.DAY_READ, own=own_entry, on=DayEntry, gives=schemas.EntryView
)
def get_days(work: Work, entry: DayEntry, _: dict[str, Any]) -> DayEntry:
    """One day entry. Drafts are shown to those who keep the log, and to who worked the days."""
    if not sees_entry(work, entry):
        raise NotFound(f"There is no day_entry {entry.id}.", rule="exists", field="id")
    return entry


@operations.listing(
    "GET /days",
    needs=Permission.DAY_READ,
    own=own_entries,
    takes=schemas.EntryFilter,
    gives=schemas.EntryView,
    sorts={"worked_on": day_entries.c.worked_on},
    default_sort="-worked_on",
    key=day_entries.c.id,
)
def list_days(work: Work, wanted: dict[str, Any]) -> Select[Any]:
    """Day entries, by engagement, contract, consultant, state or dates (both included)."""
    statement = equal(
        select(DayEntry),
        wanted,
        engagement_id=day_entries.c.engagement_id,
        contract_id=day_entries.c.contract_id,
        consultant_id=day_entries.c.consultant_id,
        state=day_entries.c.state,
    )
    if "from_" in wanted:
        statement = statement.where(day_entries.c.worked_on >= wanted["from_"])
    if "to" in wanted:
        statement = statement.where(day_entries.c.worked_on <= wanted["to"])
    return statement.where(seen_entries(work))


@operations.query(
    "GET /deliverables/{id}",
    needs=Permission.DELIVERABLE_READ,
    own=own_deliverable,
    on=Deliverable,
    gives=schemas.DeliverableView,
    scoped_by="partner_id",
)
def get_deliverable(_work: Work, deliverable: Deliverable, _: dict[str, Any]) -> Deliverable:
    """One deliverable with its versions and the partner's answers."""
    return deliverable


@operations.listing(
    "GET /deliverables",
    needs=Permission.DELIVERABLE_READ,
    own=own_deliverables,
    takes=schemas.DeliverableFilter,
    gives=schemas.DeliverableView,
    sorts={"due_on": deliverables.c.due_on, "title": deliverables.c.sorted_as},
    default_sort="due_on",
    key=deliverables.c.id,
    scoped_by=deliverables.c.partner_id,
)
def list_deliverables(_work: Work, wanted: dict[str, Any]) -> Select[Any]:
    """Deliverables, by engagement, contract, partner, state, due date or part of the title."""
    statement = equal(
        select(Deliverable),
        wanted,
        engagement_id=deliverables.c.engagement_id,
        contract_id=deliverables.c.contract_id,
        partner_id=deliverables.c.partner_id,
        state=deliverables.c.state,
    )
    if "due_by" in wanted:
        statement = statement.where(deliverables.c.due_on <= wanted["due_by"])
    return finding.searched(statement, wanted.get("text"), deliverables.c.found_as)


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
