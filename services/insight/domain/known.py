"""The little that insight keeps of partners, contracts and invoices, learned from their events."""

from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from shared.events import Event, consultancy, contract, faculty, finance, partner
from shared.events.contract import ContractTerms
from shared.money import Money


@dataclass(kw_only=True)
class KnownPartner:
    id: UUID
    reference: str | None = None
    name: str | None = None
    country: str | None = None
    state: str = "prospect"

    def hear(self, event: Event) -> None:
        self.state = _PARTNER_STATES.get(type(event), self.state)
        match event:
            case partner.PartnerProposed() | partner.PartnerApproved():
                self.reference = event.reference
                self._take(event.institution)
            case partner.PartnerDetailsChanged():
                self._take(event.institution)

    def _take(self, institution: partner.Institution) -> None:
        self.name, self.country = institution.legal_name, institution.country


@dataclass(kw_only=True)
class KnownConsultant:
    id: UUID
    account_id: str | None = None

    def hear(self, event: Event) -> None:
        match event:
            case consultancy.ConsultantRegistered() | consultancy.ConsultantChanged():
                self.account_id = event.account_id


@dataclass(kw_only=True)
class KnownTeam:
    """Of an engagement, by its id: who works under which contract."""

    id: UUID
    contract_id: UUID | None = None
    consultant_ids: tuple[UUID, ...] = ()

    def hear(self, event: Event) -> None:
        match event:
            case (
                consultancy.EngagementPlanned()
                | consultancy.EngagementReplanned()
                | consultancy.EngagementReopened()
            ):
                self.contract_id = event.contract_id
                self.consultant_ids = tuple(each.consultant_id for each in event.team)


#: The events that say who leads a programme, and whether it is published.
PROGRAMME_TELLING = frozenset(
    each.type
    for each in (
        faculty.ProgrammeDesigned,
        faculty.ProgrammeLeadChanged,
        faculty.ProgrammePublished,
        faculty.ProgrammeStepTakenBack,
    )
)


@dataclass(kw_only=True)
class KnownProgramme:
    """Who leads a programme, and whether it has been published."""

    id: UUID
    lead_id: str | None = None
    is_published: bool = False

    def hear(self, event: Event) -> None:
        match event:
            case faculty.ProgrammeDesigned() | faculty.ProgrammeLeadChanged():
                self.lead_id = event.lead_id
            case faculty.ProgrammePublished():
                self.is_published = True
            case faculty.ProgrammeStepTakenBack(step=faculty.Step.PUBLICATION):
                self.is_published = False


@dataclass(frozen=True)
class KnownMilestone:
    milestone_id: UUID
    title: str
    due_on: date
    decided: bool = False  # met, partially met or not met


@dataclass(frozen=True)
class Deadline:
    """Something with a date that somebody must not miss."""

    id: str
    kind: str  # milestone or contract_end
    title: str
    due_on: date


