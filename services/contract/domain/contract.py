"""A contract with a partner: drafted, reviewed, approved, signed, carried out, ended."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from services.contract.domain.approval import Approval, needed_roles, open_roles, place_for
from services.contract.domain.milestones import MAY_FOLLOW, MilestoneOutcome, MilestoneState
from services.contract.domain.partners import KnownPartner
from services.contract.domain.policy import Policy
from services.contract.domain.readiness import Finding, missing_for_review
from services.contract.domain.signing import Signatory, Signature, Signing
from services.contract.domain.terms import check_terms, check_within, terms_sha256
from shared.aggregate import Aggregate
from shared.errors import Conflict, Forbidden, Invalid, NotFound
from shared.events.contract import (
    ContractActivated,
    ContractApprovalGiven,
    ContractApproved,
    ContractCancelled,
    ContractCompleted,
    ContractDrafted,
    ContractExpired,
    ContractImported,
    ContractOwnerChanged,
    ContractReturned,
    ContractSentForSignature,
    ContractSignatoriesChanged,
    ContractSignatureDeclined,
    ContractSignatureRecorded,
    ContractSignatureReminded,
    ContractSigned,
    ContractSubmitted,
    ContractTerms,
    ContractTermsChanged,
    MilestoneMet,
    MilestoneNotMet,
    MilestonePartiallyMet,
    MilestoneTerms,
)
from shared.events.vocabulary import ContractType, RenewalType, Role


class ContractState(StrEnum):
    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    OUT_FOR_SIGNATURE = "out_for_signature"
    SIGNED = "signed"
    ACTIVE = "active"
    COMPLETED = "completed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


#: Until here the terms are still ours to change; a change of an approved draft voids approvals.
EDITABLE = (ContractState.DRAFT, ContractState.IN_REVIEW, ContractState.APPROVED)
BEFORE_SIGNATURE = (*EDITABLE, ContractState.OUT_FOR_SIGNATURE)
#: A milestone may be decided late: a final report is often accepted after the contract's end.
MILESTONES_OPEN = (ContractState.ACTIVE, ContractState.EXPIRED, ContractState.COMPLETED)


@dataclass(eq=False, kw_only=True)
class Contract(Aggregate):
    """What was agreed with a partner, and how far it has come."""

    kind: ClassVar[str] = "contract"

    id: UUID
    reference: str
    partner_id: UUID
    owner_id: str
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
    #: Kept beside the terms for finding and sorting.
    title: str = ""
    type: ContractType = ContractType.MOA
    starts_on: date = date.min
    ends_on: date | None = None
    parent_id: UUID | None = None
    version: int = 0

    @classmethod
    def draft(
        cls,
        *,
        id: UUID,
        reference: str,
        partner: KnownPartner,
        terms: ContractTerms,
        signatories: tuple[Signatory, ...] = (),
        owner_id: str | None = None,
        by: str,
        at: datetime,
        policy: Policy,
        parent: "Contract | None" = None,
    ) -> "Contract":
        """A first draft by `by`, who owns it unless another owner is named."""
        partner.require_draftable()
        contract = cls(
            id=id,
            reference=reference,
            partner_id=partner.id,
            owner_id=owner_id or by,
            terms=terms,
            created_at=at,
            signatories=signatories,
            authors=(by,),
        )
        contract._check(terms, policy, parent)
        contract._adopt(terms)
        contract.record(
            ContractDrafted(
                contract_id=id,
                reference=reference,
                partner_id=partner.id,
                owner_id=contract.owner_id,
                terms=terms,
            )
        )
        return contract

    @classmethod
    def imported(
        cls,
        *,
        id: UUID,
        reference: str,
        partner_id: UUID,
        terms: ContractTerms,
        state: ContractState,
        origin: str,
        signed_on: date | None,
        released_at: datetime,
        owner_id: str,
        policy: Policy,
    ) -> "Contract":
        """A contract signed elsewhere: its history before today is the source's, not ours."""
        _require_signed_or_active(state)
        check_terms(terms, policy)
        contract = cls(
            id=id,
            reference=reference,
            partner_id=partner_id,
            owner_id=owner_id,
            terms=terms,
            state=ContractState.SIGNED,
            created_at=released_at,
            signed_on=signed_on,
            origin=origin,
            released_at=released_at,
        )
        contract._adopt(terms)
        contract.record(
            ContractImported(
                contract_id=id,
                reference=reference,
                partner_id=partner_id,
                terms=terms,
                state=state,
                origin=origin,
                signed_on=signed_on,
            )
        )
        if state is ContractState.ACTIVE:
            contract._become_active(imported=True)
        return contract

    # Review

    def revise(
        self,
        *,
        by: str,
        reason: str,
        policy: Policy,
        terms: ContractTerms | None = None,
        signatories: tuple[Signatory, ...] | None = None,
        owner_id: str | None = None,
        parent: "Contract | None" = None,
        children: Iterable["Contract"] = (),
    ) -> None:
        """Change what was drafted. Whoever changes the terms is an author of them.

        A change of terms or signatories voids every approval and returns the contract to draft;
        another owner does not, because nobody approved the owner.
        """
        self._require(*EDITABLE, to="be changed")
        rewritten = terms is not None and self._rewrite(by, reason, terms, policy, parent, children)
        resigned = signatories is not None and signatories != self.signatories
        if signatories is not None and resigned:
            self.signatories = signatories
            self.record(
                ContractSignatoriesChanged(
                    contract_id=self.id, signatory_ids=tuple(each.id for each in signatories)
                )
            )
        if (rewritten or resigned) and self.state is not ContractState.DRAFT:
            self._back_to_draft()
            self.record(
                ContractReturned(
                    contract_id=self.id, reason="It was edited, which voids its approvals."
                )
            )
        if owner_id is not None and owner_id != self.owner_id:
            self.owner_id = owner_id
            self.record(ContractOwnerChanged(contract_id=self.id, owner_id=owner_id))

    def missing(self) -> tuple[Finding, ...]:
        """What must still be filled in before the contract can be reviewed."""
        return missing_for_review(self.terms, self.signatories)

    def submit(self, *, partner: KnownPartner, on: date, policy: Policy) -> None:
        """Hand the draft to those who must approve it."""
        self._require(ContractState.DRAFT, to="be submitted for review")
        missing = self.missing()
        if missing:
            raise Conflict(
                "The contract is not ready for review: "
                + "; ".join(each.message for each in missing)
                + ".",
                rule="ready-for-review",
                field=missing[0].field,
                errors=[
                    {"field": each.field, "rule": each.rule, "message": each.message}
                    for each in missing
                ],
            )
        partner.require_contractable(on)
        self.needed_roles = needed_roles(self.terms, partner.risk_band, policy)
        self.state = ContractState.IN_REVIEW
        self.record(ContractSubmitted(contract_id=self.id, needed_roles=self.needed_roles))

    @property
    def open_roles(self) -> tuple[Role, ...]:
        """Whose approval is still missing."""
        return open_roles(self.needed_roles, self.approvals)

    def approve(
        self,
        *,
        by: str,
        roles: Iterable[str],
        partner: KnownPartner,
        policy: Policy,
        at: datetime,
    ) -> None:
        """One person's yes. The last one that the matrix asks for approves the contract.

        The matrix is looked up anew: a partner may have become a higher risk since submission.
        """
        self._require(ContractState.IN_REVIEW, to="be approved")
        if by in self.authors:
            raise Forbidden(
                "You wrote this contract; somebody else must approve it.",
                rule="author-cannot-approve",
                accepted=f"one of: {', '.join(self.open_roles)}",
            )
        if any(each.approver_id == by for each in self.approvals):
            raise Conflict(
                "You have approved this contract already; the others must follow.",
                rule="approve-once",
                accepted=f"one of: {', '.join(self.open_roles)}",
            )
        self.needed_roles = needed_roles(self.terms, partner.risk_band, policy)
        role = place_for(roles, self.open_roles)
        if role is None:
            raise Forbidden(
                f"The approval of {_spoken(self.open_roles)} is needed; you are neither.",
                rule="approver-role",
                accepted=", ".join(self.open_roles),
            )
        self.approvals = (*self.approvals, Approval(by, role, at))
        self.record(ContractApprovalGiven(contract_id=self.id, approver_id=by, role=role))
        if not self.open_roles:
            self.state = ContractState.APPROVED
            self.approved_sha256 = terms_sha256(self.terms)
            self.record(
                ContractApproved(contract_id=self.id, terms_sha256=self.approved_sha256)
            )

    def return_to_draft(self, reason: str) -> None:
        """Review says no, or a contract is recalled before everybody has signed."""
        self._require(
            ContractState.IN_REVIEW,
            ContractState.APPROVED,
            ContractState.OUT_FOR_SIGNATURE,
            to="be returned to draft",
        )
        self._back_to_draft()
        self.record(ContractReturned(contract_id=self.id, reason=reason))

    # Signing

    def send_for_signature(
        self,
        *,
        terms_sha256: str,
        document_sha256: str,
        in_sequence: bool,
        partner: KnownPartner,
        on: date,
    ) -> None:
        """Send out the document made from the approved terms.

        terms_sha256: the fingerprint of the terms that the document was made from.
        document_sha256: the fingerprint of the document; every signature must be under it.
        """
        self._require(ContractState.APPROVED, to="be sent for signature")
        if terms_sha256 != self.approved_sha256:
            raise Conflict(
                "The document was not made from the approved terms; make it anew from them.",
                rule="document-of-approved-terms",
                field="terms_sha256",
                accepted=self.approved_sha256 or "",
            )
        partner.require_contractable(on)
        self.signing = Signing(document_sha256, in_sequence, on)
        self.state = ContractState.OUT_FOR_SIGNATURE
        self.record(
            ContractSentForSignature(
                contract_id=self.id,
                signatory_ids=tuple(each.id for each in self.signatories),
                in_sequence=in_sequence,
            )
        )

    def record_signature(
        self, signatory_id: UUID, *, document_sha256: str, signed_on: date, by: str, on: date
    ) -> None:
        """Record by hand that somebody signed; with the last signature the contract is signed."""
        signing = self._require_signing(to="be signed")
        signatory = self._signatory(signatory_id)
        if document_sha256 != signing.document_sha256:
            raise Conflict(
                "The signed document is not the one that was approved and sent; have the "
                "right one signed, or return the contract to draft.",
                rule="signed-document-matches",
                field="document_sha256",
                accepted=signing.document_sha256,
            )
        if signed_on > on:
            raise Invalid(
                "A signature cannot be dated in the future.",
                rule="signed-not-in-future",
                field="signed_on",
                accepted=f"{on} or earlier",
            )
        if signing.has_signed(signatory.id):
            raise Conflict(
                "This signature has been recorded already.", rule="sign-once", field="signatory_id"
            )
        if signatory not in signing.waiting_for(self.signatories):
            raise Conflict(
                "The contract is signed in sequence, and others come first.",
                rule="signing-order",
                field="signatory_id",
                accepted=", ".join(str(e.id) for e in signing.waiting_for(self.signatories)),
            )
        signature = Signature(signatory.id, signed_on, on, by)
        self.signing = replace(signing, signatures=(*signing.signatures, signature))
        self.record(
            ContractSignatureRecorded(
                contract_id=self.id, signatory_id=signatory.id, signed_on=signed_on
            )
        )
        if not self.signing.waiting_for(self.signatories):
            self.state = ContractState.SIGNED
            self.signed_on = max(each.signed_on for each in self.signing.signatures)
            self.record(ContractSigned(contract_id=self.id, signed_on=self.signed_on))

    def decline_signature(self, signatory_id: UUID, reason: str) -> None:
        """A signatory will not sign: the contract goes back to draft and its owner is told."""
        signing = self._require_signing(to="be declined by a signatory")
        if signing.has_signed(self._signatory(signatory_id).id):
            raise Conflict(
                "This signatory has signed already; return the contract to draft instead.",
                rule="sign-once",
                field="signatory_id",
            )
        self._back_to_draft()
        self.record(
            ContractSignatureDeclined(
                contract_id=self.id,
                signatory_id=signatory_id,
                reason=reason,
                owner_id=self.owner_id,
            )
        )

    def remind_signatories(self, on: date, policy: Policy) -> None:
        """Remind whoever has let a signature wait. Safe to run twice on a day."""
        if self.signing is None or self.state is not ContractState.OUT_FOR_SIGNATURE:
            return
        due = self.signing.due_reminders(self.signatories, on, policy)
        if not due:
            return
        reminded = {each.signatory_id for each in due}
        kept = (each for each in self.signing.reminders if each.signatory_id not in reminded)
        self.signing = replace(self.signing, reminders=(*kept, *due))
        for each in due:
            self.record(
                ContractSignatureReminded(
                    contract_id=self.id, signatory_id=each.signatory_id, reminder=each.count
                )
            )

    # Carrying out

    def activate(self, on: date) -> None:
        """From here on days may be logged, programmes published and invoices raised."""
        self._require(ContractState.SIGNED, to="be activated")
        if on < self.terms.starts_on:
            raise Conflict(
                f"The contract starts on {self.terms.starts_on}; it becomes active by itself then.",
                rule="start-date-reached",
                field="starts_on",
                accepted=f"{self.terms.starts_on} or later",
            )
        self._become_active(imported=False)

    def milestone_state(self, milestone_id: UUID) -> MilestoneState:
        outcome = self.outcome(milestone_id)
        return outcome.state if outcome else MilestoneState.SCHEDULED

    def outcome(self, milestone_id: UUID) -> MilestoneOutcome | None:
        return next((each for each in self.outcomes if each.milestone_id == milestone_id), None)

    def milestone(self, milestone_id: UUID) -> MilestoneTerms:
        """Raises NotFound where the present terms have no such milestone."""
        for each in self.terms.milestones:
            if each.milestone_id == milestone_id:
                return each
        raise NotFound(
            f"{self.reference} has no milestone {milestone_id}.",
            rule="milestone-exists",
            field="milestone_id",
        )

    def meet_milestone(
        self, milestone_id: UUID, *, evidence: str, met_on: date, by: str, on: date
    ) -> None:
        """What was agreed has been reached; `evidence` says what shows it."""
        milestone = self.milestone(milestone_id)
        if not evidence.strip():
            raise Invalid(
                "Say what shows that the milestone is met.",
                rule="met-needs-evidence",
                field="evidence",
                accepted="a document's reference, link or SHA-256",
            )
        if met_on > on:
            raise Invalid(
                "A milestone cannot be met in the future.",
                rule="met-not-in-future",
                field="met_on",
                accepted=f"{on} or earlier",
            )
        self._decide(
            MilestoneOutcome(milestone_id, MilestoneState.MET, met_on, by, evidence=evidence)
        )
        self.record(
            MilestoneMet(
                contract_id=self.id,
                partner_id=self.partner_id,
                milestone_id=milestone_id,
                title=milestone.title,
                type=milestone.type,
                amount=milestone.amount,
                met_on=met_on,
                evidence=evidence,
                terms_version=self.terms.version,
            )
        )

    def partially_meet_milestone(
        self, milestone_id: UUID, *, reason: str, by: str, on: date
    ) -> None:
        milestone = self.milestone(milestone_id)
        self._decide(
            MilestoneOutcome(milestone_id, MilestoneState.PARTIALLY_MET, on, by, reason=reason)
        )
        self.record(
            MilestonePartiallyMet(
                contract_id=self.id,
                milestone_id=milestone_id,
                title=milestone.title,
                reason=reason,
            )
        )

    def miss_milestone(self, milestone_id: UUID, *, reason: str, by: str, on: date) -> None:
        milestone = self.milestone(milestone_id)
        self._decide(MilestoneOutcome(milestone_id, MilestoneState.NOT_MET, on, by, reason=reason))
        self.record(
            MilestoneNotMet(
                contract_id=self.id,
                milestone_id=milestone_id,
                title=milestone.title,
                reason=reason,
            )
        )

    # Ending

    def complete(self, on: date) -> None:
        """Everything that was agreed has been decided: met, partially met or not met."""
        self._require(ContractState.ACTIVE, to="be completed")
        waiting = [
            each.title
            for each in self.terms.milestones
            if self.milestone_state(each.milestone_id) is MilestoneState.SCHEDULED
        ]
        if waiting:
            raise Conflict(
                "Say first what became of these milestones: " + "; ".join(waiting) + ".",
                rule="milestones-decided",
                field="milestones",
                accepted="every milestone met, partially met or not met",
            )
        self.state = ContractState.COMPLETED
        self.record(ContractCompleted(contract_id=self.id, completed_on=on))

    def expires_by(self, on: date) -> bool:
        """Whether the end has passed. What is evergreen or renews by itself does not expire."""
        return (
            self.terms.renewal is not RenewalType.AUTO
            and self.terms.ends_on is not None
            and self.terms.ends_on < on
        )

    def expire(self, on: date) -> None:
        self._require(ContractState.ACTIVE, to="expire")
        self.state = ContractState.EXPIRED
        self.record(ContractExpired(contract_id=self.id, expired_on=self.terms.ends_on or on))

    def cancel(self, reason: str) -> None:
        """Give up a contract that was never signed by all."""
        self._require(*BEFORE_SIGNATURE, to="be cancelled")
        self.state = ContractState.CANCELLED
        self.record(ContractCancelled(contract_id=self.id, reason=reason))

    # Import

    def take_release(
        self,
        *,
        terms: ContractTerms,
        state: ContractState,
        signed_on: date | None,
        released_at: datetime,
        on: date,
        policy: Policy,
    ) -> bool:
        """A later word of the source about an imported contract; whether it changed anything.

        An older release than the last one known changes nothing. New terms become the next
        version; a contract that the source calls active becomes active here, also one that had
        expired here and whose period now runs on.
        """
        _require_signed_or_active(state)
        if self.released_at is not None and released_at < self.released_at:
            return False
        check_terms(terms, policy)
        self.released_at = released_at
        renewed = replace(terms, version=self.terms.version + 1)
        changed = replace(terms, version=self.terms.version) != self.terms
        if changed:
            self._adopt(renewed)
            self.record(
                ContractTermsChanged(
                    contract_id=self.id,
                    terms=renewed,
                    reason=f"Release of {released_at.date()} of {self.origin}",
                )
            )
        if signed_on is not None and signed_on != self.signed_on:
            self.signed_on = signed_on
            self.record(ContractSigned(contract_id=self.id, signed_on=signed_on))
            changed = True
        may_resume = self.state is ContractState.SIGNED or (
            self.state is ContractState.EXPIRED and not self.expires_by(on)
        )
        if state is ContractState.ACTIVE and may_resume:
            self._become_active(imported=True)
            changed = True
        return changed

    # Below: what the methods above have in common

    def _require(self, *states: ContractState, to: str) -> None:
        if self.state not in states:
            raise Conflict(
                f"{self.reference} is {_spoken([self.state])} and cannot {to}.",
                rule="contract-state",
                field="state",
                accepted=_spoken(states),
            )

    def _require_signing(self, to: str) -> Signing:
        self._require(ContractState.OUT_FOR_SIGNATURE, to=to)
        assert self.signing is not None
        return self.signing

    def _signatory(self, signatory_id: UUID) -> Signatory:
        for each in self.signatories:
            if each.id == signatory_id:
                return each
        raise NotFound(
            f"{self.reference} has no signatory {signatory_id}.",
            rule="signatory-exists",
            field="signatory_id",
            accepted=", ".join(str(each.id) for each in self.signatories),
        )

    def _check(self, terms: ContractTerms, policy: Policy, parent: "Contract | None") -> None:
        check_terms(terms, policy)
        if parent is None:
            return
        if parent.id == self.id or parent.partner_id != self.partner_id:
            raise Invalid(
                "A contract can only hang under another contract with the same partner.",
                rule="parent-of-same-partner",
                field="parent_id",
                accepted="another contract of this partner",
            )
        if parent.state is ContractState.CANCELLED:
            raise Conflict(
                f"{parent.reference} was cancelled; nothing can hang under it.",
                rule="parent-not-cancelled",
                field="parent_id",
                accepted="a contract that was not cancelled",
            )
        if policy.child_within_parent:
            check_within(terms, parent.terms, parent.reference)

    def _rewrite(
        self,
        by: str,
        reason: str,
        terms: ContractTerms,
        policy: Policy,
        parent: "Contract | None",
        children: Iterable["Contract"],
    ) -> bool:
        if replace(terms, version=self.terms.version) == self.terms:
            return False
        self._check(terms, policy, parent)
        for child in children:
            if policy.child_within_parent and child.state is not ContractState.CANCELLED:
                check_within(child.terms, terms, self.reference)
        self._adopt(replace(terms, version=self.terms.version + 1))
        if by not in self.authors:
            self.authors = (*self.authors, by)
        self.record(ContractTermsChanged(contract_id=self.id, terms=self.terms, reason=reason))
        return True

    def _adopt(self, terms: ContractTerms) -> None:
        self.terms = terms
        self.title = terms.title
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

    def _decide(self, outcome: MilestoneOutcome) -> None:
        self._require(*MILESTONES_OPEN, to="have its milestones decided")
        before = self.milestone_state(outcome.milestone_id)
        if before not in MAY_FOLLOW[outcome.state]:
            raise Conflict(
                f"This milestone is {_spoken([before])} and cannot become "
                f"{_spoken([outcome.state])}.",
                rule="milestone-state",
                field="milestone_id",
                accepted=_spoken(sorted(MAY_FOLLOW[outcome.state])),
            )
        others = (e for e in self.outcomes if e.milestone_id != outcome.milestone_id)
        self.outcomes = (*others, outcome)


def _require_signed_or_active(state: ContractState) -> None:
    if state not in (ContractState.SIGNED, ContractState.ACTIVE):
        raise Invalid(
            "Only contracts that are signed or active can be imported; draft others here.",
            rule="imported-is-signed",
            field="state",
            accepted="signed or active",
        )


def _spoken(words: Iterable[str]) -> str:
    return ", ".join(str(word).replace("_", " ") for word in words)
