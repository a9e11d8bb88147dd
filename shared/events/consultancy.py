"""Events of the curriculum-consultancy service."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
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


@dataclass(frozen=True)
class AcceptedDocument:
    """The version of a deliverable that the partner accepted."""

    deliverable_id: UUID
    title: str
    deliverable_version: int
    sha256: str
    accepted_on: date


@dataclass(frozen=True)
class MilestoneDocuments:
    """How far the deliverables of a milestone have come, dropped ones left out.

    The milestone is met once `open_deliverables` is 0 and something has been accepted.
    """

    milestone_id: UUID
    open_deliverables: int  # still to be accepted
    accepted: tuple[AcceptedDocument, ...]  # the earliest acceptance first


@dataclass(frozen=True)
class FieldChange:
    """A field of a record, as plain values before and after.

    Of personal details (names, addresses, rates, availability) neither is given: whoever may read
    them asks the consultancy service.
    """

    field: str
    before: Any | None
    after: Any | None


@event("consultancy.consultant_registered")
class ConsultantRegistered(Event):
    """Carries no name: who needs it asks the consultancy service."""

    consultant_id: UUID
    reference: str
    areas: tuple[Area, ...]
    languages: tuple[str, ...]  # ISO 639-1
    roles: tuple[str, ...]
    account_id: str | None = None  # the account that the person signs in with


@event("consultancy.consultant_changed")
class ConsultantChanged(Event):
    consultant_id: UUID
    areas: tuple[Area, ...]
    languages: tuple[str, ...]
    roles: tuple[str, ...]
    account_id: str | None = None
    changes: tuple[FieldChange, ...] = ()


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
    delivered_on: date | None = None


@event("consultancy.engagement_closed")
class EngagementClosed(Event):
    engagement_id: UUID
    contract_id: UUID
    partner_id: UUID
    #: The chargeable days that each member worked; the rest of the planned days are free again.
    used: tuple[TeamMember, ...] = ()


@event("consultancy.engagement_cancelled")
class EngagementCancelled(Event):
    engagement_id: UUID
    contract_id: UUID
    partner_id: UUID
    reason: str
    team: tuple[TeamMember, ...]  # as planned
    #: The chargeable days that each member worked; the rest of the planned days are free again.
    used: tuple[TeamMember, ...] = ()


@event("consultancy.engagement_reopened")
class EngagementReopened(Event):
    """A delivered engagement is in progress again, a closed one delivered, or a cancelled one
    planned or confirmed: its plan counts."""

    engagement_id: UUID
    contract_id: UUID
    partner_id: UUID
    state: str
    reason: str
    team: tuple[TeamMember, ...]


@event("consultancy.days_logged")
class DaysLogged(Event):
    entry: LoggedDays
    over_budget: bool = False  # taken although it exceeds the budget (policy warn or allow)


@event("consultancy.days_withdrawn")
class DaysWithdrawn(Event):
    """The logger took back an entry that is not approved; its days no longer count.

    A correction of such an entry is published as this event, with the days as they were, and then
    as `DaysLogged` of the same entry with the days as they are.
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


@event("consultancy.days_reversal_requested")
class DaysReversalRequested(Event):
    """Somebody asks for an approved entry to be reversed; until confirmed, the days stand."""

    entry: LoggedDays
    reason: str
    requested_by: str


@event("consultancy.days_reversal_ended")
class DaysReversalEnded(Event):
    """A requested reversal was refused, or withdrawn by its requester: the days stand."""

    entry: LoggedDays
    refused: bool
    reason: str


@event("consultancy.days_reversed")
class DaysReversed(Event):
    """The reversal of an approved entry was confirmed by a second person: it no longer counts."""

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


@event("consultancy.deliverable_changed")
class DeliverableChanged(Event):
    deliverable_id: UUID
    engagement_id: UUID
    contract_id: UUID
    partner_id: UUID
    title: str
    due_on: date
    milestone_id: UUID | None
    #: The milestone that it no longer belongs to, as that stands without it.
    left_milestone: MilestoneDocuments | None


@event("consultancy.deliverable_dropped")
class DeliverableDropped(Event):
    """The deliverable is no longer wanted."""

    deliverable_id: UUID
    engagement_id: UUID
    contract_id: UUID
    partner_id: UUID
    title: str
    reason: str
    milestone: MilestoneDocuments | None  # as it stands without this deliverable


@event("consultancy.deliverable_restored")
class DeliverableRestored(Event):
    """A dropped deliverable is wanted after all."""

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


@event("consultancy.deliverable_submission_withdrawn")
class DeliverableSubmissionWithdrawn(Event):
    """A version was submitted by mistake, and taken back before the partner answered it."""

    deliverable_id: UUID
    engagement_id: UUID
    contract_id: UUID
    partner_id: UUID
    title: str
    deliverable_version: int
    reason: str


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
    milestone: MilestoneDocuments | None = None


@event("consultancy.deliverable_answer_withdrawn")
class DeliverableAnswerWithdrawn(Event):
    """An answer was recorded by mistake: the version awaits the partner's answer again."""

    deliverable_id: UUID
    engagement_id: UUID
    contract_id: UUID
    partner_id: UUID
    title: str
    deliverable_version: int
    was_accepted: bool
    milestone_id: UUID | None
    reason: str
