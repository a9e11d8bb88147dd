"""What the contract service does on others' events."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from services.contract.commands.billing import billed_by
from services.contract.domain.contract import Contract
from services.contract.domain.day_budget import DayBudget, EntryState, KnownEntry, KnownPlan
from services.contract.domain.invoices import KnownInvoice
from services.contract.domain.lifecycle import MILESTONES_OPEN, MILESTONES_REOPENED
from services.contract.domain.milestones import Decision, MilestoneState
from services.contract.domain.open_work import KnownDeliverable, KnownPackLine, KnownProgramme
from services.contract.domain.partners import KnownPartner, PartnerState
from services.contract.domain.teams import KnownConsultant, KnownTeam
from services.contract.store import contracts
from shared.events.consultancy import (
    ConsultantChanged,
    ConsultantRegistered,
    DaysApproved,
    DaysLogged,
    DaysRejected,
    DaysReversed,
    DaysSubmitted,
    DaysWithdrawn,
    DeliverableAccepted,
    DeliverableAnswerWithdrawn,
    DeliverableChanged,
    DeliverableDropped,
    DeliverablePlanned,
    DeliverableRestored,
    EngagementCancelled,
    EngagementClosed,
    EngagementPlanned,
    EngagementReopened,
    EngagementReplanned,
    LoggedDays,
    MilestoneDocuments,
)
from shared.events.faculty import (
    ProgrammeCancelled,
    ProgrammeCompleted,
    ProgrammeDesigned,
    ProgrammeReinstated,
)
from shared.events.finance import (
    CreditNoteIssued,
    CreditNoteSettled,
    CreditSetOff,
    InvoiceCorrected,
    InvoiceCredited,
    InvoiceDrafted,
    InvoiceOpened,
    InvoiceOverdue,
    InvoicePackPrepared,
    InvoicePaid,
    InvoiceReinstated,
    InvoiceUncollectible,
    InvoiceVoided,
    PaymentRecorded,
    PaymentReversed,
    RefundRecorded,
)
from shared.events.partner import (
    DueDiligenceExpired,
    DueDiligenceFailed,
    DueDiligenceRenewed,
    Institution,
    PartnerActivated,
    PartnerApproved,
    PartnerBecameDormant,
    PartnerDeclined,
    PartnerDetailsChanged,
    PartnerExited,
    PartnerProposed,
    PartnerProposedAgain,
    PartnerReviewStarted,
    PartnerRiskRated,
)
from shared.messaging.reactions import Reactions
from shared.money import Money
from shared.work import Work

reactions = Reactions("contract")

_STATE_AFTER = {
    PartnerProposedAgain: PartnerState.PROSPECT,
    PartnerReviewStarted: PartnerState.UNDER_REVIEW,
    PartnerDeclined: PartnerState.DECLINED,
    PartnerActivated: PartnerState.ACTIVE,
    PartnerBecameDormant: PartnerState.DORMANT,
    PartnerExited: PartnerState.EXITED,
}

_ENTRY_STATE_AFTER = {
    DaysLogged: EntryState.LOGGED,
    DaysSubmitted: EntryState.SUBMITTED,
    DaysApproved: EntryState.APPROVED,
    DaysRejected: EntryState.REJECTED,
    DaysWithdrawn: EntryState.WITHDRAWN,
    DaysReversed: EntryState.REVERSED,
}


@reactions.on(PartnerProposed)
def get_to_know_partner(work: Work, event: PartnerProposed) -> None:
    work.add(
        KnownPartner(
            id=event.partner_id,
            reference=event.reference,
            name=event.institution.legal_name,
            other_names=_other_names(event.institution),
        )
    )


@reactions.on(PartnerDetailsChanged)
def rename_partner(work: Work, event: PartnerDetailsChanged) -> None:
    partner = work.get(KnownPartner, event.partner_id)
    partner.name = event.institution.legal_name
    partner.other_names = _other_names(event.institution)


@reactions.on(*_STATE_AFTER)
def follow_partner(
    work: Work,
    event: PartnerProposedAgain
    | PartnerReviewStarted
    | PartnerDeclined
    | PartnerActivated
    | PartnerBecameDormant
    | PartnerExited,
) -> None:
    partner = work.get(KnownPartner, event.partner_id)
    partner.state = _STATE_AFTER[type(event)]
    if partner.state is PartnerState.EXITED:
        _hold_back(work, partner, f"{partner.name} is no longer a partner.")


@reactions.on(PartnerApproved)
def admit_partner(work: Work, event: PartnerApproved) -> None:
    partner = work.get(KnownPartner, event.partner_id)
    partner.state = PartnerState.APPROVED
    partner.risk_band = event.risk_band
    partner.due_diligence_until = event.due_diligence_until


@reactions.on(PartnerRiskRated)
def rate_partner(work: Work, event: PartnerRiskRated) -> None:
    """A higher risk asks for further approvals of what has not been sent."""
    partner = work.get(KnownPartner, event.partner_id)
    partner.risk_band = event.band
    for contract in _contracts_of(work, partner.id):
        contract.reconsider(
            partner, work.policy, f"The risk of {partner.name} is {event.band} now."
        )


@reactions.on(DueDiligenceRenewed)
def renew_due_diligence(work: Work, event: DueDiligenceRenewed) -> None:
    work.get(KnownPartner, event.partner_id).due_diligence_until = event.until


@reactions.on(DueDiligenceExpired, DueDiligenceFailed)
def end_due_diligence(work: Work, event: DueDiligenceExpired | DueDiligenceFailed) -> None:
    """Nothing more is sent, signed or activated; whoever looks after a contract is told."""
    partner = work.get(KnownPartner, event.partner_id)
    partner.due_diligence_until = None
    why = (
        f"The {event.check.replace('_', ' ')} check of {partner.name} failed."
        if isinstance(event, DueDiligenceFailed)
        else f"The due diligence of {partner.name} has expired."
    )
    _hold_back(work, partner, why)


@reactions.on(ConsultantRegistered, ConsultantChanged)
def know_account(work: Work, event: ConsultantRegistered | ConsultantChanged) -> None:
    """Consultants read the contracts under which they work: which account is theirs."""
    work.session.merge(KnownConsultant(event.consultant_id, event.account_id))


@reactions.on(EngagementPlanned, EngagementReplanned, EngagementReopened)
def take_plan(
    work: Work, event: EngagementPlanned | EngagementReplanned | EngagementReopened
) -> None:
    """The days that an engagement plans are shown against the budget; its team is known."""
    team = tuple(each.consultant_id for each in event.team)
    work.session.merge(KnownTeam(event.engagement_id, event.contract_id, team))
    _plan(work, KnownPlan(id=event.engagement_id, contract_id=event.contract_id, team=event.team))


@reactions.on(EngagementClosed, EngagementCancelled)
def give_plan_back(work: Work, event: EngagementClosed | EngagementCancelled) -> None:
    """Planned days that nobody used fall back to the budget."""
    _plan(
        work,
        KnownPlan(
            id=event.engagement_id,
            contract_id=event.contract_id,
            team=event.used,
            is_open=False,
        ),
    )


@reactions.on(*_ENTRY_STATE_AFTER)
def burn_down_days(
    work: Work,
    event: DaysLogged | DaysSubmitted | DaysApproved | DaysRejected | DaysWithdrawn | DaysReversed,
) -> None:
    """Every move of a day entry moves the budget."""
    _count_entry(work, event.entry, _ENTRY_STATE_AFTER[type(event)])


@reactions.on(DeliverablePlanned)
def note_deliverable(work: Work, event: DeliverablePlanned) -> None:
    _deliverable(work, event, is_open=True)


@reactions.on(DeliverableRestored)
def want_deliverable_again(work: Work, event: DeliverableRestored) -> None:
    """A milestone that was met because it had been dropped waits for it again.

    What people decided stays, and what has been invoiced: they correct how much is met.
    """
    _deliverable(work, event, is_open=True)
    contract = work.get(Contract, event.contract_id)
    if event.milestone_id is None or contract.state not in MILESTONES_REOPENED:
        return
    outcome = contract.outcome(event.milestone_id)
    if outcome is None or not outcome.by_documents:
        return
    if billed_by(work, contract.id, event.milestone_id) is None:
        reason = f"“{event.title}” is wanted after all."
        contract.reopen_milestone(event.milestone_id, reason, billed_by=None)


@reactions.on(DeliverableAccepted)
def take_acceptance(work: Work, event: DeliverableAccepted) -> None:
    """The last of a milestone's deliverables meets it."""
    _deliverable(work, event, is_open=False)
    _meet_documented(work, event.contract_id, event.milestone)


