"""Who sees which events on a timeline.

| Reader | Sees |
|---|---|
| administrator, auditor | everything |
| partnership officer and manager, board, finance | everything but access to the platform |
| consultant, programme lead, observer | neither that, nor finance, nor how partners are vetted |
| partner guest | of its own institution: what was signed, delivered, taught and invoiced |

A new event is seen by the office and by no partner until it is named here.
"""

from collections.abc import Iterable

from shared.events import Event, consultancy, contract, faculty, finance, partner, published
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
    faculty.ParticipantEnrolled,
    faculty.ParticipantWaitlisted,
    faculty.ParticipantWithdrew,
    faculty.CertificateIssued,
    faculty.EvaluationSummarised,
    finance.InvoiceOpened,
    finance.PaymentRecorded,
    finance.InvoicePaid,
    finance.InvoiceOverdue,
)

EVERYTHING = frozenset(type_ for type_, _ in published())
_OFFICE = frozenset(type_ for type_ in EVERYTHING if not type_.startswith("gateway."))
_WORK = frozenset(
    type_
    for type_ in _OFFICE - {each.type for each in _VETTING}
    if not type_.startswith("finance.")
)

VISIBLE: dict[Role, frozenset[str]] = {
    Role.ADMINISTRATOR: EVERYTHING,
    Role.AUDITOR: EVERYTHING,
    Role.PARTNERSHIP_OFFICER: _OFFICE,
    Role.PARTNERSHIP_MANAGER: _OFFICE,
    Role.BOARD: _OFFICE,
    Role.FINANCE: _OFFICE,
    Role.CONSULTANT: _WORK,
    Role.PROGRAMME_LEAD: _WORK,
    Role.OBSERVER: _WORK,
    Role.PARTNER_GUEST: frozenset(each.type for each in _TOLD_TO_PARTNERS),
}


def visible_to(roles: Iterable[str]) -> frozenset[str]:
    """The types of event that somebody with these roles may see: what any one of them may."""
    return frozenset().union(*(VISIBLE[Role(role)] for role in roles))


def sees_finance(roles: Iterable[str]) -> bool:
    """Whether figures of invoices may be shown."""
    return finance.AccountOpened.type in visible_to(roles)
