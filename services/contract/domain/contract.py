"""A contract with a partner: drafted, reviewed, approved, signed, carried out, ended."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.contract.domain.import_record import ImportRecord
from services.contract.domain.imported import Imported, Release
from services.contract.domain.lifecycle import BEFORE_SIGNATURE, ContractState
from services.contract.domain.partners import KnownPartner
from services.contract.domain.policy import Policy
from services.contract.domain.signature import OutForSignature
from services.contract.domain.signing import Signatory
from shared.errors import Conflict
from shared.events.contract import (
    ContractCancelled,
    ContractDrafted,
    ContractImported,
    ContractTerms,
)


@dataclass(eq=False, kw_only=True)
class Contract(OutForSignature, Imported):
    """What was agreed with a partner, and how far it has come.

    The phases stand in files of their own: `review`, `signature`, `imported`,
    `performance`, `deciding`.
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
                owner_id=owner_id or by,
                terms=terms,
            )
        )
        return contract

    @classmethod
    def enter(
        cls,
        release: Release,
        *,
        id: UUID,
        reference: Callable[[], str],
        partner: KnownPartner,
        origin: str,
        owner_id: str | None,
        by: str,
        at: datetime,
        policy: Policy,
        parent: "Contract | None" = None,
    ) -> "Contract":
        """A contract signed elsewhere, as a source says. It awaits somebody else's confirmation.

        reference: gives the next one, asked for once nothing stands in the way.

        Raises Conflict for a partner that was declined or left.
        """
        partner.require_draftable()
        terms = release.terms
        contract = cls(
            id=id,
            reference="",
            partner_id=partner.id,
            owner_id=owner_id,
            terms=terms,
            state=ContractState.IMPORTED,
            created_at=release.released_at or at,
            signed_on=release.signed_on,
            origin=origin,
            released_at=release.released_at,
            imported=ImportRecord(
                source=release.source,
                said=terms,
                partner_name=release.partner_name,
                said_signed_on=release.signed_on,
                by=(by,),
            ),
            awaits_confirmation=True,
        )
        contract._check(terms, policy, parent)
        contract.reference = reference()
        contract._adopt(terms)
        contract.record(
            ContractImported(
                contract_id=id,
                reference=contract.reference,
                partner_id=partner.id,
                terms=terms,
                origin=origin,
                came_from=release.source,
                signed_on=release.signed_on,
            )
        )
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


_BINDING = (ContractState.SIGNED, ContractState.ACTIVE)
