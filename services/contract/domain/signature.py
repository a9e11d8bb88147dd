"""A contract out for signature."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from services.contract.domain.lifecycle import ContractState
from services.contract.domain.partners import KnownPartner
from services.contract.domain.policy import Policy
from services.contract.domain.record import ContractRecord
from services.contract.domain.review import Review
from services.contract.domain.signing import Signatory, Signature, Signing
from shared.dates import check_happened
from shared.errors import Conflict, NotFound
from shared.events.contract import (
    ContractSentForSignature,
    ContractSignatureDeclined,
    ContractSignatureRecorded,
    ContractSignatureReminded,
    ContractSigned,
)


class OutForSignature(Review):
    """From the sending of the document to the last signature under it."""

    def send_for_signature(
        self,
        *,
        terms_sha256: str,
        document_sha256: str,
        in_sequence: bool,
        partner: KnownPartner,
        policy: Policy,
        on: date,
        signable_from: date,
        parent: ContractRecord | None = None,
    ) -> None:
        """Send out the document made from the approved terms.

        Whether the contract may go out is checked again: the partner's state and risk, the
        approval matrix and the parent contract may have changed since the approval.

        terms_sha256: the fingerprint of the terms that the document was made from.
        document_sha256: the fingerprint of the document; every signature must be under it.
        signable_from: the first possible date of a signature.
        """
        self._require(ContractState.APPROVED, to="be sent for signature")
        if terms_sha256 != self.approved_sha256:
            raise Conflict(
                "The document was not made from the approved terms; make it anew from them.",
                rule="document-of-approved-terms",
                field="terms_sha256",
                accepted=self.approved_sha256 or "",
            )
        self._check_parent(parent)
        partner.require_contractable(on)
        self.require_approvals(partner, policy)
        self.signing = Signing(document_sha256, in_sequence, on, signable_from)
        self.state = ContractState.OUT_FOR_SIGNATURE
        self.record(
            ContractSentForSignature(
                contract_id=self.id,
                signatory_ids=tuple(each.id for each in self.signatories),
                in_sequence=in_sequence,
            )
        )

    def record_signature(
        self,
        signatory_id: UUID,
        *,
        document_sha256: str,
        signed_on: date,
        by: str,
        partner: KnownPartner,
        policy: Policy,
        on: date,
        latest: date,
    ) -> None:
        """Record by hand that somebody signed; with the last signature the contract is signed.

        What the approval matrix asks for by now was approved: the partner may have become a
        higher risk since the sending.
        latest: the last possible date of the signature.
        """
        signing = self._require_signing(to="be signed")
        hindrance = partner.hindrance_to_signing(on)
        if hindrance is not None:
            raise hindrance
        self.require_approvals(partner, policy)
        signatory = self._signatory(signatory_id)
        if document_sha256 != signing.document_sha256:
            raise Conflict(
                "The signed document is not the one that was approved and sent; have the "
                "right one signed, or return the contract to draft.",
                rule="signed-document-matches",
                field="document_sha256",
                accepted=signing.document_sha256,
            )
        check_happened(
            signed_on,
            since=signing.signable_from,
            latest=latest,
            what="The signature",
            follows="the document was sent",
            field="signed_on",
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
