"""In force, milestones, and the end (C8 and the lifecycle)."""

from datetime import timedelta

import pytest

from services.contract.domain.lifecycle import ContractState
from services.contract.domain.milestones import MilestoneState
from shared.errors import Conflict, Invalid, NotFound
from shared.events.contract import ContractActivated, ContractExpired, MilestoneMet
from shared.events.vocabulary import MilestoneType, RenewalType
from shared.identifiers import new_id
from tests.unit.contract.story import (
    AUTHOR,
    ENDS,
    STARTS,
    active,
    draft,
    gbp,
    meet,
    payment,
    report,
    signed,
    terms,
)

OUTCOMES = {
    MilestoneState.MET: lambda contract, id: meet(contract, id),
    MilestoneState.PARTIALLY_MET: lambda contract, id: contract.partially_meet_milestone(
        id, reason="Half of it", by=AUTHOR, on=ENDS
    ),
    MilestoneState.NOT_MET: lambda contract, id: contract.miss_milestone(
        id, reason="Nothing came", by=AUTHOR, on=ENDS
    ),
}


def milestone_of(contract):
    return contract.terms.milestones[0].milestone_id


def test_a_contract_does_not_come_into_force_before_its_start():
    with pytest.raises(Conflict) as refused:
        signed().activate(STARTS - timedelta(days=1))

    assert refused.value.rule == "start-date-reached"


def test_a_contract_comes_into_force_on_its_start_and_tells_its_terms():
    contract = signed()
    contract.collect()

    contract.activate(STARTS)

    assert contract.collect() == [
        ContractActivated(
            contract_id=contract.id,
            reference=contract.reference,
            partner_id=contract.partner_id,
            terms=contract.terms,
            imported=False,
        )
    ]


@pytest.mark.row("C8")
@pytest.mark.parametrize("evidence", ["", "   "])
def test_met_needs_evidence(evidence):
    contract = active()

    with pytest.raises(Invalid) as refused:
        meet(contract, milestone_of(contract), evidence)

    assert refused.value.rule == "met-needs-evidence"


@pytest.mark.row("C8")
def test_a_met_payment_milestone_tells_its_amount_and_the_terms_it_stands_in():
    contract = active()

    meet(contract, milestone_of(contract))

    (event,) = contract.collect()
    assert event == MilestoneMet(
        contract_id=contract.id,
        partner_id=contract.partner_id,
        milestone_id=milestone_of(contract),
        title="Final payment",
        milestone_type=MilestoneType.PAYMENT,
        amount=gbp(60_000),
        met_on=ENDS,
        evidence="report.pdf",
        terms_version=1,
    )


@pytest.mark.row("C8")
def test_the_event_of_a_met_milestone_keeps_its_own_type():
    contract = active()
    meet(contract, milestone_of(contract))

    assert contract.collect()[0].type == "contract.milestone_met"


@pytest.mark.row("C8")
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_scheduled_milestone_may_be_met_met_in_part_or_missed(outcome):
    contract = active()

    OUTCOMES[outcome](contract, milestone_of(contract))

    assert contract.milestone_state(milestone_of(contract)) is outcome


@pytest.mark.row("C8")
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_what_is_met_stays_met(outcome):
    contract = active()
    meet(contract, milestone_of(contract))

    with pytest.raises(Conflict) as refused:
        OUTCOMES[outcome](contract, milestone_of(contract))

    assert refused.value.rule == "milestone-state"


@pytest.mark.row("C8")
@pytest.mark.parametrize("before", [MilestoneState.PARTIALLY_MET, MilestoneState.NOT_MET])
def test_what_was_missed_can_still_be_met_later(before):
    contract = active()
    OUTCOMES[before](contract, milestone_of(contract))

    meet(contract, milestone_of(contract))

    assert contract.milestone_state(milestone_of(contract)) is MilestoneState.MET


@pytest.mark.row("C8")
def test_a_milestone_is_not_met_in_the_future():
    contract = active()

    with pytest.raises(Invalid) as refused:
        contract.meet_milestone(
            milestone_of(contract), evidence="x", met_on=ENDS, by=AUTHOR, on=STARTS
        )

    assert refused.value.rule == "met-not-in-future"


@pytest.mark.row("C8")
def test_milestones_of_a_draft_are_not_decided():
    contract = draft()

    with pytest.raises(Conflict) as refused:
        meet(contract, milestone_of(contract))

    assert refused.value.rule == "contract-state"


@pytest.mark.row("C8")
def test_a_final_report_may_be_accepted_after_the_end():
    contract = active()
    contract.expire(ENDS + timedelta(days=1))

    meet(contract, milestone_of(contract))

    assert contract.milestone_state(milestone_of(contract)) is MilestoneState.MET


@pytest.mark.row("C8")
def test_a_milestone_that_was_never_agreed_is_refused():
    with pytest.raises(NotFound) as refused:
        meet(active(), new_id())

    assert refused.value.rule == "milestone-exists"


@pytest.mark.row("C8")
def test_a_contract_is_not_completed_while_a_milestone_is_undecided():
    contract = active(terms(milestones=(payment(), report())))
    meet(contract, milestone_of(contract))

    with pytest.raises(Conflict, match="Annual report") as refused:
        contract.complete(ENDS)

    assert refused.value.rule == "milestones-decided"


@pytest.mark.row("C8")
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_contract_is_completed_once_every_milestone_is_decided(outcome):
    contract = active()
    OUTCOMES[outcome](contract, milestone_of(contract))

    contract.complete(ENDS)

    assert contract.state is ContractState.COMPLETED


def test_a_contract_expires_after_its_last_day_not_on_it():
    contract = active()

    assert not contract.expires_by(ENDS)
    assert contract.expires_by(ENDS + timedelta(days=1))


def test_an_expired_contract_tells_the_day_of_its_end():
    contract = active()

    contract.expire(ENDS + timedelta(days=3))

    assert contract.collect() == [ContractExpired(contract_id=contract.id, expired_on=ENDS)]


@pytest.mark.parametrize(
    "changes",
    [
        {"renewal": RenewalType.AUTO},
        {"renewal": RenewalType.EVERGREEN, "ends_on": None},
    ],
)
def test_what_renews_by_itself_or_is_evergreen_does_not_expire(changes):
    assert not active(terms(**changes)).expires_by(ENDS + timedelta(days=400))


def test_a_signed_contract_is_not_cancelled():
    with pytest.raises(Conflict) as refused:
        signed().cancel("Too late")

    assert refused.value.rule == "contract-state"
