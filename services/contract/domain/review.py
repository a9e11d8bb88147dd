"""A contract under review: edited, submitted, approved or returned."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from services.contract.domain.approval import (
    Approval,
    needed_roles,
    open_roles,
    place_for,
    placed,
    still_needed,
)
from services.contract.domain.lifecycle import EDITABLE, ContractState, spoken
from services.contract.domain.partners import KnownPartner
from services.contract.domain.policy import Policy
from services.contract.domain.readiness import Finding, missing_for_review
from services.contract.domain.record import ContractRecord
from services.contract.domain.signing import Signatory
from services.contract.domain.terms import (
    check_around,
    check_terms,
    check_within,
    terms_sha256,
)
from shared.errors import Conflict, Forbidden, Invalid
from shared.events.contract import (
    ContractApprovalGiven,
    ContractApprovalReopened,
    ContractApproved,
    ContractOwnerChanged,
    ContractReturned,
    ContractSignatoriesChanged,
    ContractSubmitted,
    ContractTerms,
    ContractTermsChanged,
)
from shared.events.vocabulary import Role

#: Where a change elsewhere may ask for further approvals.
_ASKED_AGAIN = (ContractState.APPROVED, ContractState.OUT_FOR_SIGNATURE)


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
        """Change what was drafted. Whoever changes the terms or signatories is an author.

        Such a change voids every approval and returns the contract to draft. Another owner or a
        signatory's corrected address does not: nobody approved them.
        """
        self._require(*EDITABLE, to="be changed")
        rewritten = terms is not None and self._rewrite(by, reason, terms, policy, parent, children)
        resigned = signatories is not None and self._replace_signatories(by, signatories)
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

    def submit(
        self,
        *,
        partner: KnownPartner,
        on: date,
        policy: Policy,
        parent: ContractRecord | None = None,
    ) -> None:
        """Hand the draft to those who must approve it."""
        self._require(ContractState.DRAFT, to="be submitted for review")
        missing = self.missing()
        if missing:
            raise Conflict(
                "The contract is not ready for review. "
                + " ".join(each.message for each in missing),
                rule="ready-for-review",
                field=missing[0].field,
                errors=[
                    {"field": each.field, "rule": each.rule, "message": each.message}
                    for each in missing
                ],
            )
        self._check_parent(parent)
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

        The matrix is looked up anew: a partner may have become a higher risk since submission, or
        since the last approval. Whoever has been asked stays asked; a document that is out for
        signature stays out, and is signed once they have approved.
        """
        needed, approvals = self._asked_now(partner, policy)
        still_open = open_roles(needed, approvals)
        if self.state not in _ASKED_AGAIN or not still_open:
            self._require(ContractState.IN_REVIEW, to="be approved")
        if by in self.authors:
            raise Forbidden(
                "You wrote this contract; somebody else must approve it.",
                rule="author-cannot-approve",
                accepted=f"one of: {', '.join(still_open)}",
            )
        if any(each.approver_id == by for each in self.approvals):
            raise Conflict(
                "You have approved this contract already; the others must follow.",
                rule="approve-once",
                accepted=f"one of: {', '.join(still_open)}",
            )
        roles = tuple(roles)
        role = place_for(roles, still_open)
        if role is None:
            raise Forbidden(
                f"The approval of {spoken(still_open)} is needed, and that is not your role.",
                rule="approver-role",
                accepted=", ".join(still_open),
            )
        self.needed_roles = needed
        self.approvals = (*approvals, Approval(by, role, at, tuple(sorted(roles))))
        self.record(ContractApprovalGiven(contract_id=self.id, approver_id=by, role=role))
        if self.state is ContractState.OUT_FOR_SIGNATURE:
            return
        if self.open_roles:
            self.state, self.approved_sha256 = ContractState.IN_REVIEW, None
            return
        self.state = ContractState.APPROVED
        self.approved_sha256 = terms_sha256(self.terms)
        self.record(ContractApproved(contract_id=self.id, terms_sha256=self.approved_sha256))

    def reconsider(self, partner: KnownPartner, policy: Policy, reason: str) -> None:
        """Ask for the further approvals that a change elsewhere needs; the owner is notified."""
        if self.state not in (ContractState.IN_REVIEW, *_ASKED_AGAIN):
            return
        needed, approvals = self._asked_now(partner, policy)
        if needed == self.needed_roles:
            return
        self.needed_roles, self.approvals = needed, approvals
        if not self.open_roles:
            return
        if self.state is ContractState.OUT_FOR_SIGNATURE:
            awaited = f"the approval of {spoken(self.open_roles)}"
            self.hold_back(f"{reason} Before further signatures it needs {awaited}.")
            return
        self.state, self.approved_sha256 = ContractState.IN_REVIEW, None
        self.record(
            ContractApprovalReopened(
                contract_id=self.id,
                owner_id=self.owner_id,
                needed_roles=self.needed_roles,
                reason=reason,
            )
        )

    def require_approvals(self, partner: KnownPartner, policy: Policy) -> None:
        """Raises Conflict where the matrix asks by now for more than was given."""
        needed, approvals = self._asked_now(partner, policy)
        still_open = open_roles(needed, approvals)
        if still_open:
            raise Conflict(
                f"Since its approval {self.reference} needs the approval of "
                f"{spoken(still_open)} too. Ask them to approve it; the approvals so far stand.",
                rule="approvals-complete",
                field="open_roles",
                accepted=", ".join(still_open),
            )

    def _asked_now(
        self, partner: KnownPartner, policy: Policy
    ) -> tuple[tuple[Role, ...], tuple[Approval, ...]]:
        now = needed_roles(self.terms, partner.risk_band, policy)
        needed = still_needed(self.needed_roles, now)
        return needed, placed(self.approvals, needed)

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
                f"{parent.reference} is a contract with another partner.",
                rule="parent-of-same-partner",
                field="parent_id",
                accepted="another contract of this partner",
            )
        self._check_parent(parent)
        if policy.child_within_parent:
            check_within(terms, parent.terms, parent.reference)

    def _check_parent(self, parent: ContractRecord | None) -> None:
        if parent is not None and parent.state is ContractState.CANCELLED:
            raise Conflict(
                f"{parent.reference} is cancelled and cannot be the parent of a contract.",
                rule="parent-not-cancelled",
                field="parent_id",
                accepted="a contract that was not cancelled",
            )

    def _replace_signatories(self, by: str, signatories: tuple[Signatory, ...]) -> bool:
        """Whether others sign, or in another order: that is part of what was approved."""
        before = [replace(each, email="") for each in self.signatories]
        self.signatories = signatories
        if [replace(each, email="") for each in signatories] == before:
            return False
        self._add_author(by)
        self.record(
            ContractSignatoriesChanged(
                contract_id=self.id, signatory_ids=tuple(each.id for each in signatories)
            )
        )
        return True

    def _add_author(self, by: str) -> None:
        if by not in self.authors:
            self.authors = (*self.authors, by)

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
                check_around(child.terms, child.reference, terms)
        self._adopt(replace(terms, version=self.terms.version + 1))
        self._add_author(by)
        self.record(ContractTermsChanged(contract_id=self.id, terms=self.terms, reason=reason))
        return True
