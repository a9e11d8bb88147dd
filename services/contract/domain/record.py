"""What is kept of a contract, whatever phase it is in."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from services.contract.domain.approval import Approval
from services.contract.domain.import_record import ImportRecord
from services.contract.domain.lifecycle import ContractState, spoken
from services.contract.domain.milestones import MilestoneOutcome
from services.contract.domain.signing import Signatory, Signing
from shared.aggregate import Aggregate
from shared.errors import Conflict
from shared.events.contract import ContractActivated, ContractHeldBack, ContractTerms
from shared.events.vocabulary import ContractType, Role

#: From the first approval to the end, whoever looks after a contract must know of it.
_CONCERNED_BY_PARTNER = (
    ContractState.IN_REVIEW,
    ContractState.APPROVED,
    ContractState.OUT_FOR_SIGNATURE,
    ContractState.SIGNED,
    ContractState.ACTIVE,
)


@dataclass(eq=False, kw_only=True)
class ContractRecord(Aggregate):
    """The fields of a contract and the moves that several phases share."""

    kind: ClassVar[str] = "contract"

    id: UUID
    reference: str
    partner_id: UUID
    #: The person who looks after it; None: an imported contract that nobody has taken on yet.
    owner_id: str | None
    terms: ContractTerms
    state: ContractState = ContractState.DRAFT
    created_at: datetime
    signatories: tuple[Signatory, ...] = ()
    #: Everybody who wrote the terms; none of them may approve.
    authors: tuple[str, ...] = ()
    needed_roles: tuple[Role, ...] = ()
    approvals: tuple[Approval, ...] = ()
    #: Fingerprint of the terms that were approved; None while approvals are missing.
    approved_sha256: str | None = None
    signing: Signing | None = None
    signed_on: date | None = None
    outcomes: tuple[MilestoneOutcome, ...] = ()
    #: Where an imported contract comes from, and as of when that source described it.
    origin: str | None = None
    released_at: datetime | None = None
    imported: ImportRecord | None = None
    #: Whether somebody must confirm what was imported, or what changed in it since.
    awaits_confirmation: bool = False
    #: Version of the terms for which the owner was told what is open shortly before the end.
    end_announced_for: int | None = None
    #: Kept beside the terms for finding, sorting and summing.
    title: str = ""
    currency: str | None = None
    value_minor: int | None = None
    type: ContractType = ContractType.MOA
    starts_on: date = date.min
    ends_on: date | None = None
    parent_id: UUID | None = None
    version: int = 0

    @property
    def personal(self) -> dict[str, Any]:
        """The details whose changes are kept with the record and stand in no event."""
        return {
            f"signatories.{signatory.id}.{name}": getattr(signatory, name)
            for signatory in self.signatories
            for name in ("name", "email")
        }

    def hold_back(self, reason: str) -> None:
        """What happened to the partner stops the next step; the owner is notified."""
        if self.state not in _CONCERNED_BY_PARTNER:
            return
        self.record(
            ContractHeldBack(
                contract_id=self.id,
                partner_id=self.partner_id,
                owner_id=self.owner_id,
                state=self.state,
                reason=reason,
            )
        )

    def _require(self, *states: ContractState, to: str) -> None:
        if self.state not in states:
            raise Conflict(
                f"{self.reference} is {spoken([self.state])} and cannot {to}.",
                rule="contract-state",
                field="state",
                accepted=spoken(states),
            )

    def _adopt(self, terms: ContractTerms) -> None:
        self.terms = terms
        self.title = terms.title
        self.currency = terms.value.currency if terms.value else None
        self.value_minor = terms.value.minor if terms.value else None
        self.type = terms.type
        self.starts_on = terms.starts_on
        self.ends_on = terms.ends_on
        self.parent_id = terms.parent_id

    def _back_to_draft(self) -> None:
        self.state = ContractState.DRAFT
        self.needed_roles = ()
        self.approvals = ()
        self.approved_sha256 = None
        self.signing = None

    def _become_active(self, *, imported: bool) -> None:
        self.state = ContractState.ACTIVE
        self.record(
            ContractActivated(
                contract_id=self.id,
                reference=self.reference,
                partner_id=self.partner_id,
                terms=self.terms,
                imported=imported,
            )
        )
