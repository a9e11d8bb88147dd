"""Places are given first come, first served, and never more than there are."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from services.faculty.domain.enrolment import Enrolment, EnrolmentState
from services.faculty.domain.policy import Policy
from services.faculty.domain.programme import Programme
from services.faculty.domain.stages import ProgrammeState
from shared.errors import Conflict, Invalid, NotFound
from shared.events.faculty import (
    ParticipantEnrolled,
    ParticipantWaitlisted,
    ParticipantWithdrew,
    PlaceOfferDeclined,
    PlaceOffered,
    PlaceOfferLapsed,
)
from shared.identifiers import new_id
from tests.unit.faculty.examples import (
    AFTERWARDS,
    BEFORE,
    FIRST_DAY,
    POLICY,
    contract,
    designed,
    enrolling,
    only,
    running,
    session,
)

pytestmark = pytest.mark.row("F2")


def enrol(programme: Programme, person: UUID | None = None, at: datetime = BEFORE) -> Enrolment:
    return programme.enrol(person or new_id(), at=at, policy=POLICY)


def state_of(programme: Programme, enrolment: Enrolment) -> EnrolmentState:
    return programme.enrolment(enrolment.id).state


def full_with_two_waiting() -> tuple[Programme, Enrolment, Enrolment, Enrolment]:
    programme = enrolling(capacity=1)
    return programme, enrol(programme), enrol(programme), enrol(programme)


def with_an_offer() -> tuple[Programme, Enrolment, Enrolment]:
    """One place, on offer to the first who waited; another still waits."""
    programme, first, second, third = full_with_two_waiting()
    programme.withdraw(first.id, at=BEFORE, policy=POLICY)
    programme.collect()
    return programme, programme.enrolment(second.id), third


def test_a_free_place_is_given_at_once() -> None:
    programme = enrolling(capacity=2)
    enrol(programme)
    event = only(ParticipantEnrolled, programme.collect())
    assert (event.enrolled, event.capacity) == (1, 2)


def test_a_full_programme_puts_newcomers_on_the_waiting_list() -> None:
    programme = enrolling(capacity=1)
    enrol(programme)
    late = enrol(programme)
    assert late.state is EnrolmentState.WAITING
    assert only(ParticipantWaitlisted, programme.collect()).waiting == 1


def test_nobody_is_enrolled_twice() -> None:
    programme, person = enrolling(), new_id()
    enrol(programme, person)
    with pytest.raises(Conflict) as refused:
        enrol(programme, person)
    assert refused.value.rule == "enrolled-once"


def test_nobody_waits_twice() -> None:
    programme, person = enrolling(capacity=1), new_id()
    enrol(programme)
    enrol(programme, person)
    with pytest.raises(Conflict) as refused:
        enrol(programme, person)
    assert refused.value.rule == "enrolled-once"


def test_who_withdrew_may_come_back_at_the_end_of_the_queue() -> None:
    programme, person = enrolling(capacity=1), new_id()
    first = enrol(programme, person)
    waiting = enrol(programme)
    programme.withdraw(first.id, at=BEFORE, policy=POLICY)
    again = enrol(programme, person)
    assert [each.id for each in programme.enrolments] == [
        first.id,
        waiting.id,
        again.id,
    ]


def test_nobody_enrols_before_enrolment_opens() -> None:
    with pytest.raises(Conflict) as refused:
        enrol(designed())
    assert refused.value.rule == "programme-state"


def test_nobody_enrols_once_the_programme_runs() -> None:
    with pytest.raises(Conflict) as refused:
        enrol(running())
    assert refused.value.rule == "programme-state"


def test_a_freed_place_is_offered_to_who_waits_longest() -> None:
    programme, first, second, third = full_with_two_waiting()
    programme.withdraw(first.id, at=BEFORE, policy=POLICY)
    assert [state_of(programme, each) for each in (second, third)] == [
        "offered",
        "waiting",
    ]


def test_an_offer_lasts_48_hours() -> None:
    _, offered, _ = with_an_offer()
    assert offered.offered_until == BEFORE + timedelta(hours=48)


def test_how_long_an_offer_lasts_is_the_offices_choice() -> None:
    programme, first, second, _ = full_with_two_waiting()
    programme.withdraw(first.id, at=BEFORE, policy=Policy(offer_hours=12))
    assert programme.enrolment(second.id).offered_until == BEFORE + timedelta(hours=12)


def test_no_offer_outlives_the_first_session() -> None:
    programme, first, second, _ = full_with_two_waiting()
    programme.withdraw(first.id, at=FIRST_DAY - timedelta(hours=3), policy=POLICY)
    assert programme.enrolment(second.id).offered_until == FIRST_DAY


def test_withdrawing_says_how_many_are_left() -> None:
    programme, first, _, _ = full_with_two_waiting()
    programme.collect()
    programme.withdraw(first.id, at=BEFORE, policy=POLICY)
    events = programme.collect()
    assert only(ParticipantWithdrew, events).enrolled == 0
    assert isinstance(events[-1], PlaceOffered)


def test_an_open_offer_holds_the_place_against_newcomers() -> None:
    programme, _, _ = with_an_offer()
    assert enrol(programme).state is EnrolmentState.WAITING


def test_an_accepted_offer_is_a_place() -> None:
    programme, offered, _ = with_an_offer()
    accepted = programme.accept_offer(offered.id, at=BEFORE + timedelta(hours=48))
    assert accepted.state is EnrolmentState.ENROLLED
    assert only(ParticipantEnrolled, programme.collect()).enrolled == 1


def test_an_offer_cannot_be_accepted_after_its_time() -> None:
    programme, offered, _ = with_an_offer()
    with pytest.raises(Conflict) as refused:
        programme.accept_offer(offered.id, at=BEFORE + timedelta(hours=48, seconds=1))
    assert refused.value.rule == "offer-in-time"


def test_an_offer_that_ends_with_the_first_session_says_so_in_utc() -> None:
    """Sessions keep the offset of their place; what is called UTC must be."""
    there = timezone(timedelta(hours=5, minutes=30))
    first = session()
    first = replace(first, starts_at=first.starts_at.astimezone(there))
    programme = enrolling(capacity=1, sessions=(first,))
    enrolments = [programme.enrol(new_id(), at=BEFORE, policy=POLICY) for _ in range(2)]
    programme.withdraw(enrolments[0].id, at=FIRST_DAY - timedelta(hours=1), policy=POLICY)
    with pytest.raises(Conflict, match=r"02 March 2026, 09:00 UTC"):
        programme.accept_offer(enrolments[1].id, at=FIRST_DAY + timedelta(seconds=1))


def test_who_was_offered_nothing_has_nothing_to_accept() -> None:
    programme, _, waiting = with_an_offer()
    with pytest.raises(Conflict) as refused:
        programme.accept_offer(waiting.id, at=BEFORE)
    assert refused.value.rule == "place-on-offer"


def test_a_declined_offer_goes_to_the_next() -> None:
    programme, offered, waiting = with_an_offer()
    programme.decline_offer(offered.id, at=BEFORE, policy=POLICY)
    assert state_of(programme, offered) is EnrolmentState.DECLINED
    assert state_of(programme, waiting) is EnrolmentState.OFFERED
    assert only(PlaceOfferDeclined, programme.collect()).participant_id == offered.participant_id


def test_a_lapsed_offer_goes_to_the_next() -> None:
    programme, offered, waiting = with_an_offer()
    programme.lapse_offers(at=BEFORE + timedelta(hours=49), policy=POLICY)
    events = programme.collect()
    assert only(PlaceOfferLapsed, events).participant_id == offered.participant_id
    assert only(PlaceOffered, events).participant_id == waiting.participant_id


def test_an_offer_within_its_time_does_not_lapse() -> None:
    programme, _, _ = with_an_offer()
    programme.lapse_offers(at=BEFORE + timedelta(hours=47), policy=POLICY)
    assert programme.collect() == []


def test_lapsing_twice_changes_nothing_more() -> None:
    programme, _, _ = with_an_offer()
    programme.lapse_offers(at=BEFORE + timedelta(hours=49), policy=POLICY)
    programme.collect()
    programme.lapse_offers(at=BEFORE + timedelta(hours=49), policy=POLICY)
    assert programme.collect() == []


def test_a_newcomer_does_not_overtake_when_an_offer_has_lapsed_unnoticed() -> None:
    programme, _, waiting = with_an_offer()
    newcomer = enrol(programme, at=BEFORE + timedelta(hours=49))
    assert newcomer.state is EnrolmentState.WAITING
    assert state_of(programme, waiting) is EnrolmentState.OFFERED


def test_added_places_are_offered_to_the_waiting_list() -> None:
    programme, _, second, third = full_with_two_waiting()
    programme.redesign(
        replace(programme.current_design, capacity=3),
        contract=contract(),
        at=BEFORE,
        policy=POLICY,
    )
    assert [state_of(programme, each) for each in (second, third)] == [
        "offered",
        "offered",
    ]


def test_who_waits_can_leave_the_waiting_list() -> None:
    programme, _, second, _ = full_with_two_waiting()
    programme.withdraw(second.id, at=BEFORE, policy=POLICY)
    assert state_of(programme, second) is EnrolmentState.WITHDRAWN


def test_nobody_withdraws_twice() -> None:
    programme, first, _, _ = full_with_two_waiting()
    programme.withdraw(first.id, at=BEFORE, policy=POLICY)
    with pytest.raises(Conflict) as refused:
        programme.withdraw(first.id, at=BEFORE, policy=POLICY)
    assert refused.value.rule == "enrolment-stands"


def test_an_unknown_enrolment_is_not_found() -> None:
    with pytest.raises(NotFound):
        enrolling().withdraw(new_id(), at=BEFORE, policy=POLICY)


def test_a_place_that_frees_while_running_is_not_offered() -> None:
    programme = running(2)
    programme.withdraw(programme.enrolments[0].id, at=AFTERWARDS, policy=POLICY)
    assert [type(event) for event in programme.collect()] == [ParticipantWithdrew]


def test_open_offers_lapse_when_the_programme_starts() -> None:
    programme = enrolling(capacity=2)
    leaver, _, offered = enrol(programme), enrol(programme), enrol(programme)
    programme.withdraw(leaver.id, at=BEFORE, policy=POLICY)
    programme.collect()
    programme.start(contract=contract())
    assert only(PlaceOfferLapsed, programme.collect()).participant_id == offered.participant_id


class EnrolmentMachine(RuleBasedStateMachine):
    """People come, leave, accept, decline, and let offers lapse, in any order."""

    come = Bundle("come")

    def __init__(self) -> None:
        super().__init__()
        self.now = BEFORE
        self.programme = enrolling(capacity=2)
        self.counted = 0

    @rule(target=come)
    def somebody_comes(self) -> UUID:
        return self.programme.enrol(new_id(), at=self.now, policy=POLICY).id

    @rule(enrolment=come)
    def leaves(self, enrolment: UUID) -> None:
        self._where_allowed(lambda: self.programme.withdraw(enrolment, at=self.now, policy=POLICY))

    @rule(enrolment=come)
    def accepts(self, enrolment: UUID) -> None:
        self._where_allowed(lambda: self.programme.accept_offer(enrolment, at=self.now))

    @rule(enrolment=come)
    def declines(self, enrolment: UUID) -> None:
        self._where_allowed(
            lambda: self.programme.decline_offer(enrolment, at=self.now, policy=POLICY)
        )

    @rule(size=st.integers(1, 3))
    def a_group_comes(self, size: int) -> None:
        group = tuple(new_id() for _ in range(size))
        self._where_allowed(lambda: self.programme.enrol_group(group, at=self.now, policy=POLICY))

    @rule(enrolment=come, place=st.integers(1, 3))
    def is_moved_in_the_queue(self, enrolment: UUID, place: int) -> None:
        with suppress(Invalid):
            self._where_allowed(
                lambda: self.programme.move_in_queue(enrolment, place, "It is urgent")
            )

    @rule(hours=st.integers(1, 60))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        self.programme.lapse_offers(at=self.now, policy=POLICY)

    @rule(capacity=st.integers(1, 4))
    def capacity_changes(self, capacity: int) -> None:
        changed = replace(self.programme.current_design, capacity=capacity)
        self._where_allowed(
            lambda: self.programme.redesign(
                changed, contract=contract(), at=self.now, policy=POLICY
            )
        )

    @rule(hours=st.integers(0, 60))
    def is_started_by_mistake(self, hours: int) -> None:
        self._where_allowed(lambda: self.programme.start(contract=contract()))
        if self.programme.state is ProgrammeState.RUNNING:
            self.now += timedelta(hours=hours)
            self.programme.take_back("Too early", at=self.now, policy=POLICY)

    @invariant()
    def never_over_capacity(self) -> None:
        assert self.programme.taken <= self.programme.capacity

    @invariant()
    def no_place_stands_empty_while_somebody_waits(self) -> None:
        assert self.programme.waiting == 0 or self.programme.taken == self.programme.capacity

    @invariant()
    def nobody_overtakes(self) -> None:
        """Nobody who came later holds a place while an earlier one still waits."""
        standing = [each.holds_a_place for each in self.programme.enrolments if each.stands]
        assert standing == sorted(standing, reverse=True)

    @invariant()
    def counts_equal_a_recount_from_the_events(self) -> None:
        for event in self.programme.collect():
            if isinstance(event, ParticipantEnrolled | ParticipantWithdrew):
                self.counted = event.enrolled
        assert self.counted == self.programme.enrolled

    def _where_allowed(self, act: Callable[[], object]) -> None:
        with suppress(Conflict):
            act()


TestEnrolment = EnrolmentMachine.TestCase
TestEnrolment.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