@reactions.on(DeliverableDropped)
def drop_deliverable(work: Work, event: DeliverableDropped) -> None:
    """Where only the dropped one was missing, the others meet the milestone."""
    _deliverable(work, event, is_open=False)
    _meet_documented(work, event.contract_id, event.milestone)


@reactions.on(DeliverableChanged)
def take_changed_deliverable(work: Work, event: DeliverableChanged) -> None:
    """The milestone that it left may be met by the others."""
    _meet_documented(work, event.contract_id, event.left_milestone)


@reactions.on(DeliverableAnswerWithdrawn)
def take_acceptance_back(work: Work, event: DeliverableAnswerWithdrawn) -> None:
    """A milestone that was met by an acceptance recorded by mistake is scheduled again.

    Where it has been invoiced, or the contract completed, people correct how much is met.
    """
    _deliverable(work, event, is_open=True)
    contract = work.get(Contract, event.contract_id)
    if not event.was_accepted or event.milestone_id is None:
        return
    outcome = contract.outcome(event.milestone_id)
    rests_on_it = outcome is not None and event.title in (outcome.evidence or "")
    if rests_on_it and contract.state in MILESTONES_REOPENED:
        billed = billed_by(work, contract.id, event.milestone_id)
        if billed is None:
            contract.reopen_milestone(event.milestone_id, event.reason, billed_by=None)


