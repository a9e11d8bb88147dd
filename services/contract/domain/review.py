"""A contract under review: edited, submitted, approved or returned."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from services.contract.domain.approval import Approval, needed_roles, open_roles, place_for
from services.contract.domain.lifecycle import EDITABLE, ContractState, spoken
from services.contract.domain.partners import KnownPartner
from services.contract.domain.policy import Policy
from services.contract.domain.readiness import Finding, missing_for_review
from services.contract.domain.record import ContractRecord
from services.contract.domain.signing import Signatory
from services.contract.domain.terms import check_terms, check_within, terms_sha256
from shared.errors import Conflict, Forbidden, Invalid
from shared.events.contract import (
    ContractApprovalGiven,
    ContractApproved,
    ContractOwnerChanged,
    ContractReturned,
    ContractSignatoriesChanged,
    ContractSubmitted,
    ContractTerms,
    ContractTermsChanged,
)
from shared.events.vocabulary import Role


class Review(ContractRecord):
    """From first draft to the last needed approval."""

    def revise(
        self,
        *,
        by: str,
        reason: str,
        policy: Policy,
        terms: ContractTerms | None = None,
        signatories: tuple[Signatory, ...] | None = None,
        owner_id: str | None = None,
        parent: ContractRecord | None = None,
        children: Iterable[ContractRecord] = (),
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
        Whoever has been asked stays asked.
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
        asked = self.needed_roles
        now = needed_roles(self.terms, partner.risk_band, policy)
        needed = (*asked, *(role for role in now if role not in asked))
        still_open = open_roles(needed, self.approvals)
        role = place_for(roles, still_open)
        if role is None:
            raise Forbidden(
                f"The approval of {spoken(still_open)} is needed, and that is not your role.",
                rule="approver-role",
                accepted=", ".join(still_open),
            )
        self.needed_roles = needed
        self.approvals = (*self.approvals, Approval(by, role, at))
        self.record(ContractApprovalGiven(contract_id=self.id, approver_id=by, role=role))
        if not self.open_roles:
            self.state = ContractState.APPROVED
            self.approved_sha256 = terms_sha256(self.terms)
            self.record(ContractApproved(contract_id=self.id, terms_sha256=self.approved_sha256))

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

    def _check(self, terms: ContractTerms, policy: Policy, parent: ContractRecord | None) -> None:
        check_terms(terms, policy)
        if parent is None:
            return
        if parent.partner_id != self.partner_id:
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
        parent: ContractRecord | None,
        children: Iterable[ContractRecord],
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