@dataclass(kw_only=True)
class KnownContract:
    id: UUID
    partner_id: UUID | None = None
    reference: str | None = None
    title: str | None = None
    state: str = "draft"
    ends_on: date | None = None
    milestones: tuple[KnownMilestone, ...] = field(default=())

    def hear(self, event: Event) -> None:
        self.state = _CONTRACT_STATES.get(type(event), self.state)
        match event:
            case contract.ContractDrafted() | contract.ContractActivated():
                self.partner_id, self.reference = event.partner_id, event.reference
                self._take(event.terms)
            case contract.ContractImported():
                self.partner_id, self.reference = event.partner_id, event.reference
                self._take(event.terms)
            case contract.ContractImportChanged():
                if self.state == "imported":
                    self._take(event.terms)
            case contract.ContractTermsChanged():
                self._take(event.terms)
            case (
                contract.MilestoneMet()
                | contract.MilestonePartiallyMet()
                | contract.MilestoneNotMet()
            ):
                self._decide(event.milestone_id, decided=True)
            case contract.MilestoneReopened():
                self._decide(event.milestone_id, decided=False)

    @property
    def deadlines(self) -> list[Deadline]:
        """Milestones to be decided, also after the contract expired; the end while it is active."""
        if self.state not in ("active", "expired"):
            return []
        open_ones = [
            Deadline(f"milestone/{each.milestone_id}", "milestone", each.title, each.due_on)
            for each in self.milestones
            if not each.decided
        ]
        if self.ends_on is None or self.state != "active":
            return open_ones
        end = Deadline(f"contract/{self.id}", "contract_end", self.title or "", self.ends_on)
        return [*open_ones, end]

    def _decide(self, milestone_id: UUID, *, decided: bool) -> None:
        self.milestones = tuple(
            replace(each, decided=decided) if each.milestone_id == milestone_id else each
            for each in self.milestones
        )

    def _take(self, terms: ContractTerms) -> None:
        decided = {each.milestone_id for each in self.milestones if each.decided}
        self.title, self.ends_on = terms.title, terms.ends_on
        self.milestones = tuple(
            KnownMilestone(each.milestone_id, each.title, each.due_on, each.milestone_id in decided)
            for each in terms.milestones
        )


@dataclass(kw_only=True)
class KnownInvoice:
    id: UUID
    partner_id: UUID | None = None
    contract_id: UUID | None = None
    number: str | None = None
    due_on: date | None = None
    outstanding: Money | None = None
    is_open: bool = False
    is_given_up: bool = False

    def hear(self, event: Event) -> None:
        match event:
            case finance.InvoiceDrafted():
                self.partner_id, self.contract_id = event.partner_id, event.contract_id
            case finance.InvoiceOpened():
                self.number, self.due_on = event.number, event.due_on
                self.outstanding, self.is_open = event.total, True
            case finance.CreditNoteIssued():
                self.number = event.number
            case finance.InvoiceCorrected():
                self.due_on = event.due_on
            case (
                finance.PaymentRecorded()
                | finance.RefundRecorded()
                | finance.CreditSetOff()
                | finance.PaymentReversed()
            ):
                self._settled(event.outstanding)
            case finance.InvoiceReinstated():
                self.is_open, self.is_given_up = True, False
            case (
                finance.InvoicePaid()
                | finance.InvoiceCredited()
                | finance.InvoiceVoided()
                | finance.InvoiceUncollectible()
            ):
                self.is_open = False
                self.is_given_up = isinstance(event, finance.InvoiceUncollectible)

    def _settled(self, outstanding: Money) -> None:
        """Open again where a payment was reversed; a credit note, due on no day, never is."""
        self.outstanding = outstanding
        if self.due_on is not None and not self.is_given_up:
            self.is_open = outstanding.minor > 0


_PARTNER_STATES: dict[type[Event], str] = {
    partner.PartnerProposed: "prospect",
    partner.PartnerProposedAgain: "prospect",
    partner.PartnerReviewStarted: "under_review",
    partner.PartnerApproved: "approved",
    partner.PartnerDeclined: "declined",
    partner.PartnerActivated: "active",
    partner.PartnerBecameDormant: "dormant",
    partner.PartnerExited: "exited",
}
_CONTRACT_STATES: dict[type[Event], str] = {
    contract.ContractDrafted: "draft",
    contract.ContractSubmitted: "in_review",
    contract.ContractReturned: "draft",
    contract.ContractApproved: "approved",
    contract.ContractApprovalReopened: "in_review",
    contract.ContractSentForSignature: "out_for_signature",
    contract.ContractSignatureDeclined: "draft",
    contract.ContractSigned: "signed",
    contract.ContractImported: "imported",
    contract.ContractImportConfirmed: "signed",
    contract.ContractImportRejected: "cancelled",
    contract.ContractImportReopened: "imported",
    contract.ContractActivated: "active",
    contract.ContractCompleted: "completed",
    contract.ContractExpired: "expired",
    contract.ContractCancelled: "cancelled",
}
