"""Events of the faculty-development service."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from shared.events.base import Event, event
from shared.events.vocabulary import KirkpatrickLevel, ProgrammeKind


class Moment(StrEnum):
    """When participants are asked: before the teaching, or after it."""

    BEFORE = "before"
    AFTER = "after"


class PlaceKind(StrEnum):
    """A place of a programme that keeps on-site and remote ones apart."""

    ON_SITE = "on_site"
    REMOTE = "remote"


class PlaceWanted(StrEnum):
    """Which kind of place suits a person."""

    ON_SITE = "on_site"
    REMOTE = "remote"
    EITHER = "either"


class Bound(StrEnum):
    """How a released figure is to be read: at an end of the scale it is a limit.

    A mean of 5.00 would say that everybody answered 5. It is released as "4.80 or more".
    """

    EXACT = "exact"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    ABOUT = "about"  # a mean of figures of which some are limits above, and some below


class Step(StrEnum):
    """A step of a programme that can be taken back."""

    PUBLICATION = "publication"
    OPENING = "opening_of_enrolment"
    START = "start"
    DELIVERY = "delivery"


@dataclass(frozen=True)
class SessionPlan:
    session_id: UUID
    title: str
    starts_at: datetime
    ends_at: datetime
    mandatory: bool
    parallel_group: str | None = None  # of the sessions with the same one, each attends one
    cancelled: bool = False


@event("faculty.programme_designed")
class ProgrammeDesigned(Event):
    programme_id: UUID
    reference: str
    contract_id: UUID
    partner_id: UUID
    title: str
    kind: ProgrammeKind
    capacity: int
    sessions: tuple[SessionPlan, ...]
    lead_id: str  # the account of the person who answers for it
    remote_capacity: int | None = None  # of all places; None: on-site and remote not kept apart


@event("faculty.programme_lead_changed")
class ProgrammeLeadChanged(Event):
    """Somebody else answers for the programme from here on."""

    programme_id: UUID
    lead_id: str
    former_lead_id: str
    reason: str


@event("faculty.programme_redesigned")
class ProgrammeRedesigned(Event):
    programme_id: UUID
    title: str
    kind: ProgrammeKind
    capacity: int
    sessions: tuple[SessionPlan, ...]
    remote_capacity: int | None = None


@event("faculty.programme_published")
class ProgrammePublished(Event):
    programme_id: UUID
    contract_id: UUID
    partner_id: UUID
    title: str
    starts_on: date
    ends_on: date


@event("faculty.enrolment_opened")
class EnrolmentOpened(Event):
    programme_id: UUID
    capacity: int
    remote_capacity: int | None = None


@event("faculty.programme_started")
class ProgrammeStarted(Event):
    programme_id: UUID
    enrolled: int
    turned_away_ids: tuple[UUID, ...] = ()  # waited in vain and must be told


@event("faculty.programme_delivered")
class ProgrammeDelivered(Event):
    """All sessions are over; evaluation is awaited."""

    programme_id: UUID
    enrolled: int
    certificates: int


@event("faculty.programme_completed")
class ProgrammeCompleted(Event):
    programme_id: UUID
    contract_id: UUID
    partner_id: UUID
    enrolled: int
    certificates: int
    responses: int
    mean_reaction: Decimal | None  # 1 to 5; None where too few answered to show it
    mean_reaction_bound: Bound = Bound.EXACT


@event("faculty.programme_step_taken_back")
class ProgrammeStepTakenBack(Event):
    """The programme was published, opened, started or delivered by mistake."""

    programme_id: UUID
    step: Step
    reason: str


@event("faculty.programme_cancelled")
class ProgrammeCancelled(Event):
    programme_id: UUID
    reason: str
    participant_ids: tuple[UUID, ...]  # who must be told


@event("faculty.programme_reinstated")
class ProgrammeReinstated(Event):
    """Its cancellation was taken back: it is where it was before."""

    programme_id: UUID


@event("faculty.session_cancelled")
class SessionCancelled(Event):
    """One session is called off; the programme goes on."""

    programme_id: UUID
    session_id: UUID
    reason: str


@event("faculty.session_reinstated")
class SessionReinstated(Event):
    programme_id: UUID
    session_id: UUID


@event("faculty.participant_registered")
class ParticipantRegistered(Event):
    """Carries no name: who needs it asks the faculty service."""

    participant_id: UUID
    partner_id: UUID | None


@event("faculty.participant_corrected")
class ParticipantCorrected(Event):
    """Says which details were corrected, not what they are."""

    participant_id: UUID
    partner_id: UUID | None
    fields: tuple[str, ...]


@event("faculty.participant_enrolled")
class ParticipantEnrolled(Event):
    programme_id: UUID
    participant_id: UUID
    enrolled: int
    capacity: int
    place: PlaceKind | None = None  # None: the programme does not keep them apart


@event("faculty.participant_waitlisted")
class ParticipantWaitlisted(Event):
    programme_id: UUID
    participant_id: UUID
    waiting: int
    wanted: PlaceWanted | None = None


@event("faculty.participant_changed_place")
class ParticipantChangedPlace(Event):
    """Another kind of place suits somebody who is enrolled or waits."""

    programme_id: UUID
    participant_id: UUID
    wanted: PlaceWanted
    place: PlaceKind | None = None  # that the person has now; None while waiting


@event("faculty.waiting_list_reordered")
class WaitingListReordered(Event):
    """Somebody was moved on the waiting list. The reason stays in the faculty service."""

    programme_id: UUID
    participant_id: UUID
    place: int  # 1: the next to be offered a place


@event("faculty.place_offered")
class PlaceOffered(Event):
    programme_id: UUID
    participant_id: UUID
    until: datetime
    place: PlaceKind | None = None


@event("faculty.offer_deadline_moved")
class OfferDeadlineMoved(Event):
    """The first session was moved, and with it the time until which a place is held."""

    programme_id: UUID
    participant_id: UUID
    until: datetime


@event("faculty.place_offer_declined")
class PlaceOfferDeclined(Event):
    programme_id: UUID
    participant_id: UUID


@event("faculty.place_offer_lapsed")
class PlaceOfferLapsed(Event):
    programme_id: UUID
    participant_id: UUID


@event("faculty.participant_withdrew")
class ParticipantWithdrew(Event):
    programme_id: UUID
    participant_id: UUID
    enrolled: int


@event("faculty.attendance_recorded")
class AttendanceRecorded(Event):
    programme_id: UUID
    session_id: UUID
    present_ids: tuple[UUID, ...]


@event("faculty.certificate_issued")
class CertificateIssued(Event):
    certificate_id: UUID
    programme_id: UUID
    participant_id: UUID
    hours: Decimal
    issued_on: date
    replaces_id: UUID | None = None  # the one that the person had before, revoked


class Revocation(StrEnum):
    """Why a certificate is no longer valid."""

    ATTENDANCE_CORRECTED = "attendance_corrected"  # and no longer enough
    HOURS_CORRECTED = "hours_corrected"  # another one states the right hours
    REISSUED = "reissued"  # another one states the right name or title
    DELIVERY_TAKEN_BACK = "delivery_taken_back"  # it was issued before the programme was over


@event("faculty.certificate_revoked")
class CertificateRevoked(Event):
    certificate_id: UUID
    programme_id: UUID
    participant_id: UUID
    because: Revocation
    revoked_on: date


@event("faculty.evaluation_received")
class EvaluationReceived(Event):
    """One answer came in. Whose it is and what it says stays in the faculty service."""

    programme_id: UUID
    level: KirkpatrickLevel
    responses: int
    moment: Moment = Moment.AFTER


@event("faculty.evaluation_summarised")
class EvaluationSummarised(Event):
    """A level's result, published only once enough have answered to keep each anonymous."""

    programme_id: UUID
    contract_id: UUID
    partner_id: UUID
    level: KirkpatrickLevel
    responses: int
    mean: Decimal  # of all questions, 1 to 5
    moment: Moment = Moment.AFTER
    mean_score_percent: Decimal | None = None  # level 2B only: the knowledge test, 0 to 100
    mean_bound: Bound = Bound.EXACT
    mean_score_bound: Bound = Bound.EXACT
