"""Who sees which events on a timeline.

Which permission an event needs follows from what it tells; an event that nothing is said of needs
`timeline.read` alone. Partner guests see of their own institution what was signed, delivered,
taught and invoiced: a new event is seen by no partner until it is named here.
"""

from collections.abc import Iterable

from shared.events import Event, consultancy, contract, faculty, finance, partner, published
from shared.events.permissions import PERMISSIONS, Permission
from shared.events.vocabulary import Role

_VETTING: tuple[type[Event], ...] = (
    partner.DueDiligenceRecorded,
    partner.DueDiligenceWithdrawn,
    partner.DueDiligenceFailed,
    partner.DueDiligenceExpired,
    partner.DueDiligenceRenewed,
    partner.PartnerRiskRated,
    partner.PartnerDeclined,
)
_DRAFTING_DAYS: tuple[type[Event], ...] = (consultancy.DaysLogged, consultancy.DaysWithdrawn)
_DRAFTING_PROGRAMMES: tuple[type[Event], ...] = (
    faculty.ProgrammeDesigned,
    faculty.ProgrammeRedesigned,
)
#: What tells of contracts, programmes and days that are still being drafted.
_DRAFTING: tuple[type[Event], ...] = (
    contract.ContractDrafted,
    contract.ContractImported,
    contract.ContractImportChanged,
    contract.ContractImportChangeRejected,
    contract.ContractImportRejected,
    contract.ContractImportReopened,
    contract.ContractTermsChanged,
    contract.ContractSignatoriesChanged,
    contract.ContractSubmitted,
    contract.ContractApprovalGiven,
    contract.ContractApprovalReopened,
    contract.ContractApproved,
    contract.ContractReturned,
    contract.ContractHeldBack,
    contract.ContractSignatureDeclined,
    contract.ContractCancelled,
    *_DRAFTING_DAYS,
    *_DRAFTING_PROGRAMMES,
)
#: Of a contract that partners and other readers without drafts do not see, nor anything about it.
DRAFT_STATES = frozenset({"draft", "in_review", "approved", "imported", "cancelled"})
_TOLD_TO_PARTNERS: tuple[type[Event], ...] = (
    partner.NeedsAssessed,
    partner.PartnerApproved,
    partner.PartnerActivated,
    contract.ContractSentForSignature,
    contract.ContractSignatureRecorded,
    contract.ContractSigned,
    contract.ContractActivated,
    contract.ContractCompleted,
    contract.ContractExpired,
    contract.MilestoneMet,
    consultancy.EngagementPlanned,
    consultancy.EngagementConfirmed,
    consultancy.EngagementStarted,
    consultancy.EngagementDelivered,
    consultancy.EngagementClosed,
    consultancy.EngagementCancelled,
    consultancy.EngagementReopened,
    consultancy.DaysApproved,
    consultancy.DaysReversed,
    consultancy.DeliverablePlanned,
    consultancy.DeliverableChanged,
    consultancy.DeliverableDropped,
    consultancy.DeliverableRestored,
    consultancy.DeliverableSubmitted,
    consultancy.DeliverableSubmissionWithdrawn,
    consultancy.DeliverableReturned,
    consultancy.DeliverableAccepted,
    consultancy.DeliverableAnswerWithdrawn,
    faculty.ProgrammePublished,
    faculty.EnrolmentOpened,
    faculty.ProgrammeStarted,
    faculty.ProgrammeDelivered,
    faculty.ProgrammeCompleted,
    faculty.ProgrammeCancelled,
    faculty.ProgrammeReinstated,
    faculty.ProgrammeStepTakenBack,
    faculty.SessionCancelled,
    faculty.SessionReinstated,
    faculty.ParticipantEnrolled,
    faculty.ParticipantWaitlisted,
    faculty.ParticipantWithdrew,
    faculty.CertificateIssued,
    faculty.CertificateRevoked,
    faculty.EvaluationSummarised,
    finance.InvoiceOpened,
    finance.PaymentRecorded,
    finance.InvoicePaid,
    finance.InvoiceOverdue,
    finance.CreditNoteIssued,
    finance.RefundRecorded,
    finance.CreditSetOff,
    finance.PaymentReversed,
    finance.InvoiceCredited,
    finance.CreditNoteSettled,
)

EVERYTHING = frozenset(type_ for type_, _ in published())
_TOLD = frozenset(each.type for each in _TOLD_TO_PARTNERS)


def _needs(type_: str) -> Permission:
    """The permission that an event of this type needs, beside that for timelines."""
    if type_ in _VETTING_TYPES:
        return Permission.DUE_DILIGENCE_READ
    if type_ in _DRAFT_TYPES:
        return Permission.DRAFT_READ
    if type_.startswith("finance."):
        return Permission.ACCOUNT_READ
    if type_.startswith("gateway."):
        return Permission.ACCESS_READ
    return Permission.TIMELINE_READ


_VETTING_TYPES = frozenset(each.type for each in _VETTING)
_DRAFT_TYPES = frozenset(each.type for each in _DRAFTING)
DRAFTS_OF_DAYS = tuple(each.type for each in _DRAFTING_DAYS)
DRAFTS_OF_PROGRAMMES = tuple(each.type for each in _DRAFTING_PROGRAMMES)
NEEDED: dict[str, Permission] = {type_: _needs(type_) for type_ in EVERYTHING}


def visible_to(roles: Iterable[str]) -> frozenset[str]:
    """The types of event that somebody with these roles may see: what any one of them may."""
    held = frozenset(roles)
    told = _TOLD if Role.PARTNER_GUEST in held else frozenset()
    reads = PERMISSIONS.extent(held - {Role.PARTNER_GUEST}, Permission.TIMELINE_READ) is not None
    open_to_all = Permission.TIMELINE_READ if reads else None
    return told | {
        type_
        for type_, needed in NEEDED.items()
        if needed is open_to_all or PERMISSIONS.allows(held, needed)
    }


def sees_finance(roles: Iterable[str]) -> bool:
    """Whether figures of invoices may be shown."""
    return PERMISSIONS.allows(roles, Permission.ACCOUNT_READ)
