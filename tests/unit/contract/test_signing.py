"""Signatures, reminders and refusals to sign (C6)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.contract.domain.lifecycle import ContractState
from services.contract.domain.partners import PartnerState
from shared.errors import Conflict, Invalid, NotFound
from shared.events.contract import (
    ContractSignatureDeclined,
    ContractSignatureReminded,
    ContractSigned,
)
from shared.identifiers import UUID, new_id
from tests.unit.contract.story import (
    AUTHOR,
    DEAN,
    DOCUMENT,
    POLICY,
    PROVOST,
    TODAY,
    approved,
    out_for_signature,
    partner,
    sign,
    signed,
    told,
)

pytestmark = pytest.mark.row("C6")


def reminders_over(contract, days):
    """How often each signatory was reminded when the rule ran on every one of so many days."""
    counted: dict[UUID, list[int]] = {}
    for day in range(days):
        contract.remind_signatories(TODAY + timedelta(days=day), POLICY)
        for event in contract.collect():
            if isinstance(event, ContractSignatureReminded):
                counted.setdefault(event.signatory_id, []).append(day)
    return counted


def test_a_document_made_from_other_terms_is_not_sent():
    with pytest.raises(Conflict) as refused:
        approved().send_for_signature(
            terms_sha256="0" * 64,
            document_sha256=DOCUMENT,
            in_sequence=False,
            partner=partner(),
            policy=POLICY,
            on=TODAY,
            signable_from=TODAY,
        )

    assert refused.value.rule == "document-of-approved-terms"


def test_a_partner_that_has_left_is_not_asked_to_sign():
    contract = approved()

    with pytest.raises(Conflict) as refused:
        contract.send_for_signature(
            terms_sha256=str(contract.approved_sha256),
            document_sha256=DOCUMENT,
            in_sequence=False,
            partner=partner(state=PartnerState.EXITED),
            policy=POLICY,
            on=TODAY,
            signable_from=TODAY,
        )

    assert refused.value.rule == "partner-approved"


def test_a_signature_under_another_document_does_not_count():
    with pytest.raises(Conflict) as refused:
        sign(out_for_signature(), DEAN, document_sha256="e" * 64)

    assert (refused.value.rule, refused.value.accepted) == ("signed-document-matches", DOCUMENT)


def test_side_by_side_anybody_may_sign_first():
    contract = out_for_signature()

    sign(contract, PROVOST)

    assert contract.signing
    assert contract.signing.waiting_for(contract.signatories) == (DEAN,)


def test_in_sequence_the_second_waits_for_the_first():
    with pytest.raises(Conflict) as refused:
        sign(out_for_signature(in_sequence=True), PROVOST)

    assert (refused.value.rule, refused.value.accepted) == ("signing-order", str(DEAN.id))


def test_in_sequence_the_second_signs_after_the_first():
    contract = out_for_signature(in_sequence=True)

    sign(contract, DEAN)
    sign(contract, PROVOST)

    assert contract.state is ContractState.SIGNED


def test_in_sequence_people_of_the_same_order_sign_side_by_side():
    contract = out_for_signature(in_sequence=True)
    contract.signatories = (DEAN, replace(PROVOST, order=DEAN.order))

    sign(contract, PROVOST)

    assert contract.signing
    assert contract.signing.has_signed(PROVOST.id)


def test_nobody_signs_twice():
    contract = out_for_signature()
    sign(contract, DEAN)

    with pytest.raises(Conflict) as refused:
        sign(contract, DEAN)

    assert refused.value.rule == "sign-once"


def test_a_stranger_does_not_sign():
    with pytest.raises(NotFound) as refused:
        sign(out_for_signature(), replace(DEAN, id=new_id()))

    assert refused.value.rule == "signatory-exists"


def test_a_signature_is_not_dated_in_the_future():
    with pytest.raises(Invalid) as refused:
        sign(out_for_signature(), DEAN, signed_on=TODAY + timedelta(days=1))

    assert refused.value.rule == "date-possible"


def test_the_last_signature_signs_the_contract_on_the_latest_date():
    contract, later = out_for_signature(), TODAY + timedelta(days=3)
    sign(contract, DEAN, on=later)
    sign(contract, PROVOST, on=later, signed_on=TODAY)

    assert contract.collect()[-1] == ContractSigned(contract_id=contract.id, signed_on=later)


def test_events_about_signatures_carry_no_names():
    contract = out_for_signature()
    sign(contract, DEAN)

    told_plainly = str([event.to_plain() for event in contract.collect()])
    assert DEAN.name not in told_plainly
    assert DEAN.email not in told_plainly


def test_a_reminder_goes_out_after_five_days_then_every_two_at_most_five_times():
    counted = reminders_over(out_for_signature(), days=40)

    assert counted == {DEAN.id: [5, 7, 9, 11, 13], PROVOST.id: [5, 7, 9, 11, 13]}


def test_in_sequence_only_whose_turn_it_is_is_reminded():
    assert set(reminders_over(out_for_signature(in_sequence=True), days=40)) == {DEAN.id}


def test_in_sequence_the_five_days_begin_when_the_one_before_has_signed():
    contract = out_for_signature(in_sequence=True)
    sign(contract, DEAN, on=TODAY + timedelta(days=4))

    assert reminders_over(contract, days=12)[PROVOST.id] == [9, 11]


def test_who_has_signed_is_not_reminded():
    contract = out_for_signature()
    sign(contract, DEAN)

    assert set(reminders_over(contract, days=7)) == {PROVOST.id}


def test_reminding_twice_on_a_day_reminds_once():
    contract = out_for_signature()
    contract.collect()
    for _ in range(2):
        contract.remind_signatories(TODAY + timedelta(days=5), POLICY)

    assert told(contract) == ["signature_reminded"] * 2  # two signatories


def test_missed_reminders_become_one():
    contract = out_for_signature()
    contract.collect()

    contract.remind_signatories(TODAY + timedelta(days=30), POLICY)

    reminders = [e for e in contract.collect() if isinstance(e, ContractSignatureReminded)]
    assert [each.reminder for each in reminders] == [1, 1]


def test_a_signed_contract_reminds_nobody():
    assert reminders_over(signed(), days=10) == {}


def test_a_decline_tells_the_owner_and_returns_to_draft():
    contract = out_for_signature()
    contract.collect()

    contract.decline_signature(DEAN.id, "The indemnity")

    assert contract.collect() == [
        ContractSignatureDeclined(
            contract_id=contract.id,
            signatory_id=DEAN.id,
            reason="The indemnity",
            owner_id=AUTHOR,
        )
    ]
    assert (contract.state, contract.signing, contract.approvals) == (
        ContractState.DRAFT,
        None,
        (),
    )


def test_who_has_signed_cannot_decline():
    contract = out_for_signature()
    sign(contract, DEAN)

    with pytest.raises(Conflict) as refused:
        contract.decline_signature(DEAN.id, "Second thoughts")

    assert refused.value.rule == "sign-once"


def test_a_contract_out_for_signature_can_be_recalled():
    contract = out_for_signature()
    sign(contract, DEAN)

    contract.return_to_draft("The wrong annex")

    assert (contract.state, contract.signing) == (ContractState.DRAFT, None)


@pytest.mark.row("P3")
@pytest.mark.parametrize("known", [{"state": PartnerState.EXITED}, {"due_diligence_until": None}])
def test_nobody_signs_with_a_partner_that_left_or_failed_a_check(known):
    contract = out_for_signature()

    with pytest.raises(Conflict):
        sign(contract, DEAN, partner=partner(**known))

    assert contract.signing
    assert contract.signing.signatures == ()


@pytest.mark.row("C6")
def test_a_signature_may_bear_the_date_that_it_was_anywhere_at_the_sending():
    evening_before = TODAY - timedelta(days=1)
    contract = out_for_signature(signable_from=evening_before)

    with pytest.raises(Invalid) as refused:
        sign(contract, DEAN, signed_on=evening_before - timedelta(days=1))
    sign(contract, DEAN, signed_on=evening_before)

    assert refused.value.field == "signed_on"
    assert contract.signing is not None
    assert contract.signing.has_signed(DEAN.id)
