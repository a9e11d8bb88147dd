"""Every event as a sentence for people. A wording names nobody: events carry no names."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from shared.events import Event, consultancy, contract, faculty, finance, gateway, partner
from shared.events.consultancy import LoggedDays
from shared.events.contract import ContractTerms
from shared.events.vocabulary import KirkpatrickLevel
from shared.money import Money


@dataclass(frozen=True)
class About:
    """What the things that an event speaks of are called, as far as that is known by now."""

    partner: str = "the partner"
    contract: str = "the contract"
    name: str | None = None  # of the engagement, programme or invoice
    #: Whether the reader may see amounts.
    shows_money: bool = True

    def named(self, word: str) -> str:
        """``programme “Teaching skills”``, or ``the programme`` where its name is not known."""
        return f"{word} “{self.name}”" if self.name else f"the {word}"


def sentence(event: Event, about: About) -> str:
    """What happened, in one line, without a full stop."""
    said = " ".join(WORDINGS[type(event)](event, about).split())
    return said[0].upper() + said[1:]


def money(amount: Money | None) -> str:
    """``GBP 125,000.00``."""
    return "no money" if amount is None else f"{amount.currency} {amount.amount:,}"


def day(on: date) -> str:
    """``1 Jan 2026``."""
    return f"{on.day} {on:%b %Y}"


def span(first: date, last: date) -> str:
    """``1 Jan 2026 to 31 Dec 2028``, or the one day."""
    return day(first) if first == last else f"{day(first)} to {day(last)}"


def number(count: Decimal | int) -> str:
    """Without trailing zeros: ``0.5``, ``12``."""
    return f"{Decimal(count).normalize():f}"


def counted(count: Decimal | int, one: str, more: str = "") -> str:
    """``1 day``, ``2.5 days``."""
    return f"{number(count)} {one if count == 1 else more or one + 's'}"


def words(term: str) -> str:
    return term.replace("_", " ")


def _terms(terms: ContractTerms, about: About) -> str:
    end = "end not stated" if "ends_on" in terms.not_stated else "without end"
    period = (
        span(terms.starts_on, terms.ends_on)
        if terms.ends_on
        else f"from {day(terms.starts_on)}, {end}"
    )
    value = "value not stated" if "value" in terms.not_stated else money(terms.value)
    return f"{value}, {period}" if about.shows_money else period


def _days(entry: LoggedDays) -> str:
    kind = words(entry.kind)
    return f"{counted(entry.days, 'day')} of {entry.role} on {day(entry.worked_on)} ({kind})"


def _signatories(ids: tuple[UUID, ...]) -> str:
    return counted(len(ids), "signatory", "signatories")


_LEVELS = {
    KirkpatrickLevel.REACTION: "reaction",
    KirkpatrickLevel.ATTITUDES: "attitudes",
    KirkpatrickLevel.KNOWLEDGE: "knowledge",
    KirkpatrickLevel.BEHAVIOUR: "behaviour",
    KirkpatrickLevel.ORGANISATION: "the organisation",
    KirkpatrickLevel.BENEFIT: "benefit to patients and learners",
}


_BOUNDS = {
    faculty.Bound.EXACT: "{}",
    faculty.Bound.AT_LEAST: "{} or more",
    faculty.Bound.AT_MOST: "{} or less",
    faculty.Bound.ABOUT: "about {}",
}


def _places(capacity: int, remote: int | None) -> str:
    """``12 places``, or ``12 places (4 of them remote)`` where they are kept apart."""
    places = counted(capacity, "place")
    return places if remote is None else f"{places} ({remote} of them remote)"


_TAKEN = {
    faculty.PlaceWanted.ON_SITE: "an on-site place",
    faculty.PlaceWanted.REMOTE: "a remote place",
    faculty.PlaceWanted.EITHER: "either kind of place",
}


def _kind(place: faculty.PlaceKind | None) -> str:
    return "" if place is None else f" ({words(place)})"


def _read(figure: str, bound: faculty.Bound) -> str:
    """``4.8 or more``: figures at an end of the scale are released as limits."""
    return _BOUNDS[bound].format(figure)


def _summarised(e: faculty.EvaluationSummarised, a: About) -> str:
    score = (
        ""
        if e.mean_score_percent is None
        else f", {_read(number(e.mean_score_percent), e.mean_score_bound)} % in the test"
    )
    mean = _read(number(e.mean), e.mean_bound)
    return (
        f"{a.named('programme')}: {_LEVELS[e.level]} {e.moment} the teaching rated "
        f"{mean} of 5 by {counted(e.responses, 'person', 'people')}{score}"
    )


def _completed(e: faculty.ProgrammeCompleted, a: About) -> str:
    mean = (
        ""
        if e.mean_reaction is None
        else f", rated {_read(number(e.mean_reaction), e.mean_reaction_bound)} of 5"
    )
    return (
        f"{a.named('programme')} completed: {e.enrolled} enrolled, "
        f"{counted(e.certificates, 'certificate')}{mean}"
    )


def _corrected(reason: str | None) -> str:
    return f" (corrected: {reason})" if reason else ""


def _open_work(work: contract.OpenWork) -> str:
    """``2 engagements, 3.5 days not submitted``."""
    numbers = (
        (work.engagements, "engagement"),
        (work.draft_days, "day not submitted", "days not submitted"),
        (work.submitted_days, "day not decided", "days not decided"),
        (work.rejected_days, "rejected day", "rejected days"),
        (work.unbilled_days, "approved day not invoiced", "approved days not invoiced"),
        (work.deliverables, "deliverable"),
        (work.programmes, "programme"),
        (work.invoices, "invoice"),
        (work.contracts, "contract under it", "contracts under it"),
        (work.milestones, "milestone"),
    )
    return ", ".join(counted(number, *noun) for number, *noun in numbers if number)


def _document(total: Money) -> str:
    """``Invoice for GBP 40,000.00``, or ``Credit note for …`` where it is negative."""
    return f"Credit note for {money(-total)}" if total.minor < 0 else f"Invoice for {money(total)}"


def _left(outstanding: Money) -> str:
    if outstanding.minor < 0:
        return f"{money(-outstanding)} owed to the partner"
    return f"{money(outstanding)} outstanding"


Wording = Callable[[Any, About], str]

_PARTNER: dict[type[Event], Wording] = {
    partner.PartnerProposed: lambda e, _: (
        f"{e.institution.legal_name} proposed as a partner"
        + (f", imported from {e.imported_from}" if e.imported_from else "")
    ),
    partner.PartnerDetailsChanged: lambda e, _: f"Details of {e.institution.legal_name} changed",
    partner.ContactAdded: lambda e, a: (
        f"Contact added to {a.partner} ({', '.join(map(words, e.roles))})"
    ),
    partner.ContactChanged: lambda e, a: (
        f"Contact of {a.partner} corrected ({', '.join(map(words, e.fields))})"
    ),
    partner.ContactRemoved: lambda _, a: f"Contact of {a.partner} removed",
    partner.PartnerProposedAgain: lambda e, a: f"{a.partner} proposed again: {e.reason}",
    partner.PartnerReviewStarted: lambda _, a: f"Review of {a.partner} started",
    partner.DueDiligenceRecorded: lambda e, a: (
        f"Due diligence of {a.partner}: {words(e.check)} {words(e.outcome)}, {day(e.reviewed_on)}"
        + (f", holds until {day(e.condition_due_on)}" if e.condition_due_on else "")
    ),
    partner.PartnerRiskRated: lambda e, a: f"Risk of {a.partner} rated {e.band}: {e.reason}",
    partner.NeedsAssessed: lambda e, a: (
        f"Needs of {a.partner} assessed in {counted(len(e.gaps), 'area')}, "
        f"{counted(len(e.proposals), 'service')} proposed"
    ),
    partner.PartnerApproved: lambda e, _: (
        f"{e.institution.legal_name} approved as a partner, "
        f"due diligence valid until {day(e.due_diligence_until)}"
    ),
    partner.PartnerDeclined: lambda e, a: f"{a.partner} declined: {e.reason}",
    partner.PartnerActivated: lambda _, a: f"Work with {a.partner} has begun",
    partner.PartnerBecameDormant: lambda e, a: f"{a.partner} became dormant: {e.reason}",
    partner.PartnerExited: lambda e, a: f"Partnership with {a.partner} ended: {e.reason}",
    partner.DueDiligenceWithdrawn: lambda e, a: (
        f"Due diligence of {a.partner}: a review of {words(e.check)} withdrawn: {e.reason}"
    ),
    partner.DueDiligenceFailed: lambda e, a: (
        f"Due diligence of {a.partner} failed: {words(e.check)}, {day(e.failed_on)}"
    ),
    partner.DueDiligenceExpired: lambda e, a: (
        f"Due diligence of {a.partner} expired on {day(e.expired_on)}"
    ),
    partner.DueDiligenceRenewed: lambda e, a: (
        f"Due diligence of {a.partner} renewed until {day(e.until)}"
    ),
}

_CONTRACT: dict[type[Event], Wording] = {
    contract.ContractDrafted: lambda e, a: (
        f"Contract {e.reference} “{e.terms.title}” drafted: {_terms(e.terms, a)}"
    ),
    contract.ContractImported: lambda e, a: (
        f"Contract {e.reference} “{e.terms.title}” imported from {e.came_from}, to be confirmed: "
        f"{_terms(e.terms, a)}"
    ),
    contract.ContractImportChanged: lambda e, a: (
        f"{a.contract}: change to be confirmed: {_terms(e.terms, a)} ({e.reason})"
    ),
    contract.ContractImportConfirmed: lambda e, _: (
        f"Contract {e.reference} “{e.terms.title}” confirmed by {e.confirmed_by}"
    ),
    contract.ContractImportRejected: lambda e, a: f"{a.contract}: import rejected: {e.reason}",
    contract.ContractImportChangeRejected: lambda e, a: (
        f"{a.contract}: change rejected: {e.reason}"
    ),
    contract.ContractImportReopened: lambda e, a: (
        f"{a.contract}: to be confirmed after all: {e.reason}"
    ),
    contract.ContractTermsChanged: lambda e, a: (
        f"{a.contract} changed to version {e.terms.version}: {_terms(e.terms, a)} ({e.reason})"
    ),
    contract.ContractSignatoriesChanged: lambda e, a: (
        f"{a.contract} is to be signed by {_signatories(e.signatory_ids)}"
    ),
    contract.ContractOwnerChanged: lambda e, a: f"{a.contract} is now looked after by {e.owner_id}",
    contract.ContractSubmitted: lambda e, a: (
        f"{a.contract} submitted for approval by {', '.join(map(words, e.needed_roles))}"
    ),
    contract.ContractApprovalGiven: lambda e, a: f"{a.contract} approved by {words(e.role)}",
    contract.ContractReturned: lambda e, a: f"{a.contract} returned to draft: {e.reason}",
    contract.ContractApproved: lambda _, a: f"{a.contract} approved",
    contract.ContractApprovalReopened: lambda e, a: (
        f"{a.contract} needs the approval of {', '.join(map(words, e.needed_roles))}: {e.reason}"
    ),
    contract.ContractHeldBack: lambda e, a: f"{a.contract} held back: {e.reason}",
    contract.ContractSentForSignature: lambda e, a: (
        f"{a.contract} sent for signature to {_signatories(e.signatory_ids)}"
    ),
    contract.ContractSignatureRecorded: lambda e, a: (
        f"Signature on {a.contract} recorded, given on {day(e.signed_on)}"
    ),
    contract.ContractSignatureDeclined: lambda e, a: f"{a.contract} not signed: {e.reason}",
    contract.ContractSignatureReminded: lambda e, a: (
        f"{a.contract} waits for a signature: reminder {e.reminder} sent"
    ),
    contract.ContractSigned: lambda e, a: f"{a.contract} signed by all on {day(e.signed_on)}",
    contract.ContractActivated: lambda e, a: (
        f"Contract {e.reference} activated: {_terms(e.terms, a)}"
    ),
    contract.ContractCompleted: lambda e, a: f"{a.contract} completed on {day(e.completed_on)}",
    contract.ContractExpired: lambda e, a: f"{a.contract} expired on {day(e.expired_on)}",
    contract.ContractEndsWithOpenWork: lambda e, a: (
        f"{a.contract} ends on {day(e.ends_on)}. Still open: {_open_work(e.open_work)}"
    ),
    contract.ContractCancelled: lambda e, a: f"{a.contract} cancelled: {e.reason}",
    contract.MilestoneMet: lambda e, a: (
        f"Milestone “{e.title}” met on {day(e.met_on)}"
        + (f", {money(e.amount)} to invoice" if e.amount and a.shows_money else "")
    ),
    contract.MilestonePartiallyMet: lambda e, a: (
        f"Milestone “{e.title}” partially met on {day(e.met_on)}"
        + (f", {money(e.met_amount)} to invoice in all" if e.met_amount and a.shows_money else "")
        + f": {e.reason}{_corrected(e.correction)}"
    ),
    contract.MilestoneNotMet: lambda e, _: (
        f"Milestone “{e.title}” not met on {day(e.decided_on)}: "
        f"{e.reason}{_corrected(e.correction)}"
    ),
    contract.MilestoneReopened: lambda e, _: (
        f"Decision on milestone “{e.title}” withdrawn: {e.reason}"
    ),
    contract.DayBudgetAhead: lambda e, a: (
        f"{a.contract}: {e.used_percent} % of the days used, "
        f"{e.accepted_percent} % of the work accepted"
    ),
    contract.DayBudgetAlert: lambda e, _: (
        f"Day budget of {e.role} used to {e.percent} %: {number(e.approved_days)} "
        f"of {counted(e.budget_days, 'day')} approved"
    ),
}

_CONSULTANCY: dict[type[Event], Wording] = {
    consultancy.ConsultantRegistered: lambda e, _: f"Consultant {e.reference} registered",
    consultancy.ConsultantChanged: lambda e, _: (
        "Record of a consultant changed"
        + (f": {', '.join(words(each.field) for each in e.changes)}" if e.changes else "")
    ),
    consultancy.EngagementPlanned: lambda e, _: (
        f"Engagement {e.reference} “{e.title}” planned, {span(e.starts_on, e.ends_on)}"
    ),
    consultancy.EngagementReplanned: lambda e, a: (
        f"{a.named('engagement')} replanned, {span(e.starts_on, e.ends_on)}"
    ),
    consultancy.EngagementConfirmed: lambda _, a: f"{a.named('engagement')} confirmed",
    consultancy.EngagementStarted: lambda _, a: f"{a.named('engagement')} started",
    consultancy.EngagementDelivered: lambda _, a: f"{a.named('engagement')} delivered",
    consultancy.EngagementClosed: lambda _, a: f"{a.named('engagement')} closed",
    consultancy.EngagementCancelled: lambda e, a: f"{a.named('engagement')} cancelled: {e.reason}",
    consultancy.EngagementReopened: lambda e, a: (
        f"{a.named('engagement')} reopened, {words(e.state)} again: {e.reason}"
    ),
    consultancy.DaysLogged: lambda e, _: (
        f"Logged: {_days(e.entry)}" + (", over the day budget" if e.over_budget else "")
    ),
    consultancy.DaysWithdrawn: lambda e, _: f"Withdrawn: {_days(e.entry)}",
    consultancy.DaysSubmitted: lambda e, _: f"Submitted: {_days(e.entry)}",
    consultancy.DaysApproved: lambda e, _: f"Approved: {_days(e.entry)}",
    consultancy.DaysRejected: lambda e, _: f"Rejected: {_days(e.entry)}: {e.reason}",
    consultancy.DaysReversalRequested: lambda e, _: (
        f"Reversal requested: {_days(e.entry)}: {e.reason}"
    ),
    consultancy.DaysReversalEnded: lambda e, _: (
        f"Reversal {'refused' if e.refused else 'withdrawn'}: {_days(e.entry)}: {e.reason}"
    ),
    consultancy.DaysReversed: lambda e, _: f"Reversed: {_days(e.entry)}: {e.reason}",
    consultancy.DeliverablePlanned: lambda e, _: (
        f"Deliverable “{e.title}” planned for {day(e.due_on)}"
    ),
    consultancy.DeliverableChanged: lambda e, _: (
        f"Deliverable “{e.title}” changed, planned for {day(e.due_on)}"
    ),
    consultancy.DeliverableDropped: lambda e, _: f"Deliverable “{e.title}” dropped: {e.reason}",
    consultancy.DeliverableRestored: lambda e, _: (
        f"Deliverable “{e.title}” restored, planned for {day(e.due_on)}"
    ),
    consultancy.DeliverableSubmissionWithdrawn: lambda e, _: (
        f"Deliverable “{e.title}” version {e.deliverable_version} taken back: {e.reason}"
    ),
    consultancy.DeliverableAnswerWithdrawn: lambda e, _: (
        f"Deliverable “{e.title}” version {e.deliverable_version}: "
        f"{'acceptance' if e.was_accepted else 'return'} withdrawn: {e.reason}"
    ),
    consultancy.DeliverableSubmitted: lambda e, _: (
        f"Deliverable “{e.title}” version {e.deliverable_version} submitted"
    ),
    consultancy.DeliverableReturned: lambda e, _: (
        f"Deliverable “{e.title}” version {e.deliverable_version} returned: {e.comments}"
    ),
    consultancy.DeliverableAccepted: lambda e, _: (
        f"Deliverable “{e.title}” version {e.deliverable_version} accepted on {day(e.accepted_on)}"
    ),
}

_FACULTY: dict[type[Event], Wording] = {
    faculty.ProgrammeDesigned: lambda e, _: (
        f"Programme {e.reference} “{e.title}” designed: {words(e.kind)}, "
        f"{_places(e.capacity, e.remote_capacity)}, {counted(len(e.sessions), 'session')}"
    ),
    faculty.ProgrammeRedesigned: lambda e, _: (
        f"Programme “{e.title}” redesigned: {words(e.kind)}, "
        f"{_places(e.capacity, e.remote_capacity)}, "
        f"{counted(len(e.sessions), 'session')}"
    ),
    faculty.ProgrammeLeadChanged: lambda e, a: (
        f"{a.named('programme')}: another person leads it: {e.reason}"
    ),
    faculty.ProgrammePublished: lambda e, _: (
        f"Programme “{e.title}” published, {span(e.starts_on, e.ends_on)}"
    ),
    faculty.EnrolmentOpened: lambda e, a: (
        f"{a.named('programme')}: enrolment opened for {_places(e.capacity, e.remote_capacity)}"
    ),
    faculty.ProgrammeStarted: lambda e, a: (
        f"{a.named('programme')} started with {e.enrolled} enrolled"
    ),
    faculty.ProgrammeDelivered: lambda e, a: (
        f"{a.named('programme')} delivered: {e.enrolled} enrolled, "
        f"{counted(e.certificates, 'certificate')}"
    ),
    faculty.ProgrammeCompleted: _completed,
    faculty.ProgrammeCancelled: lambda e, a: f"{a.named('programme')} cancelled: {e.reason}",
    faculty.ProgrammeReinstated: lambda _, a: f"{a.named('programme')} reinstated",
    faculty.ProgrammeStepTakenBack: lambda e, a: (
        f"{a.named('programme')}: {words(e.step)} taken back: {e.reason}"
    ),
    faculty.SessionCancelled: lambda e, a: f"{a.named('programme')}: session cancelled: {e.reason}",
    faculty.SessionReinstated: lambda _, a: f"{a.named('programme')}: session reinstated",
    faculty.ParticipantRegistered: lambda *_: "Participant registered",
    faculty.ParticipantCorrected: lambda e, _: (
        f"Participant’s details corrected ({', '.join(map(words, e.fields))})"
    ),
    faculty.ParticipantEnrolled: lambda e, a: (
        f"{a.named('programme')}: participant enrolled{_kind(e.place)}, "
        f"{e.enrolled} of {counted(e.capacity, 'place')} taken"
    ),
    faculty.ParticipantWaitlisted: lambda e, a: (
        f"{a.named('programme')}: participant put on the waiting list, {e.waiting} waiting"
    ),
    faculty.ParticipantChangedPlace: lambda e, a: (
        f"{a.named('programme')}: participant now takes {_TAKEN[e.wanted]}{_kind(e.place)}"
    ),
    faculty.WaitingListReordered: lambda e, a: (
        f"{a.named('programme')}: waiting list reordered, participant moved to place {e.place}"
    ),
    faculty.PlaceOffered: lambda e, a: (
        f"{a.named('programme')}: place{_kind(e.place)} offered until {day(e.until)} "
        f"{e.until:%H:%M} UTC"
    ),
    faculty.OfferDeadlineMoved: lambda e, a: (
        f"{a.named('programme')}: offered place now held until {day(e.until)} {e.until:%H:%M} UTC"
    ),
    faculty.PlaceOfferDeclined: lambda _, a: f"{a.named('programme')}: offered place declined",
    faculty.PlaceOfferLapsed: lambda _, a: f"{a.named('programme')}: offered place lapsed",
    faculty.ParticipantWithdrew: lambda e, a: (
        f"{a.named('programme')}: participant withdrew, {e.enrolled} enrolled"
    ),
    faculty.AttendanceRecorded: lambda e, a: (
        f"{a.named('programme')}: attendance recorded, {len(e.present_ids)} present"
    ),
    faculty.CertificateIssued: lambda e, a: (
        f"{a.named('programme')}: certificate issued for {counted(e.hours, 'hour')}"
    ),
    faculty.CertificateRevoked: lambda e, a: (
        f"{a.named('programme')}: certificate revoked ({words(e.because)})"
    ),
    faculty.EvaluationReceived: lambda e, a: (
        f"{a.named('programme')}: evaluation of {_LEVELS[e.level]} received, "
        f"{counted(e.responses, 'answer')} so far"
    ),
    faculty.EvaluationSummarised: _summarised,
}

_FINANCE: dict[type[Event], Wording] = {
    finance.AccountOpened: lambda e, _: (
        f"Account of contract {e.contract_reference} opened: {money(e.value)}, "
        f"{counted(len(e.expected), 'invoice')} expected"
    ),
    finance.AccountChanged: lambda e, _: (
        f"Account follows version {e.terms_version} of the terms: {money(e.value)}, "
        f"{counted(len(e.expected), 'invoice')} expected"
    ),
    finance.InvoicePackPrepared: lambda e, _: (
        f"Invoice-ready pack prepared for {span(e.period_from, e.period_to)}: {money(e.total)}"
    ),
    finance.InvoiceDrafted: lambda e, _: f"{_document(e.total)} drafted",
    finance.InvoiceOpened: lambda e, _: (
        f"Invoice {e.number} for {money(e.total)} sent, due {day(e.due_on)}"
    ),
    finance.CreditNoteIssued: lambda e, _: f"Credit note {e.number} for {money(-e.total)} sent",
    finance.InvoiceCorrected: lambda e, _: (
        f"{f'Invoice {e.number}' if e.number else 'Draft invoice'} corrected"
        + (f", due {day(e.due_on)}" if e.due_on else "")
        + (f", purchase order {e.purchase_order}" if e.purchase_order else "")
        + f": {e.reason}"
    ),
    finance.PaymentRecorded: lambda e, _: (
        f"Payment of {money(e.amount)} received on invoice {e.number}, {_left(e.outstanding)}"
    ),
    finance.RefundRecorded: lambda e, _: (
        f"{money(e.amount)} refunded on {e.number}, {_left(e.outstanding)}"
    ),
    finance.CreditSetOff: lambda e, _: (
        f"{money(e.amount if e.amount.minor > 0 else -e.amount)} of "
        + (
            f"{e.other_number} set off against {e.number}"
            if e.amount.minor > 0
            else f"{e.number} set off against {e.other_number}"
        )
        + f", {_left(e.outstanding)}"
    ),
    finance.PaymentReversed: lambda e, _: (
        f"{'Payment' if e.amount.minor > 0 else 'Refund or set-off'} of "
        f"{money(e.amount if e.amount.minor > 0 else -e.amount)} on {e.number} reversed, "
        f"{_left(e.outstanding)}: {e.reason}"
    ),
    finance.InvoicePaid: lambda e, _: (
        f"Invoice {e.number} for {money(e.total)} paid on {day(e.paid_on)}"
    ),
    finance.InvoiceCredited: lambda e, _: (
        f"Invoice {e.number} for {money(e.total)} credited in full on {day(e.credited_on)}"
    ),
    finance.CreditNoteSettled: lambda e, _: (
        f"Credit note {e.number} for {money(-e.total)} settled on {day(e.settled_on)}"
    ),
    finance.InvoiceOverdue: lambda e, _: (
        f"Invoice {e.number} overdue since {day(e.due_on)}: {money(e.outstanding)} outstanding"
    ),
    finance.InvoiceVoided: lambda e, a: (
        (f"Invoice {a.name}" if a.name else "Draft invoice") + f" voided: {e.reason}"
    ),
    finance.InvoiceUncollectible: lambda e, _: (
        f"Invoice {e.number} given up with {money(e.outstanding)} outstanding: {e.reason}"
    ),
    finance.InvoiceReinstated: lambda e, _: (
        f"Invoice {e.number} no longer given up, {_left(e.outstanding)}: {e.reason}"
    ),
}

_GATEWAY: dict[type[Event], Wording] = {
    gateway.TokenIssued: lambda e, _: f"API token issued ({', '.join(map(words, e.roles))})",
    gateway.TokenRevoked: lambda *_: "API token revoked",
    gateway.SignedIn: lambda e, _: f"Signed in from {e.address}",
    gateway.SignedOut: lambda e, _: f"Signed out from {e.address}",
    gateway.AccessRefused: lambda e, _: (
        f"Access refused to {e.address}: {e.operation or 'various'} ({e.rule})"
        + (f", {e.times} times" if e.times > 1 else "")
    ),
}

WORDINGS: dict[type[Event], Wording] = {
    **_PARTNER,
    **_CONTRACT,
    **_CONSULTANCY,
    **_FACULTY,
    **_FINANCE,
    **_GATEWAY,
}