@reactions.on(ProgrammeDesigned)
def note_programme(work: Work, event: ProgrammeDesigned) -> None:
    work.session.merge(KnownProgramme(id=event.programme_id, contract_id=event.contract_id))


@reactions.on(ProgrammeCompleted, ProgrammeCancelled)
def end_programme(work: Work, event: ProgrammeCompleted | ProgrammeCancelled) -> None:
    work.get(KnownProgramme, event.programme_id).is_open = False


@reactions.on(ProgrammeReinstated)
def reopen_programme(work: Work, event: ProgrammeReinstated) -> None:
    work.get(KnownProgramme, event.programme_id).is_open = True


@reactions.on(InvoiceDrafted)
def get_to_know_invoice(work: Work, event: InvoiceDrafted) -> None:
    if work.find(KnownInvoice, event.invoice_id) is not None:
        return
    work.add(
        KnownInvoice(
            id=event.invoice_id,
            pack_id=event.pack_id,
            contract_id=event.contract_id,
            milestone_id=event.milestone_id,
            total=event.total,
            outstanding=Money.zero(event.total.currency),
        )
    )


@reactions.on(InvoicePackPrepared)
def note_billed_days(work: Work, event: InvoicePackPrepared) -> None:
    """Which days are on its invoice, or credited by it; until that is voided."""
    for line in event.lines:
        if line.entry_id is not None:
            work.session.merge(
                KnownPackLine(
                    pack_id=event.pack_id,
                    entry_id=line.entry_id,
                    contract_id=event.contract_id,
                    days=line.quantity,
                )
            )


@reactions.on(InvoiceOpened)
def open_invoice(work: Work, event: InvoiceOpened) -> None:
    work.get(KnownInvoice, event.invoice_id).opened(event.number, event.due_on)


@reactions.on(CreditNoteIssued)
def issue_credit_note(work: Work, event: CreditNoteIssued) -> None:
    work.get(KnownInvoice, event.invoice_id).opened(event.number, None)


