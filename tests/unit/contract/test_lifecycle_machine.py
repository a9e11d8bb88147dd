"""The life of a contract, whatever anybody tries, in whatever order (C5, C6, C8)."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.contract.domain.lifecycle import ContractState
from services.contract.domain.milestones import MilestoneState
from services.contract.domain.terms import terms_sha256
from shared.errors import Refusal
from shared.events.contract import OpenWork
from shared.events.vocabulary import Role
from tests.unit.contract.story import (
    AUTHOR,
    COLLEAGUE,
    DEAN,
    DOCUMENT,
    ENDS,
    MANAGER,
    POLICY,
    PROVOST,
    STARTS,
    TODAY,
    approve,
    draft,
    meet,
    partner,
    sign,
)

#: Every way from one state to another; whatever is not here must never happen.
WAYS = {
    ContractState.DRAFT: {"in_review", "cancelled"},
    ContractState.IN_REVIEW: {"draft", "approved", "cancelled"},
    ContractState.APPROVED: {"draft", "out_for_signature", "cancelled"},
    ContractState.OUT_FOR_SIGNATURE: {"draft", "signed", "cancelled"},
    ContractState.SIGNED: {"active"},
    ContractState.ACTIVE: {"completed", "expired"},
    ContractState.COMPLETED: set(),
    ContractState.EXPIRED: set(),
    ContractState.CANCELLED: set(),
}
PEOPLE = st.sampled_from([AUTHOR, COLLEAGUE, MANAGER])
HELD = st.sampled_from([(Role.PARTNERSHIP_OFFICER,), (Role.PARTNERSHIP_MANAGER,), (Role.FINANCE,)])
SIGNATORIES = st.sampled_from([DEAN, PROVOST])


class ContractLife(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.contract = draft()
        self.seen = self.contract.state
        self.terms_seen = self.contract.terms

    def _try(self, action) -> None:
        """What is refused must leave no trace."""
        contract = self.contract
        contract.collect()
        before = {name: value for name, value in vars(contract).items() if name != "_recorded"}
        with suppress(Refusal):
            action(contract)
            return
        now = {name: value for name, value in vars(contract).items() if name != "_recorded"}
        assert now == before
        assert contract.collect() == []

    @rule(by=PEOPLE, days=st.integers(0, 90))
    def edit(self, by: str, days: int) -> None:
        self._try(
            lambda contract: contract.revise(
                by=by,
                reason="Agreed",
                policy=POLICY,
                terms=replace(contract.terms, payment_days=days),
            )
        )

    @rule()
    def submit(self) -> None:
        self._try(lambda c: c.submit(partner=partner(), on=TODAY, policy=POLICY))

    @rule(by=PEOPLE, roles=HELD)
    def approve(self, by: str, roles: tuple[str, ...]) -> None:
        self._try(lambda contract: approve(contract, by=by, roles=roles))

    @rule()
    def give_back(self) -> None:
        self._try(lambda contract: contract.return_to_draft("Not yet"))

    @rule(in_sequence=st.booleans(), right=st.booleans())
    def send(self, in_sequence: bool, right: bool) -> None:
        self._try(
            lambda contract: contract.send_for_signature(
                terms_sha256=terms_sha256(contract.terms) if right else "0" * 64,
                document_sha256=DOCUMENT,
                in_sequence=in_sequence,
                partner=partner(),
                policy=POLICY,
                on=TODAY,
                signable_from=TODAY,
            )
        )

    @rule(who=SIGNATORIES, document=st.sampled_from([DOCUMENT, DOCUMENT, "e" * 64]))
    def sign(self, who, document: str) -> None:
        self._try(lambda contract: sign(contract, who, document_sha256=document))

    @rule(who=SIGNATORIES)
    def decline(self, who) -> None:
        self._try(lambda contract: contract.decline_signature(who.id, "No"))

    @rule(early=st.booleans())
    def activate(self, early: bool) -> None:
        self._try(lambda contract: contract.activate(TODAY if early else STARTS, partner=partner()))

    @rule()
    def meet(self) -> None:
        self._try(lambda contract: meet(contract, contract.terms.milestones[0].milestone_id))

    @rule()
    def complete(self) -> None:
        self._try(lambda contract: contract.complete(ENDS, latest=ENDS, open_work=OpenWork()))

    @rule()
    def expire(self) -> None:
        self._try(lambda contract: contract.expire(ENDS + timedelta(days=1), open_work=OpenWork()))

    @rule()
    def cancel(self) -> None:
        self._try(lambda contract: contract.cancel("No funding"))

    @invariant()
    def states_follow_the_lifecycle(self) -> None:
        state = self.contract.state
        assert state is self.seen or state in WAYS[self.seen]
        self.seen = state

    @invariant()
    def terms_change_by_whole_versions_before_signature_only(self) -> None:
        now, before = self.contract.terms, self.terms_seen
        if now != before:
            assert now.version == before.version + 1
            assert self.contract.state is ContractState.DRAFT
        self.terms_seen = now

    @invariant()
    def approved_means_by_others_and_for_these_terms(self) -> None:
        contract = self.contract
        approvers = [each.approver_id for each in contract.approvals]
        assert len(approvers) == len(set(approvers))
        assert not set(approvers) & set(contract.authors)
        if contract.approved_sha256 is not None:
            assert contract.approved_sha256 == terms_sha256(contract.terms)
            assert not contract.open_roles

    @invariant()
    def signed_means_by_everybody_under_the_document_sent(self) -> None:
        contract = self.contract
        if contract.state in (ContractState.SIGNED, ContractState.ACTIVE, ContractState.EXPIRED):
            assert contract.signing is not None
            assert {each.signatory_id for each in contract.signing.signatures} == {
                DEAN.id,
                PROVOST.id,
            }

    @invariant()
    def completed_means_that_every_milestone_was_decided(self) -> None:
        if self.contract.state is ContractState.COMPLETED:
            for milestone in self.contract.terms.milestones:
                state = self.contract.milestone_state(milestone.milestone_id)
                assert state is not MilestoneState.SCHEDULED


ContractLife.TestCase.settings = settings(max_examples=60, stateful_step_count=50, deadline=None)
TestContractLife = pytest.mark.row("C6")(pytest.mark.row("C5")(ContractLife.TestCase))
