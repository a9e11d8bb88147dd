"""Events of the partner service."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.events.base import Event, event
from shared.events.vocabulary import Area, RiskBand, Sector


@dataclass(frozen=True)
class RegisterEntry:
    """An entry in a register of companies, charities or universities."""

    scheme: str  # as in org-id.guide: GB-COH
    id: str


@dataclass(frozen=True)
class Institution:
    """What is publicly known of a partner institution."""

    legal_name: str
    country: str  # ISO 3166-1 alpha-2
    sector: Sector
    local_name: str | None = None  # in its own script
    aliases: tuple[str, ...] = ()
    ror: str | None = None  # https://ror.org/0xxxxxx##
    website: str | None = None
    parent_id: UUID | None = None
    identifiers: tuple[RegisterEntry, ...] = ()  # beside the ROR id


@dataclass(frozen=True)
class NeedsGap:
    """One area of a needs assessment: levels and priority 1 (least) to 5 (most)."""

    area: Area
    current: int
    target: int
    priority: int


@dataclass(frozen=True)
class ServiceProposal:
    """A service line proposed to close a gap, with a first idea of its days."""

    area: Area
    service_line: str
    days: int


@event("partner.proposed")
class PartnerProposed(Event):
    partner_id: UUID
    reference: str
    institution: Institution
    sponsor_id: str
    imported_from: str | None = None


@event("partner.details_changed")
class PartnerDetailsChanged(Event):
    partner_id: UUID
    institution: Institution


@event("partner.contact_added")
class ContactAdded(Event):
    """Carries no name and no address: who needs them asks the partner service."""

    partner_id: UUID
    contact_id: UUID
    roles: tuple[str, ...]


@event("partner.contact_changed")
class ContactChanged(Event):
    """Says which fields were corrected, and no name and no address."""

    partner_id: UUID
    contact_id: UUID
    roles: tuple[str, ...]
    fields: tuple[str, ...]


@event("partner.contact_removed")
class ContactRemoved(Event):
    partner_id: UUID
    contact_id: UUID


@event("partner.proposed_again")
class PartnerProposedAgain(Event):
    """A partner that had been declined, or had left, is a proposal once more."""

    partner_id: UUID
    sponsor_id: str
    reason: str


@event("partner.review_started")
class PartnerReviewStarted(Event):
    partner_id: UUID


@event("partner.due_diligence_recorded")
class DueDiligenceRecorded(Event):
    partner_id: UUID
    check: str
    outcome: str
    reviewer_id: str
    reviewed_on: date
    review_id: UUID | None = None
    condition_due_on: date | None = None  # until when a conditional pass holds


@event("partner.due_diligence_withdrawn")
class DueDiligenceWithdrawn(Event):
    """A review was recorded wrongly: it stays in the history and no longer counts."""

    partner_id: UUID
    review_id: UUID
    check: str
    reason: str


@event("partner.risk_rated")
class PartnerRiskRated(Event):
    partner_id: UUID
    band: RiskBand
    reason: str


@event("partner.needs_assessed")
class NeedsAssessed(Event):
    partner_id: UUID
    gaps: tuple[NeedsGap, ...]
    proposals: tuple[ServiceProposal, ...]


@event("partner.approved")
class PartnerApproved(Event):
    partner_id: UUID
    reference: str
    institution: Institution
    risk_band: RiskBand
    due_diligence_until: date


@event("partner.declined")
class PartnerDeclined(Event):
    partner_id: UUID
    reason: str


@event("partner.activated")
class PartnerActivated(Event):
    """Work with the partner has begun, or begun again."""

    partner_id: UUID


@event("partner.became_dormant")
class PartnerBecameDormant(Event):
    partner_id: UUID
    reason: str


@event("partner.exited")
class PartnerExited(Event):
    partner_id: UUID
    reason: str


@event("partner.due_diligence_failed")
class DueDiligenceFailed(Event):
    """A check of a usable partner failed: nothing is sent, signed or activated with it."""

    partner_id: UUID
    sponsor_id: str
    check: str
    failed_on: date


@event("partner.due_diligence_expired")
class DueDiligenceExpired(Event):
    """By time, or because a check that counted was withdrawn."""

    partner_id: UUID
    expired_on: date
    sponsor_id: str | None = None


@event("partner.due_diligence_renewed")
class DueDiligenceRenewed(Event):
    """An approved partner's checks have all been passed anew."""

    partner_id: UUID
    until: date
