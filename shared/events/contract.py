"""Events of the contract service."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from shared.events.base import Event, event
from shared.events.vocabulary import (
    ContractType,
    MilestoneType,
    OverBudgetPolicy,
    RenewalType,
    Side,
)
from shared.money import Money


@dataclass(frozen=True)
class Party:
    """An institution that the contract binds, under the name that stands in the document."""

    name: str
    side: Side | None  # None: an imported contract that does not say where it stands


@dataclass(frozen=True)
class MilestoneTerms:
    milestone_id: UUID
    title: str
    type: MilestoneType
    due_on: date
    amount: Money | None = None  # payment milestones only


@dataclass(frozen=True)
class BudgetLine:
    """How many days of a role the contract buys, and at what rate a day."""

    role: str
    days: Decimal
    rate: Money


@dataclass(frozen=True)
class ContractTerms:
    """What was agreed; `version` 1 as first drafted, one more for every change."""

    version: int
    type: ContractType
    title: str
    starts_on: date
    ends_on: date | None  # None: evergreen, or not stated (see not_stated)
    value: Money | None = None  # None: a contract that carries no money
    milestones: tuple[MilestoneTerms, ...] = ()
    day_budget: tuple[BudgetLine, ...] = ()
    expense_cap: Money | None = None
    over_budget: OverBudgetPolicy = OverBudgetPolicy.BLOCK
    payment_days: int | None = 30  # from issue to due date; None: not stated
    renewal: RenewalType = RenewalType.FIXED
    notice_days: int | None = 90  # None: not stated
    purchase_order: str | None = None
    parent_id: UUID | None = None
    parties: tuple[Party, ...] = ()
    governing_law: str | None = None
    not_stated: tuple[str, ...] = ()  # terms of which the source of an import says nothing


@dataclass(frozen=True)
class OpenWork:
    """What is still going on under a contract: numbers of records, and days."""

    engagements: int = 0  # not closed or cancelled
    draft_days: Decimal = Decimal(0)  # logged, not submitted
    submitted_days: Decimal = Decimal(0)  # not yet decided
    rejected_days: Decimal = Decimal(0)  # not yet corrected or withdrawn
    unbilled_days: Decimal = Decimal(0)  # approved, chargeable, not invoiced; if billed by days
    deliverables: int = 0  # not accepted or dropped
    programmes: int = 0  # not completed or cancelled
    invoices: int = 0  # drafts, and those on which money is outstanding
    contracts: int = 0  # in force under this one
    milestones: int = 0  # not decided


@event("contract.drafted")
class ContractDrafted(Event):
    contract_id: UUID
    reference: str
    partner_id: UUID
    owner_id: str
    terms: ContractTerms


@event("contract.imported")
class ContractImported(Event):
    """Signed elsewhere, as its source says. Nothing is done under it before it is confirmed."""

    contract_id: UUID
    reference: str
    partner_id: UUID
    terms: ContractTerms
    origin: str  # e.g. an OCID with the contract's id
    came_from: str  # e.g. the name of the file
    signed_on: date | None = None


@event("contract.import_changed")
class ContractImportChanged(Event):
    """Other terms await confirmation: by a later word of the source, or corrected here.

    Terms that were confirmed before stay in force until these are.
    """

    contract_id: UUID
    owner_id: str | None
    terms: ContractTerms
    reason: str


@event("contract.import_confirmed")
class ContractImportConfirmed(Event):
    """Somebody other than the importer has confirmed it: it counts as signed from here on."""

    contract_id: UUID
    reference: str
    partner_id: UUID
    owner_id: str | None
    terms: ContractTerms
    confirmed_by: str
    signed_on: date | None = None


@event("contract.import_rejected")
class ContractImportRejected(Event):
    """It should not have been imported; the same source does not bring it again."""

    contract_id: UUID
    reason: str


@event("contract.import_change_rejected")
class ContractImportChangeRejected(Event):
    """The terms that awaited confirmation are dropped; those confirmed before stay in force."""

    contract_id: UUID
    reason: str


@event("contract.import_reopened")
class ContractImportReopened(Event):
    """Its rejection was a mistake: it awaits confirmation again."""

    contract_id: UUID
    reason: str


@event("contract.terms_changed")
class ContractTermsChanged(Event):
    contract_id: UUID
    terms: ContractTerms
    reason: str


@event("contract.signatories_changed")
class ContractSignatoriesChanged(Event):
    """Carries no name and no address: who needs them asks the contract service."""

    contract_id: UUID
    signatory_ids: tuple[UUID, ...]


@event("contract.owner_changed")
class ContractOwnerChanged(Event):
    contract_id: UUID
    owner_id: str


@event("contract.submitted")
class ContractSubmitted(Event):
    contract_id: UUID
    needed_roles: tuple[str, ...]  # who must approve


@event("contract.approval_given")
class ContractApprovalGiven(Event):
    contract_id: UUID
    approver_id: str
    role: str


@event("contract.returned")
class ContractReturned(Event):
    """Review said no: back to draft."""

    contract_id: UUID
    reason: str


@event("contract.approved")
class ContractApproved(Event):
    contract_id: UUID
    terms_sha256: str


@event("contract.approval_reopened")
class ContractApprovalReopened(Event):
    """What changed since the review asks for further approvals; those given still count."""

    contract_id: UUID
    owner_id: str | None
    needed_roles: tuple[str, ...]  # all that must approve
    reason: str


@event("contract.held_back")
class ContractHeldBack(Event):
    """The partner's state stops sending, signing and activating; the owner is to be told."""

    contract_id: UUID
    partner_id: UUID
    owner_id: str | None
    state: str
    reason: str


