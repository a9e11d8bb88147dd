"""What the contract service does on others' events."""

from uuid import UUID

from services.contract.domain.contract import Contract
from services.contract.domain.day_budget import DayBudget, EntryState, KnownEntry, KnownPlan
from services.contract.domain.invoices import KnownInvoice
from services.contract.domain.lifecycle import MILESTONES_OPEN
from services.contract.domain.milestones import MilestoneState
from services.contract.domain.partners import KnownPartner, PartnerState
from shared.events.consultancy import (
    DaysApproved,
    DaysLogged,
    DaysRejected,
    DaysReversed,
    DaysWithdrawn,
    DeliverableAccepted,
    EngagementCancelled,
    EngagementPlanned,
    EngagementReplanned,
    LoggedDays,
)
from shared.events.finance import (
    InvoiceDrafted,
    InvoiceOpened,
    InvoiceOverdue,
    InvoicePaid,
    InvoiceUncollectible,
    InvoiceVoided,
    PaymentRecorded,
)
from shared.events.partner import (
    DueDiligenceExpired,
    DueDiligenceRenewed,
    PartnerActivated,
    PartnerApproved,
    PartnerBecameDormant,
    PartnerDeclined,
    PartnerDetailsChanged,
    PartnerExited,
    PartnerProposed,
    PartnerReviewStarted,
    PartnerRiskRated,
)
from shared.messaging.reactions import Reactions
from shared.money import Money
from shared.work import Work

reactions = Reactions("contract")

_STATE_AFTER = {
    PartnerReviewStarted: PartnerState.UNDER_REVIEW,
    PartnerDeclined: PartnerState.DECLINED,
    PartnerActivated: PartnerState.ACTIVE,
    PartnerBecameDormant: PartnerState.DORMANT,
    PartnerExited: PartnerState.EXITED,
}

_ENTRY_STATE_AFTER = {
    DaysLogged: EntryState.LOGGED,
    DaysApproved: EntryState.APPROVED,
    DaysRejected: EntryState.REJECTED,
    DaysWithdrawn: EntryState.WITHDRAWN,
    DaysReversed: EntryState.REVERSED,
}


@reactions.on(PartnerProposed)
def get_to_know_partner(work: Work, event: PartnerProposed) -> None:
    work.add(
        KnownPartner(
            id=event.partner_id, reference=event.reference, name=event.institution.legal_name
        )
    )


@reactions.on(PartnerDetailsChanged)
def rename_partner(work: Work, event: PartnerDetailsChanged) -> None:
    work.get(KnownPartner, event.partner_id).name = event.institution.legal_name


@reactions.on(*_STATE_AFTER)
def follow_partner(
    work: Work,
    event: PartnerReviewStarted
    | PartnerDeclined
    | PartnerActivated
    | PartnerBecameDormant
    | PartnerExited,
) -> None:
    work.get(KnownPartner, event.partner_id).state = _STATE_AFTER[type(event)]


@reactions.on(PartnerApproved)
def admit_partner(work: Work, event: PartnerApproved) -> None:
    partner = work.get(KnownPartner, event.partner_id)
    partner.state = PartnerState.APPROVED
    partner.risk_band = event.risk_band
    partner.due_diligence_until = event.due_diligence_until


@reactions.on(PartnerRiskRated)
def rate_partner(work: Work, event: PartnerRiskRated) -> None:
    work.get(KnownPartner, event.partner_id).risk_band = event.band


@reactions.on(DueDiligenceRenewed)
def renew_due_diligence(work: Work, event: DueDiligenceRenewed) -> None:
    work.get(KnownPartner, event.partner_id).due_diligence_until = event.until


@reactions.on(DueDiligenceExpired)
def end_due_diligence(work: Work, event: DueDiligenceExpired) -> None:
    work.get(KnownPartner, event.partner_id).due_diligence_until = None


@reactions.on(EngagementPlanned, EngagementReplanned)
def take_plan(work: Work, event: EngagementPlanned | EngagementReplanned) -> None:
    """The days that an engagement plans are shown against the budget."""
    _plan(work, KnownPlan(id=event.engagement_id, contract_id=event.contract_id, team=event.team))


