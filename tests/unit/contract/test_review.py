"""Drafting, the approval matrix and what voids it (C1, C2, C5)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.contract.domain.approval import needed_roles
from services.contract.domain.lifecycle import ContractState
from services.contract.domain.partners import PartnerState
from services.contract.domain.policy import Policy
from shared.errors import Conflict, Forbidden, Invalid
from shared.events.contract import (
    ContractApprovalReopened,
    ContractApproved,
    ContractDrafted,
    ContractHeldBack,
    ContractTermsChanged,
)
from shared.events.vocabulary import ContractType, RenewalType, RiskBand, Role
from shared.money import Money
from tests.unit.contract.story import (
    AUTHOR,
    COLLEAGUE,
    DEAN,
    ENDS,
    MANAGER,
    POLICY,
    PROVOST,
    TODAY,
    approve,
    approved,
    draft,
    gbp,
    in_review,
    mou,
    out_for_signature,
    partner,
    payment,
    sign,
    terms,
    told,
)

OFFICER, BOSS, FINANCE, BOARD = (
    Role.PARTNERSHIP_OFFICER,
    Role.PARTNERSHIP_MANAGER,
    Role.FINANCE,
    Role.BOARD,
)


def worth(amount: int | str, currency: str = "GBP", **changes):
    return terms(value=Money.of(amount, currency), **changes)


def revise(contract, by=AUTHOR, **changes):
    contract.revise(**{"by": by, "reason": "They asked for it.", "policy": POLICY} | changes)


# Drafting


@pytest.mark.row("C2")
def test_a_draft_tells_its_terms_partner_and_owner():
    contract = draft(owner_id="owner-7")

    (event,) = contract.collect()
    assert event == ContractDrafted(
        contract_id=contract.id,
        reference="CTR-2026-0042",
        partner_id=contract.partner_id,
        owner_id="owner-7",
        terms=contract.terms,
    )


@pytest.mark.row("C2")
def test_who_drafts_a_contract_owns_it():
    assert draft().owner_id == AUTHOR


@pytest.mark.row("C2")
def test_a_contract_can_be_drafted_while_the_partner_is_still_a_prospect():
    assert draft(partner=partner(state=PartnerState.PROSPECT)).state is ContractState.DRAFT


@pytest.mark.row("C2")
@pytest.mark.parametrize("state", [PartnerState.DECLINED, PartnerState.EXITED])
def test_nothing_is_drafted_for_a_partner_that_is_gone(state):
    with pytest.raises(Conflict, match="once it is proposed again"):
        draft(partner=partner(state=state))


@pytest.mark.row("C1")
def test_a_contract_hangs_under_a_contract_of_the_same_partner():
    with pytest.raises(Invalid) as refused:
        draft(parent=draft())

    assert refused.value.rule == "parent-of-same-partner"


@pytest.mark.row("C1")
def test_nothing_hangs_under_a_cancelled_contract():
    known = partner()
    parent = draft(partner=known)
    parent.cancel("No funding")

    with pytest.raises(Conflict) as refused:
        draft(partner=known, parent=parent)

    assert refused.value.rule == "parent-not-cancelled"


@pytest.mark.row("C1")
def test_a_child_that_outlasts_its_parent_is_refused_unless_the_office_allows_it():
    known = partner()
    parent, longer = draft(partner=known), terms(ends_on=ENDS + timedelta(days=1))

    with pytest.raises(Invalid, match="parent contract CTR-2026-0042"):
        draft(longer, partner=known, parent=parent)
    draft(longer, partner=known, parent=parent, policy=Policy(child_within_parent=False))


@pytest.mark.row("C1")
def test_a_parent_is_not_shortened_under_its_children():
    known = partner()
    parent = draft(mou(type=ContractType.FRAMEWORK), partner=known)
    child = draft(partner=known, parent=parent)

    with pytest.raises(Invalid) as refused:
        revise(
            parent,
            terms=replace(parent.terms, ends_on=ENDS - timedelta(days=1)),
            children=[child],
        )

    assert refused.value.rule == "period-within-parent"


# Submitting


@pytest.mark.row("C2")
def test_everything_that_is_missing_is_named_at_once():
    bare = draft(terms(value=gbp(1), milestones=(), day_budget=(), parties=()), signatories=())

    with pytest.raises(Conflict) as refused:
        bare.submit(partner=partner(), on=TODAY, policy=POLICY)

    assert [each["field"] for each in refused.value.errors] == [
        "milestones",
        "parties",
        "signatories",
        "parties",
        "signatories",
    ]


@pytest.mark.row("C2")
def test_a_statement_of_work_says_what_it_is_worth():
    free = draft(mou(type=ContractType.STATEMENT_OF_WORK))

    assert [each.field for each in free.missing()] == ["value"]


@pytest.mark.row("C2")
@pytest.mark.parametrize("missing", [DEAN, PROVOST])
def test_each_side_has_a_signatory(missing):
    alone = draft(signatories=tuple({DEAN, PROVOST} - {missing}))

    assert [each.rule for each in alone.missing()] == ["signatory-on-each-side"]


@pytest.mark.row("C5")
@pytest.mark.parametrize(
    "state", [PartnerState.PROSPECT, PartnerState.UNDER_REVIEW, PartnerState.DORMANT]
)
def test_only_a_contract_with_an_approved_partner_is_submitted(state):
    contract = draft()

    with pytest.raises(Conflict) as refused:
        contract.submit(partner=partner(state=state), on=TODAY, policy=POLICY)

    assert refused.value.rule == "partner-approved"


@pytest.mark.row("C5")
def test_due_diligence_must_be_valid_on_the_day_of_submission():
    yesterday = TODAY - timedelta(days=1)
    contract = draft()

    with pytest.raises(Conflict) as refused:
        contract.submit(partner=partner(due_diligence_until=yesterday), on=TODAY, policy=POLICY)

    assert refused.value.rule == "due-diligence-valid"


@pytest.mark.row("C5")
def test_due_diligence_is_valid_on_its_last_day():
    contract = draft()

    contract.submit(partner=partner(due_diligence_until=TODAY), on=TODAY, policy=POLICY)

    assert contract.state is ContractState.IN_REVIEW


# The matrix


@pytest.mark.row("C5")
@pytest.mark.parametrize(
    ("agreed", "risk", "needed"),
    [
        (worth("9999.99"), RiskBand.LOW, (OFFICER,)),
        (worth(10_000), RiskBand.LOW, (BOSS,)),
        (worth("99999.99"), RiskBand.MEDIUM, (BOSS,)),
        (worth(100_000), RiskBand.LOW, (BOSS, FINANCE)),
        (worth(500_000), RiskBand.LOW, (BOSS, FINANCE, BOARD)),
        (worth(1), RiskBand.HIGH, (BOSS, BOARD)),
        (worth(1), None, (BOSS, BOARD)),
        (worth(1, renewal=RenewalType.AUTO), RiskBand.LOW, (BOSS,)),
        (worth(1, renewal=RenewalType.EVERGREEN), RiskBand.LOW, (BOSS,)),
        (mou(), RiskBand.LOW, (OFFICER,)),
        (worth(9_000, "JOD"), RiskBand.LOW, (OFFICER,)),
        (worth(9_500, "JOD"), RiskBand.LOW, (BOSS,)),
        (worth(1, "XAF"), RiskBand.LOW, (BOSS, FINANCE, BOARD)),
    ],
)
def test_value_risk_and_automatic_renewal_decide_who_must_approve(agreed, risk, needed):
    assert needed_roles(agreed, risk, POLICY) == needed


@pytest.mark.row("C5")
def test_a_senior_may_stand_in_for_a_junior():
    contract = in_review(terms(value=gbp(5_000), milestones=(payment(5_000),)))

    approve(contract, by=MANAGER, roles=(BOSS,))

    assert contract.state is ContractState.APPROVED


@pytest.mark.row("C5")
@pytest.mark.parametrize("roles", [(OFFICER,), (Role.ADMINISTRATOR,), (FINANCE,)])
def test_a_role_that_is_not_asked_for_cannot_approve(roles):
    with pytest.raises(Forbidden) as refused:
        approve(in_review(), by=COLLEAGUE, roles=roles)

    assert (refused.value.rule, refused.value.accepted) == ("approver-role", "partnership_manager")


@pytest.mark.row("C5")
def test_the_author_cannot_approve():
    with pytest.raises(Forbidden) as refused:
        approve(in_review(), by=AUTHOR)

    assert refused.value.rule == "author-cannot-approve"


@pytest.mark.row("C5")
def test_who_edited_the_terms_is_an_author_too():
    contract = draft()
    revise(contract, by=MANAGER, terms=replace(contract.terms, title="Another title"))
    contract.submit(partner=partner(), on=TODAY, policy=POLICY)

    with pytest.raises(Forbidden) as refused:
        approve(contract, by=MANAGER)

    assert refused.value.rule == "author-cannot-approve"


@pytest.mark.row("C5")
def test_nobody_approves_twice_even_with_two_of_the_roles():
    big = terms(value=gbp(100_000), milestones=(payment(100_000),))
    contract = in_review(big)
    approve(contract, by=MANAGER, roles=(BOSS, FINANCE))

    with pytest.raises(Conflict) as refused:
        approve(contract, by=MANAGER, roles=(BOSS, FINANCE))

    assert refused.value.rule == "approve-once"


@pytest.mark.row("C5")
def test_a_contract_is_approved_only_when_the_last_needed_role_has_approved():
    big = terms(value=gbp(100_000), milestones=(payment(100_000),))
    contract = in_review(big)

    approve(contract, by="finance-1", roles=(FINANCE,))

    assert (contract.state, contract.open_roles) == (ContractState.IN_REVIEW, (BOSS,))


@pytest.mark.row("C5")
def test_the_last_approval_fixes_the_fingerprint_of_the_terms():
    contract = approved()

    assert contract.collect()[-1] == ContractApproved(
        contract_id=contract.id, terms_sha256=str(contract.approved_sha256)
    )


@pytest.mark.row("C5")
def test_a_partner_that_became_a_high_risk_during_review_brings_in_the_board():
    contract = in_review()

    approve(contract, known=partner(risk_band=RiskBand.HIGH))

    assert contract.open_roles == (BOARD,)


@pytest.mark.row("C5")
def test_who_was_asked_to_approve_stays_asked_when_the_risk_falls():
    risky = partner(risk_band=RiskBand.HIGH)
    contract = in_review(known=risky)
    approve(contract, known=risky)

    approve(contract, by="board-1", roles=(BOARD,), known=partner(risk_band=RiskBand.LOW))

    assert contract.state is ContractState.APPROVED


# Edits


@pytest.mark.row("C5")
def test_an_edit_voids_every_approval_and_returns_to_draft():
    contract = approved()
    contract.collect()

    revise(contract, terms=replace(contract.terms, payment_days=60))

    assert (contract.state, contract.approvals, contract.approved_sha256) == (
        ContractState.DRAFT,
        (),
        None,
    )
    assert told(contract) == ["terms_changed", "returned"]


@pytest.mark.row("C5")
def test_other_signatories_void_approvals_too():
    contract = approved()

    revise(contract, signatories=(replace(DEAN, order=3), PROVOST))

    assert contract.approvals == ()


@pytest.mark.row("C5")
def test_another_owner_voids_nothing():
    contract = approved()

    revise(contract, owner_id="owner-7")

    assert (contract.state, contract.owner_id) == (ContractState.APPROVED, "owner-7")


@pytest.mark.row("C5")
def test_an_edit_that_changes_nothing_voids_nothing():
    contract = approved()
    contract.collect()

    revise(contract, terms=contract.terms, signatories=contract.signatories)

    assert (contract.state, told(contract)) == (ContractState.APPROVED, [])


@pytest.mark.row("C2")
def test_every_change_of_the_terms_is_a_version_with_a_reason():
    contract = draft()
    contract.collect()

    revise(contract, terms=replace(contract.terms, purchase_order="PO-1"))

    (event,) = contract.collect()
    assert event == ContractTermsChanged(
        contract_id=contract.id,
        terms=replace(contract.terms, version=2, purchase_order="PO-1"),
        reason="They asked for it.",
    )


@pytest.mark.row("C6")
def test_what_is_out_for_signature_is_recalled_before_it_is_edited():
    contract = out_for_signature()

    with pytest.raises(Conflict) as refused:
        revise(contract, terms=replace(contract.terms, title="Another"))

    assert refused.value.rule == "contract-state"


@pytest.mark.row("C5")
def test_a_rejected_review_goes_back_to_draft_with_the_reason():
    contract = in_review()
    contract.collect()

    contract.return_to_draft("The cap is too low.")

    assert (contract.state, told(contract)) == (ContractState.DRAFT, ["returned"])


@pytest.mark.row("C5")
def test_after_a_return_everybody_approves_anew():
    contract = approved()
    contract.return_to_draft("One more check.")
    contract.submit(partner=partner(), on=TODAY, policy=POLICY)

    assert contract.open_roles == (BOSS,)


# Checked again before sending


RISKY = partner(risk_band=RiskBand.HIGH)


def send(contract, known, policy=POLICY, parent=None):
    contract.send_for_signature(
        terms_sha256=str(contract.approved_sha256),
        document_sha256="d" * 64,
        in_sequence=False,
        partner=known,
        policy=policy,
        on=TODAY,
        signable_from=TODAY,
        parent=parent,
    )


@pytest.mark.row("C5")
def test_a_risk_that_rose_after_the_approval_asks_for_the_board_before_sending():
    contract = approved()

    with pytest.raises(Conflict, match="approval of board") as refused:
        send(contract, RISKY)

    assert refused.value.rule == "approvals-complete"


@pytest.mark.row("C5")
def test_what_the_refusal_advises_can_be_done_and_the_approvals_so_far_stand():
    contract = approved()

    approve(contract, by="board-1", roles=(BOARD,), known=RISKY)
    send(contract, RISKY)

    assert contract.state is ContractState.OUT_FOR_SIGNATURE
    assert [each.role for each in contract.approvals] == [BOSS, BOARD]


@pytest.mark.row("C5")
def test_a_matrix_that_became_stricter_asks_again_before_sending():
    with pytest.raises(Conflict, match="finance"):
        send(approved(), partner(), Policy(finance_from=60_000, manager_from=10_000))


@pytest.mark.row("C5")
def test_a_higher_risk_reopens_the_review_and_tells_the_owner():
    contract = approved()
    contract.collect()

    contract.reconsider(RISKY, POLICY, "The risk is high now.")

    (event,) = contract.collect()
    assert event == ContractApprovalReopened(
        contract_id=contract.id,
        owner_id=AUTHOR,
        needed_roles=(BOSS, BOARD),
        reason="The risk is high now.",
    )
    assert (contract.state, contract.open_roles) == (ContractState.IN_REVIEW, (BOARD,))


@pytest.mark.row("C5")
def test_high_then_low_does_not_spare_the_board():
    contract = approved()
    contract.reconsider(RISKY, POLICY, "High.")

    contract.reconsider(partner(), POLICY, "Low after all.")

    assert (contract.state, contract.open_roles) == (ContractState.IN_REVIEW, (BOARD,))


@pytest.mark.row("C5")
def test_a_draft_is_not_reconsidered():
    contract = draft()
    contract.collect()

    contract.reconsider(RISKY, POLICY, "High.")

    assert told(contract) == []


@pytest.mark.row("C5")
def test_a_risk_that_rises_after_sending_is_told_and_no_signature_is_recorded():
    contract = out_for_signature()
    contract.collect()

    contract.reconsider(RISKY, POLICY, "The risk is high now.")

    (event,) = contract.collect()
    assert isinstance(event, ContractHeldBack)
    assert (event.owner_id, event.state) == (AUTHOR, "out_for_signature")
    assert event.reason.startswith("The risk is high now. ")
    assert "board" in event.reason
    with pytest.raises(Conflict, match="approval of board") as refused:
        sign(contract, contract.signatories[0], partner=RISKY)
    assert refused.value.rule == "approvals-complete"


@pytest.mark.row("C5")
def test_the_board_approves_what_is_out_for_signature_and_it_is_signed():
    contract = out_for_signature()
    sent = contract.signing, contract.approved_sha256
    contract.reconsider(RISKY, POLICY, "The risk is high now.")

    approve(contract, by="board-1", roles=(BOARD,), known=RISKY)

    assert (contract.signing, contract.approved_sha256) == sent
    for each in contract.signatories:
        sign(contract, each, partner=RISKY)
    assert contract.state is ContractState.SIGNED


@pytest.mark.row("C5")
def test_what_is_out_for_signature_is_not_approved_without_need():
    with pytest.raises(Conflict) as refused:
        approve(out_for_signature(), by="board-1", roles=(BOARD,))

    assert refused.value.rule == "contract-state"


@pytest.mark.row("C5")
def test_a_managers_approval_in_an_officers_place_counts_as_their_own_later():
    small = terms(value=gbp(5_000), milestones=(payment(5_000),))
    contract = in_review(small)
    approve(contract, by=MANAGER, roles=(BOSS,))

    contract.reconsider(RISKY, POLICY, "High.")

    assert (contract.needed_roles, contract.open_roles) == ((BOSS, BOARD), (BOARD,))


@pytest.mark.row("C5")
def test_an_officers_approval_does_not_count_as_a_managers():
    small = terms(value=gbp(5_000), milestones=(payment(5_000),))
    contract = in_review(small)
    approve(contract, by=COLLEAGUE, roles=(OFFICER,))

    contract.reconsider(RISKY, POLICY, "High.")

    assert contract.open_roles == (BOSS, BOARD)


@pytest.mark.row("C5")
@pytest.mark.parametrize(
    ("known", "rule"),
    [
        ({"state": PartnerState.EXITED}, "partner-approved"),
        ({"state": PartnerState.DORMANT}, "partner-approved"),
        ({"due_diligence_until": TODAY - timedelta(days=1)}, "due-diligence-valid"),
        ({"due_diligence_until": None}, "due-diligence-valid"),
    ],
)
def test_nothing_is_sent_to_a_partner_that_is_no_longer_cleared(known, rule):
    with pytest.raises(Conflict) as refused:
        send(approved(), partner(**known))

    assert refused.value.rule == rule


@pytest.mark.row("C1")
def test_nothing_is_sent_under_a_cancelled_parent():
    parent = draft()
    parent.cancel("No funding")

    with pytest.raises(Conflict) as refused:
        send(approved(), partner(), parent=parent)

    assert refused.value.rule == "parent-not-cancelled"


@pytest.mark.row("C5")
def test_whoever_changed_the_signatories_is_an_author_too():
    contract = draft()
    revise(contract, by=MANAGER, signatories=(replace(DEAN, name="Another dean"), PROVOST))
    contract.submit(partner=partner(), on=TODAY, policy=POLICY)

    with pytest.raises(Forbidden) as refused:
        approve(contract, by=MANAGER)

    assert refused.value.rule == "author-cannot-approve"


@pytest.mark.row("C6")
def test_a_corrected_address_voids_nothing_and_makes_nobody_an_author():
    contract = approved()

    revise(contract, by="officer-9", signatories=(replace(DEAN, email="d@example.org"), PROVOST))

    assert (contract.state, contract.authors) == (ContractState.APPROVED, (AUTHOR,))
    assert contract.signatories[0].email == "d@example.org"
