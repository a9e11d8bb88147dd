"""The office comes back to an institution that it had declined, or that had left."""

from datetime import date

import pytest

from services.partner.domain.due_diligence import Check
from services.partner.domain.partner import PartnerState
from shared.errors import Conflict, Forbidden
from shared.events.partner import PartnerProposedAgain
from shared.events.vocabulary import RiskBand, Role
from tests.unit.partner.story import (
    COLLEAGUE,
    SPONSOR,
    TODAY,
    approve,
    approved,
    check_all,
    proposed,
    rate,
    result,
    reviewed,
)
from tests.unit.partner.story import record as record_checks

pytestmark = pytest.mark.row("P2")

YEARS_LATER = date(2029, 9, 3)
NEW_SPONSOR = "officer-9"


def declined():
    partner = reviewed()
    partner.decline("No capacity")
    return partner


def left():
    partner = approved()
    partner.leave("Ended by both")
    return partner


def back(partner):
    partner.collect()
    partner.propose_again("A new dean", sponsor_id=NEW_SPONSOR, on=YEARS_LATER)
    return partner


@pytest.mark.parametrize("gone", [declined, left])
def test_it_is_a_proposal_of_its_new_sponsor_again(gone):
    partner = back(gone())

    assert partner.collect() == [
        PartnerProposedAgain(partner_id=partner.id, sponsor_id=NEW_SPONSOR, reason="A new dean")
    ]
    assert (partner.state, partner.proposed_on) == (PartnerState.PROSPECT, YEARS_LATER)


@pytest.mark.row("P3")
@pytest.mark.parametrize("gone", [declined, left])
def test_what_was_reviewed_before_stays_in_the_history_and_no_longer_counts(gone):
    partner = back(gone())
    partner.start_review()

    with pytest.raises(Conflict) as refused:
        approve(partner, on=YEARS_LATER)

    assert refused.value.rule == "due-diligence-complete"
    assert len(partner.checks) == 5
    assert partner.current_checks == ()


def test_reviewed_anew_it_is_approved_by_somebody_else_than_its_new_sponsor():
    partner = back(left())
    partner.start_review()
    check_all(partner, on=YEARS_LATER)

    for sponsor, word in ((NEW_SPONSOR, "You sponsor"), (SPONSOR, "You once sponsored")):
        with pytest.raises(Forbidden, match=word) as refused:
            approve(partner, by=sponsor, on=YEARS_LATER)
        assert refused.value.rule == "sponsor-does-not-approve"
    approve(partner, on=YEARS_LATER)

    assert partner.state is PartnerState.APPROVED


@pytest.mark.row("P3")
@pytest.mark.parametrize("sponsor", [SPONSOR, NEW_SPONSOR])
def test_whoever_sponsored_it_once_reviews_and_rates_nothing_of_it_either(sponsor):
    partner = back(left())
    partner.start_review()

    with pytest.raises(Forbidden) as refused:
        record_checks(partner, result(Check.LEGAL, on=YEARS_LATER, reviewer_id=sponsor))
    assert refused.value.rule == "sponsor-does-not-review"
    with pytest.raises(Forbidden) as refused:
        rate(partner, RiskBand.LOW, by=sponsor)
    assert refused.value.rule == "sponsor-does-not-rate"
    assert partner.risk_band is RiskBand.LOW


@pytest.mark.row("P3")
def test_nobody_but_the_board_takes_it_out_of_high_risk_on_this_way():
    partner = reviewed(RiskBand.HIGH)
    partner.decline("Too risky")
    back(partner)
    partner.start_review()

    with pytest.raises(Forbidden) as refused:
        rate(partner, RiskBand.LOW, Role.PARTNERSHIP_MANAGER)

    assert refused.value.rule == "high-risk-needs-board"
    rate(partner, RiskBand.LOW)


@pytest.mark.parametrize("still_here", [proposed, reviewed, approved])
def test_what_is_not_gone_is_not_proposed_again(still_here):
    with pytest.raises(Conflict) as refused:
        back(still_here())

    assert refused.value.rule == "partner-lifecycle"


@pytest.mark.row("P3")
def test_a_check_of_a_partner_that_left_is_refused_with_the_way_back():
    with pytest.raises(Conflict, match="propose it again first"):
        record_checks(left(), result(Check.LEGAL, on=TODAY, reviewer_id=COLLEAGUE))
