"""Events of the curriculum-consultancy service."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from shared.events.base import Event, event
from shared.events.vocabulary import Area, DayKind, WorkMode


@dataclass(frozen=True)
class TeamMember:
    consultant_id: UUID
    role: str  # a role of the contract's day budget
    planned_days: Decimal


@dataclass(frozen=True)
class LoggedDays:
    """A day entry as its readers need it; `days` in quarters, at most one a date and person."""

    entry_id: UUID
    engagement_id: UUID
    contract_id: UUID
    partner_id: UUID
    consultant_id: UUID
    role: str
    worked_on: date
    days: Decimal
    kind: DayKind
    chargeable: bool  # whether it consumes the contract's day budget


@event("consultancy.consultant_registered")
class ConsultantRegistered(Event):
    """Carries no name: who needs it asks the consultancy service."""

    consultant_id: UUID
    reference: str
    areas: tuple[Area, ...]
    languages: tuple[str, ...]  # ISO 639-1
    roles: tuple[str, ...]


@event("consultancy.consultant_changed")
class ConsultantChanged(Event):
    consultant_id: UUID
    areas: tuple[Area, ...]
    languages: tuple[str, ...]
    roles: tuple[str, ...]


@event("consultancy.engagement_planned")
class EngagementPlanned(Event):
    engagement_id: UUID
    reference: str
    contract_id: UUID
    partner_id: UUID
    title: str
    area: Area
    mode: WorkMode
    starts_on: date
    ends_on: date
    team: tuple[TeamMember, ...]


@event("consultancy.engagement_replanned")
class EngagementReplanned(Event):
    engagement_id: UUID
    contract_id: UUID
    partner_id: UUID
    starts_on: date
    ends_on: date
    team: tuple[TeamMember, ...]
    title: str | None = None
    mode: WorkMode | None = None


@event("consultancy.engagement_confirmed")
class EngagementConfirmed(Event):
    engagement_id: UUID
    contract_id: UUID
    partner_id: UUID


@event("consultancy.engagement_started")
class EngagementStarted(Event):
    engagement_id: UUID
    contract_id: UUID
    partner_id: UUID


@event("consultancy.engagement_delivered")
class EngagementDelivered(Event):
    engagement_id: UUID
    contract_id: UUID
    partner_id: UUID


@event("consultancy.engagement_closed")
class EngagementClosed(Event):
    engagement_id: UUID
    contract_id: UUID
    partner_id: UUID


@event("consultancy.engagement_cancelled")
class EngagementCancelled(Event):
    engagement_id: UUID
    contract_id: UUID
    partner_id: UUID
    reason: str
    team: tuple[TeamMember, ...]  # whose planned days fall back to the budget


@event("consultancy.days_logged")
class DaysLogged(Event):
    entry: LoggedDays
    over_budget: bool = False  # taken although it exceeds the budget (policy warn or allow)


@event("consultancy.days_withdrawn")
class DaysWithdrawn(Event):
    """The logger took back a draft or rejected entry; its days no longer count.

    A correction of such an entry is told as this, with the days as they were, and then as
    `DaysLogged` of the same entry with the days as they are.
    """

    entry: LoggedDays


@event("consultancy.days_submitted")
class DaysSubmitted(Event):
    entry: LoggedDays


@event("consultancy.days_approved")
class DaysApproved(Event):
    entry: LoggedDays
    approver_id: str


@event("consultancy.days_rejected")
class DaysRejected(Event):
    entry: LoggedDays
    reason: str


@event("consultancy.days_reversed")
class DaysReversed(Event):
    """An approved entry was undone as a whole."""

    entry: LoggedDays
    reason: str


@event("consultancy.deliverable_planned")
class DeliverablePlanned(Event):
    deliverable_id: UUID
    engagement_id: UUID
    contract_id: UUID
    partner_id: UUID
    title: str
    due_on: date
    milestone_id: UUID | None


@event("consultancy.deliverable_submitted")
class DeliverableSubmitted(Event):
    deliverable_id: UUID
    engagement_id: UUID
    contract_id: UUID
    partner_id: UUID
    title: str
    deliverable_version: int
    sha256: str


@event("consultancy.deliverable_returned")
class DeliverableReturned(Event):
    deliverable_id: UUID
    engagement_id: UUID
    contract_id: UUID
    partner_id: UUID
    title: str
    deliverable_version: int
    comments: str


@event("consultancy.deliverable_accepted")
class DeliverableAccepted(Event):
    deliverable_id: UUID
    engagement_id: UUID
    contract_id: UUID
    partner_id: UUID
    title: str
    deliverable_version: int
    sha256: str
    milestone_id: UUID | None
    accepted_on: date
