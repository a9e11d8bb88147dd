"""A contract with a partner: drafted, reviewed, approved, signed, carried out, ended."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from services.contract.domain.lifecycle import BEFORE_SIGNATURE, ContractState
from services.contract.domain.partners import KnownPartner
from services.contract.domain.performance import Performance
from services.contract.domain.policy import Policy
from services.contract.domain.signature import OutForSignature
from services.contract.domain.signing import Signatory
from services.contract.domain.terms import check_terms
from shared.errors import Conflict, Invalid
from shared.events.contract import (
    ContractCancelled,
    ContractDrafted,
    ContractImported,
    ContractSigned,
    ContractTerms,
    ContractTermsChanged,
)


@dataclass(eq=False, kw_only=True)
class Contract(OutForSignature, Performance):
    """What was agreed with a partner, and how far it has come.

    The phases stand in files of their own: `review`, `signature`, `performance`, `deciding`.
    """

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

    def cancel(self, reason: str, children: "Iterable[Contract]" = ()) -> None:
        """Give up a contract that was never signed by all."""
        self._require(*BEFORE_SIGNATURE, to="be cancelled")
        bound = [each.reference for each in children if each.state in _BINDING]
        if bound:
            raise Conflict(
                f"{self.reference} is the parent of contracts that are signed or in force: "
                f"{', '.join(bound)}. Carry on with it, or wait until they have ended.",
                rule="parent-of-active",
                field="state",
                accepted="a contract without signed or active contracts under it",
            )
        self.state = ContractState.CANCELLED
        self.record(ContractCancelled(contract_id=self.id, reason=reason))

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


_BINDING = (ContractState.SIGNED, ContractState.ACTIVE)


def _require_signed_or_active(state: ContractState) -> None:
    if state not in (ContractState.SIGNED, ContractState.ACTIVE):
        raise Invalid(
            "Only contracts that are signed or active can be imported; draft others here.",
            rule="imported-is-signed",
            field="state",
            accepted="signed or active",
        )