@reactions.on(InvoiceCorrected)
def correct_invoice(work: Work, event: InvoiceCorrected) -> None:
    work.get(KnownInvoice, event.invoice_id).was_corrected(event.due_on)


@reactions.on(PaymentRecorded, RefundRecorded, CreditSetOff, PaymentReversed)
def follow_settlement(
    work: Work, event: PaymentRecorded | RefundRecorded | CreditSetOff | PaymentReversed
) -> None:
    work.get(KnownInvoice, event.invoice_id).was_settled(event.outstanding, event.settlement)


@reactions.on(InvoiceOverdue)
def note_overdue_invoice(work: Work, event: InvoiceOverdue) -> None:
    work.get(KnownInvoice, event.invoice_id).fell_overdue()


@reactions.on(InvoicePaid)
def settle_invoice(work: Work, event: InvoicePaid) -> None:
    work.get(KnownInvoice, event.invoice_id).was_paid()


@reactions.on(InvoiceCredited)
def settle_credited_invoice(work: Work, event: InvoiceCredited) -> None:
    work.get(KnownInvoice, event.invoice_id).was_credited()


@reactions.on(CreditNoteSettled)
def settle_credit_note(work: Work, event: CreditNoteSettled) -> None:
    work.get(KnownInvoice, event.invoice_id).credit_was_settled()


@reactions.on(InvoiceReinstated)
def reinstate_invoice(work: Work, event: InvoiceReinstated) -> None:
    work.get(KnownInvoice, event.invoice_id).reopened()


@reactions.on(InvoiceVoided)
def void_invoice(work: Work, event: InvoiceVoided) -> None:
    work.get(KnownInvoice, event.invoice_id).was_voided()


@reactions.on(InvoiceUncollectible)
def give_up_invoice(work: Work, event: InvoiceUncollectible) -> None:
    work.get(KnownInvoice, event.invoice_id).was_given_up()


def _contracts_of(work: Work, partner_id: UUID) -> Sequence[Contract]:
    mine = select(Contract).where(contracts.c.partner_id == partner_id)
    return work.session.scalars(mine).all()


def _other_names(institution: Institution) -> tuple[str, ...]:
    return tuple(filter(None, (institution.local_name, *institution.aliases)))


def _hold_back(work: Work, partner: KnownPartner, why: str) -> None:
    for contract in _contracts_of(work, partner.id):
        contract.hold_back(why)


def _deliverable(
    work: Work,
    event: DeliverablePlanned
    | DeliverableRestored
    | DeliverableAccepted
    | DeliverableDropped
    | DeliverableAnswerWithdrawn,
    *,
    is_open: bool,
) -> None:
    work.session.merge(
        KnownDeliverable(id=event.deliverable_id, contract_id=event.contract_id, is_open=is_open)
    )


def _meet_documented(work: Work, contract_id: UUID, documents: MilestoneDocuments | None) -> None:
    """Meet a milestone whose deliverables are all accepted; their SHA-256s are the evidence.

    Nothing happens where people decided before that it is met, or where the terms have no such
    milestone any more.
    """
    if documents is None or documents.open_deliverables or not documents.accepted:
        return
    contract = work.get(Contract, contract_id)
    agreed = {each.milestone_id for each in contract.terms.milestones}
    if documents.milestone_id not in agreed or contract.state not in MILESTONES_OPEN:
        return
    before = contract.outcome(documents.milestone_id)
    if before is not None and before.state is MilestoneState.MET:
        return
    evidence = "; ".join(
        f"{each.title}, version {each.deliverable_version}, SHA-256 {each.sha256}"
        for each in documents.accepted
    )
    last = max(each.accepted_on for each in documents.accepted)
    met_on = max(last, contract.work_since, before.decided_on if before else last)
    contract.decide_milestone(
        documents.milestone_id,
        Decision(state=MilestoneState.MET, decided_on=met_on, evidence=evidence, by_documents=True),
        by=work.actor.id,
        latest=max(met_on, work.latest_date),
    )


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
