"""The states of a partnership: every allowed move, and that there is no other."""

import pytest

from services.partner.domain.partner import Partner, PartnerState
from shared.errors import Conflict
from tests.unit.partner.story import proposed, types

MOVES = {
    "start_review": lambda partner: partner.start_review(),
    "decline": lambda partner: partner.decline("no capacity"),
    "activate": lambda partner: partner.activate(),
    "rest": lambda partner: partner.rest("no work"),
    "leave": lambda partner: partner.leave("ended by both"),
}
ALLOWED = {
    ("start_review", "prospect"): ("under_review", "partner.review_started"),
    ("decline", "under_review"): ("declined", "partner.declined"),
    ("activate", "approved"): ("active", "partner.activated"),
    ("activate", "dormant"): ("active", "partner.activated"),
    ("rest", "active"): ("dormant", "partner.became_dormant"),
    ("leave", "approved"): ("exited", "partner.exited"),
    ("leave", "active"): ("exited", "partner.exited"),
    ("leave", "dormant"): ("exited", "partner.exited"),
}
FORBIDDEN = [
    (move, state.value)
    for move in MOVES
    for state in PartnerState
    if (move, state.value) not in ALLOWED
]


def partner_in(state: str) -> Partner:
    partner = proposed()
    partner.state = PartnerState(state)
    partner.collect()
    return partner


@pytest.mark.row("P2")
@pytest.mark.parametrize(("move", "state"), ALLOWED)
def test_a_partner_moves_on_and_it_is_told(move, state):
    partner, (target, event) = partner_in(state), ALLOWED[move, state]
    MOVES[move](partner)
    assert (partner.state, types(partner)) == (target, [event])


@pytest.mark.row("P2")
@pytest.mark.parametrize(("move", "state"), FORBIDDEN)
def test_no_other_move_is_possible_and_nothing_changes(move, state):
    partner = partner_in(state)
    with pytest.raises(Conflict):
        MOVES[move](partner)
    assert (partner.state, types(partner)) == (state, [])
