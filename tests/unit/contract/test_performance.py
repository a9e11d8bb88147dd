"""In force, milestones, and the end (C8 and the lifecycle)."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from services.contract.domain.lifecycle import ContractState
from services.contract.domain.milestones import MilestoneState
from services.contract.domain.partners import PartnerState
from shared.errors import Conflict, Invalid, NotFound
from shared.events.contract import (
    ContractActivated,
    ContractEndsWithOpenWork,
    ContractExpired,
    MilestoneMet,
    OpenWork,
)
from shared.events.vocabulary import MilestoneType, RenewalType
from shared.identifiers import new_id
from tests.unit.contract.story import (
    ENDS,
    STARTS,
    active,
    decide,
    draft,
    gbp,
    meet,
    met,
    missed,
    part,
    partner,
    payment,
    report,
    signed,
    terms,
    told,
)

OUTCOMES = {
    MilestoneState.MET: met(),
    MilestoneState.PARTIALLY_MET: part(),
    MilestoneState.NOT_MET: missed(),
}


def milestone_of(contract):
    return contract.terms.milestones[0].milestone_id


def test_a_contract_does_not_come_into_force_before_its_start():
    with pytest.raises(Conflict) as refused:
        signed().activate(STARTS - timedelta(days=1), partner=partner())

    assert refused.value.rule == "start-date-reached"


def test_a_contract_comes_into_force_on_its_start_and_tells_its_terms():
    contract = signed()
    contract.collect()

    contract.activate(STARTS, partner=partner())

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

    decide(contract, OUTCOMES[outcome])

    assert contract.milestone_state(milestone_of(contract)) is outcome


@pytest.mark.row("C8")
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_what_is_met_stays_met_until_it_is_corrected(outcome):
    contract = active()
    meet(contract, milestone_of(contract))

    with pytest.raises(Conflict) as refused:
        decide(contract, OUTCOMES[outcome])

    assert refused.value.rule == "milestone-state"


@pytest.mark.row("C8")
@pytest.mark.parametrize("before", [MilestoneState.PARTIALLY_MET, MilestoneState.NOT_MET])
def test_what_was_missed_can_still_be_met_later(before):
    contract = active()
    decide(contract, OUTCOMES[before])

    meet(contract, milestone_of(contract))

    assert contract.milestone_state(milestone_of(contract)) is MilestoneState.MET


@pytest.mark.row("C8")
def test_milestones_of_a_draft_are_not_decided():
    contract = draft()

    with pytest.raises(Conflict) as refused:
        meet(contract, milestone_of(contract))

    assert refused.value.rule == "contract-state"


@pytest.mark.row("C8")
def test_a_final_report_may_be_accepted_after_the_end():
    contract = active()
    contract.expire(ENDS + timedelta(days=1), open_work=OpenWork())

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
        contract.complete(ENDS, latest=ENDS, open_work=OpenWork())

    assert refused.value.rule == "milestones-decided"


@pytest.mark.row("C8")
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_contract_is_completed_once_every_milestone_is_decided(outcome):
    contract = active()
    decide(contract, OUTCOMES[outcome])

    contract.complete(ENDS, latest=ENDS, open_work=OpenWork())

    assert contract.state is ContractState.COMPLETED


def test_a_contract_expires_after_its_last_day_not_on_it():
    contract = active()

    assert not contract.expires_by(ENDS)
    assert contract.expires_by(ENDS + timedelta(days=1))


def test_an_expired_contract_tells_the_day_of_its_end():
    contract = active()

    contract.expire(ENDS + timedelta(days=3), open_work=OpenWork())

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


# Open work at the end

WORK = OpenWork(engagements=2, draft_days=Decimal("3.50"), programmes=1)


@pytest.mark.row("C11")
def test_a_contract_with_open_work_is_not_completed_before_that_is_said():
    contract = active(terms(milestones=()))

    with pytest.raises(
        Conflict, match=r"2 engagements, 3\.5 days not submitted, 1 programme"
    ) as refused:
        contract.complete(ENDS, latest=ENDS, open_work=WORK)

    assert (refused.value.rule, contract.state) == ("open-work", ContractState.ACTIVE)


@pytest.mark.row("C11")
def test_a_contract_completed_despite_open_work_tells_its_owner_what_it_left():
    contract = active(terms(milestones=()))

    contract.complete(ENDS, latest=ENDS, open_work=WORK, despite_open_work=True)

    assert contract.collect()[-1] == ContractEndsWithOpenWork(
        contract_id=contract.id,
        partner_id=contract.partner_id,
        owner_id=contract.owner_id,
        ends_on=ENDS,
        open_work=WORK,
    )


@pytest.mark.row("C11")
def test_open_work_excuses_no_undecided_milestone():
    with pytest.raises(Conflict) as refused:
        active().complete(ENDS, latest=ENDS, open_work=WORK, despite_open_work=True)

    assert refused.value.rule == "milestones-decided"


@pytest.mark.row("C11")
def test_a_contract_does_not_expire_silently_over_open_work():
    contract = active()

    contract.expire(ENDS + timedelta(days=1), open_work=WORK)

    assert told(contract) == ["expired", "ends_with_open_work"]


@pytest.mark.row("C11")
def test_the_owner_is_told_ahead_once_for_each_version_of_the_terms():
    contract = active()
    contract.announce_end(OpenWork())
    contract.announce_end(WORK)
    contract.announce_end(WORK)
    assert told(contract) == ["ends_with_open_work"]

    contract.terms = replace(contract.terms, version=2)
    contract.announce_end(WORK)
    assert told(contract) == ["ends_with_open_work"]


# Parents and partners


@pytest.mark.row("C1")
@pytest.mark.parametrize("state", set(ContractState) - {ContractState.ACTIVE})
def test_a_contract_does_not_come_into_force_unless_its_parent_is(state):
    contract, parent = signed(), draft()
    parent.state = state

    with pytest.raises(Conflict) as refused:
        contract.activate(STARTS, partner=partner(), parent=parent)

    assert refused.value.rule == "parent-active"


@pytest.mark.row("C1")
@pytest.mark.parametrize("state", [ContractState.SIGNED, ContractState.ACTIVE])
def test_a_framework_with_signed_or_active_contracts_under_it_is_not_cancelled(state):
    parent, child = draft(), signed()
    child.state = state

    with pytest.raises(Conflict, match=child.reference) as refused:
        parent.cancel("No funding", [draft(), child])

    assert refused.value.rule == "parent-of-active"


@pytest.mark.row("P3")
@pytest.mark.parametrize(
    ("known", "rule"),
    [
        ({"state": PartnerState.EXITED}, "partner-approved"),
        ({"state": PartnerState.DECLINED}, "partner-approved"),
        ({"state": PartnerState.UNDER_REVIEW}, "partner-approved"),
        ({"due_diligence_until": None}, "due-diligence-valid"),
        ({"due_diligence_until": STARTS - timedelta(days=1)}, "due-diligence-valid"),
    ],
)
def test_nothing_comes_into_force_with_a_partner_that_is_gone_or_not_cleared(known, rule):
    with pytest.raises(Conflict) as refused:
        signed().activate(STARTS, partner=partner(**known))

    assert refused.value.rule == rule


@pytest.mark.row("P3")
def test_a_contract_with_a_partner_that_went_quiet_still_comes_into_force():
    contract = signed()

    contract.activate(STARTS, partner=partner(state=PartnerState.DORMANT))

    assert contract.state is ContractState.ACTIVE