@reactions.on(EngagementCancelled)
def drop_plan(work: Work, event: EngagementCancelled) -> None:
    """A cancelled engagement's planned days fall back to the budget."""
    _plan(work, KnownPlan(id=event.engagement_id, contract_id=event.contract_id, team=()))


@reactions.on(*_ENTRY_STATE_AFTER)
def burn_down_days(
    work: Work, event: DaysLogged | DaysApproved | DaysRejected | DaysWithdrawn | DaysReversed
) -> None:
    """Every move of a day entry moves the budget."""
    _count_entry(work, event.entry, _ENTRY_STATE_AFTER[type(event)])


@reactions.on(DeliverableAccepted)
def meet_linked_milestone(work: Work, event: DeliverableAccepted) -> None:
    """An accepted deliverable meets its milestone; the document's SHA-256 is the evidence.

    Nothing happens where the milestone was met by hand before, or has left the terms since.
    """
    if event.milestone_id is None:
        return
    contract = work.get(Contract, event.contract_id)
    agreed = {each.milestone_id for each in contract.terms.milestones}
    if event.milestone_id not in agreed or contract.state not in MILESTONES_OPEN:
        return
    if contract.milestone_state(event.milestone_id) is MilestoneState.MET:
        return
    contract.meet_milestone(
        event.milestone_id,
        evidence=f"{event.title}, version {event.deliverable_version}, SHA-256 {event.sha256}",
        met_on=event.accepted_on,
        by=work.actor.id,
        on=max(work.today, event.accepted_on),
    )


@reactions.on(InvoiceDrafted)
def get_to_know_invoice(work: Work, event: InvoiceDrafted) -> None:
    if work.find(KnownInvoice, event.invoice_id) is not None:
        return
    work.add(
        KnownInvoice(
            id=event.invoice_id,
            contract_id=event.contract_id,
            milestone_id=event.milestone_id,
            total=event.total,
            outstanding=Money.zero(event.total.currency),
        )
    )


@reactions.on(InvoiceOpened)
def open_invoice(work: Work, event: InvoiceOpened) -> None:
    work.get(KnownInvoice, event.invoice_id).opened(event.number, event.due_on)


@reactions.on(PaymentRecorded)
def follow_payment(work: Work, event: PaymentRecorded) -> None:
    work.get(KnownInvoice, event.invoice_id).received_payment(event.outstanding)


@reactions.on(InvoiceOverdue)
def note_overdue_invoice(work: Work, event: InvoiceOverdue) -> None:
    work.get(KnownInvoice, event.invoice_id).fell_overdue()


@reactions.on(InvoicePaid)
def settle_invoice(work: Work, event: InvoicePaid) -> None:
    work.get(KnownInvoice, event.invoice_id).was_paid()


@reactions.on(InvoiceVoided)
def void_invoice(work: Work, event: InvoiceVoided) -> None:
    work.get(KnownInvoice, event.invoice_id).was_voided()


@reactions.on(InvoiceUncollectible)
def give_up_invoice(work: Work, event: InvoiceUncollectible) -> None:
    work.get(KnownInvoice, event.invoice_id).was_given_up()


def _plan(work: Work, plan: KnownPlan) -> None:
    known = work.find(KnownPlan, plan.id)
    budget = _budget(work, plan.contract_id)
    budget.count(known.counts if known else (), plan.counts, work.today, work.policy)
    work.session.merge(plan)


def _count_entry(work: Work, entry: LoggedDays, state: EntryState) -> None:
    known, told = work.find(KnownEntry, entry.entry_id), KnownEntry.of(entry, state)
    budget = _budget(work, entry.contract_id)
    budget.count(known.counts if known else (), told.counts, work.today, work.policy)
    work.session.merge(told)


def _budget(work: Work, contract_id: UUID) -> DayBudget:
    """The contract's day budget, opened by the first event that concerns it."""
    budget = work.find(DayBudget, contract_id)
    if budget is not None:
        return budget
    contract = work.get(Contract, contract_id)
    return work.add(DayBudget.of(contract.id, contract.partner_id, contract.terms))