@event("contract.sent_for_signature")
class ContractSentForSignature(Event):
    contract_id: UUID
    signatory_ids: tuple[UUID, ...]
    in_sequence: bool


@event("contract.signature_recorded")
class ContractSignatureRecorded(Event):
    contract_id: UUID
    signatory_id: UUID
    signed_on: date


@event("contract.signature_declined")
class ContractSignatureDeclined(Event):
    """A signatory will not sign: back to draft, and the owner is to be told at once."""

    contract_id: UUID
    signatory_id: UUID
    reason: str
    owner_id: str | None = None


@event("contract.signature_reminded")
class ContractSignatureReminded(Event):
    contract_id: UUID
    signatory_id: UUID
    reminder: int


@event("contract.signed")
class ContractSigned(Event):
    contract_id: UUID
    signed_on: date


@event("contract.activated")
class ContractActivated(Event):
    """From here on days may be logged, programmes published and invoices raised."""

    contract_id: UUID
    reference: str
    partner_id: UUID
    terms: ContractTerms
    imported: bool = False


@event("contract.completed")
class ContractCompleted(Event):
    contract_id: UUID
    completed_on: date
    worked_until: date | None = None  # the last date that had begun anywhere by then


@event("contract.expired")
class ContractExpired(Event):
    contract_id: UUID
    expired_on: date


@event("contract.ends_with_open_work")
class ContractEndsWithOpenWork(Event):
    """Work is open at a contract's end: some days ahead, and again when it ends."""

    contract_id: UUID
    partner_id: UUID
    owner_id: str | None
    ends_on: date
    open_work: OpenWork


@event("contract.cancelled")
class ContractCancelled(Event):
    contract_id: UUID
    reason: str


@event("contract.milestone_met")
class MilestoneMet(Event):
    """A decision, or its correction: the whole `amount` may be invoiced."""

    contract_id: UUID
    partner_id: UUID
    milestone_id: UUID
    title: str
    milestone_type: MilestoneType
    amount: Money | None
    met_on: date
    evidence: str
    terms_version: int
    correction: str | None = None  # why the decision before this one was wrong


@event("contract.milestone_partially_met")
class MilestonePartiallyMet(Event):
    """A decision, or its correction: `met_amount` replaces the earlier amount."""

    contract_id: UUID
    partner_id: UUID
    milestone_id: UUID
    title: str
    milestone_type: MilestoneType
    amount: Money | None  # as agreed; payment milestones only
    met_amount: Money | None  # so much of it in all may be invoiced; payment milestones only
    met_on: date
    reason: str
    terms_version: int
    fraction: Decimal | None = None  # as stated, between 0 and 1; None: an amount was stated
    correction: str | None = None


@event("contract.milestone_not_met")
class MilestoneNotMet(Event):
    """A decision, or its correction: nothing of the milestone may be invoiced (any longer)."""

    contract_id: UUID
    partner_id: UUID
    milestone_id: UUID
    title: str
    milestone_type: MilestoneType
    amount: Money | None  # as agreed; payment milestones only
    decided_on: date
    reason: str
    terms_version: int
    correction: str | None = None


@event("contract.milestone_reopened")
class MilestoneReopened(Event):
    """A decision was withdrawn before it was billed: scheduled again, nothing may be invoiced."""

    contract_id: UUID
    partner_id: UUID
    milestone_id: UUID
    title: str
    milestone_type: MilestoneType
    amount: Money | None
    reason: str


@event("contract.day_budget_alert")
class DayBudgetAlert(Event):
    """Approved days of a role reached a share of its budget; once per terms version and share."""

    contract_id: UUID
    partner_id: UUID
    role: str
    percent: int
    approved_days: Decimal
    budget_days: Decimal
    terms_version: int


@event("contract.day_budget_ahead")
class DayBudgetAhead(Event):
    """Days are used faster than work is accepted; once for each version of the terms."""

    contract_id: UUID
    partner_id: UUID
    owner_id: str | None
    used_percent: int  # of the budgeted days, approved
    accepted_percent: int  # of the payment milestones' amounts; without them, of all milestones
    terms_version: int
