"""On-site and remote places apart: each kind has its capacity, its offers and its waiting list."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from services.faculty.domain.enrolment import Enrolment, EnrolmentState
from services.faculty.domain.programme import Programme
from services.faculty.domain.room import Room
from services.faculty.domain.stages import ProgrammeState
from shared.database import Database
from shared.errors import Conflict, Invalid, NotFound
from shared.events.faculty import PlaceKind, PlaceWanted
from shared.identifiers import new_id
from shared.work import Actor
from tests.unit.faculty.examples import BEFORE, POLICY, contract, enrolling
from tests.unit.faculty.office import FacultyOffice
from tests.unit.faculty.test_coming_at_once import DOORS, EACH, rush

pytestmark = pytest.mark.row("F2")

ON_SITE, REMOTE, EITHER = PlaceWanted.ON_SITE, PlaceWanted.REMOTE, PlaceWanted.EITHER
RANA = Actor(id="rana", roles=frozenset({"observer"}))


def apart(on_site: int, remote: int) -> Programme:
    return enrolling(capacity=on_site + remote, remote_capacity=remote)


def enrol(programme: Programme, wanted: PlaceWanted | None) -> Enrolment:
    return programme.enrol(new_id(), at=BEFORE, policy=POLICY, wanted=wanted)


def places(programme: Programme) -> list[tuple[str, str | None]]:
    return [(each.state.value, each.place and each.place.value) for each in programme.enrolments]


def leave(programme: Programme, enrolment: Enrolment) -> None:
    programme.withdraw(enrolment.id, at=BEFORE, policy=POLICY)


def test_a_free_place_of_the_other_kind_is_no_place() -> None:
    programme = apart(1, 5)
    enrol(programme, ON_SITE)
    enrol(programme, ON_SITE)
    assert places(programme) == [("enrolled", "on_site"), ("waiting", None)]


def test_nobody_waits_for_what_others_wait_for() -> None:
    """A newcomer takes a free remote place, though others wait for an on-site one."""
    programme = apart(1, 1)
    for wanted in (ON_SITE, ON_SITE, REMOTE):
        enrol(programme, wanted)
    assert places(programme)[2] == ("enrolled", "remote")


def test_a_freed_place_is_offered_to_who_waits_for_its_kind() -> None:
    programme = apart(1, 1)
    _, remote, waits_on_site, waits_remote = (
        enrol(programme, wanted) for wanted in (ON_SITE, REMOTE, ON_SITE, REMOTE)
    )
    leave(programme, remote)
    assert programme.enrolment(waits_on_site.id).state == "waiting"
    offered = programme.enrolment(waits_remote.id)
    assert (offered.state, offered.place) == ("offered", "remote")
    accepted = programme.accept_offer(waits_remote.id, at=BEFORE)
    assert (accepted.state, accepted.place) == ("enrolled", "remote")


@pytest.mark.parametrize("leaver", [0, 1])
def test_whoever_takes_either_is_offered_what_frees_first(leaver: int) -> None:
    programme = apart(1, 1)
    people = [enrol(programme, wanted) for wanted in (ON_SITE, REMOTE, EITHER, ON_SITE, REMOTE)]
    leave(programme, people[leaver])
    offered = programme.enrolment(people[2].id)
    assert (offered.state, offered.place) == ("offered", ("on_site", "remote")[leaver])


def test_whoever_takes_either_gets_the_kind_of_which_more_are_free() -> None:
    programme = apart(2, 3)
    for _ in range(5):
        enrol(programme, EITHER)
    assert [place for _, place in places(programme)] == [
        "remote",
        "on_site",
        "remote",
        "on_site",
        "remote",
    ]


def test_either_leaves_the_kind_that_the_next_one_needs() -> None:
    """Two places free at once: whoever comes later is served too, and nobody overtakes."""
    programme = apart(1, 1)
    first, second = enrol(programme, ON_SITE), enrol(programme, REMOTE)
    either, on_site = enrol(programme, EITHER), enrol(programme, ON_SITE)
    programme.cancel("Strike")
    programme.enrolments = tuple(
        replace(each, state=EnrolmentState.WITHDRAWN) if each.id in (first.id, second.id) else each
        for each in programme.enrolments
    )
    programme.reinstate(at=BEFORE, policy=POLICY)
    assert programme.enrolment(either.id).place == "remote"
    assert programme.enrolment(on_site.id).place == "on_site"


@pytest.mark.parametrize(
    ("free", "wanted", "served"),
    [
        ((1, 0), [REMOTE, EITHER, ON_SITE], {1: "on_site"}),
        ((0, 2), [ON_SITE, EITHER, REMOTE], {1: "remote", 2: "remote"}),
        ((2, 1), [EITHER, EITHER, EITHER, ON_SITE], {0: "on_site", 1: "on_site", 2: "remote"}),
        ((1, 1), [EITHER, ON_SITE, REMOTE], {0: "remote", 1: "on_site"}),
        ((0, 0), [EITHER], {}),
        ((3, 3), [], {}),
    ],
)
def test_places_are_shared_out_in_the_order_of_coming(
    free: tuple[int, int], wanted: list[PlaceWanted], served: dict[int, str]
) -> None:
    room = Room.of(sum(free), free[1], ())
    assert {position: kind and kind.value for position, kind in room.share_out(wanted)} == served


def test_a_group_gets_all_its_remote_places_or_none() -> None:
    programme = apart(5, 2)
    with pytest.raises(Conflict, match="3 places and 2 are free"):
        programme.enrol_group(
            tuple(new_id() for _ in range(3)), at=BEFORE, policy=POLICY, wanted=REMOTE
        )
    assert programme.enrolments == ()
    group = tuple(new_id() for _ in range(7))
    programme.enrol_group(group, at=BEFORE, policy=POLICY, wanted=EITHER)
    assert (programme.taken, programme.remote_taken) == (7, 2)


def test_a_latecomer_gets_a_place_of_the_kind_or_none() -> None:
    programme = apart(2, 1)
    enrol(programme, REMOTE)
    programme.start(contract=contract())
    with pytest.raises(Conflict, match="The only remote place is taken"):
        programme.enrol_late(new_id(), at=BEFORE, wanted=REMOTE)
    assert programme.enrol_late(new_id(), at=BEFORE, wanted=EITHER).place == "on_site"


def test_a_kind_without_places_says_so() -> None:
    programme = apart(2, 0)
    enrol(programme, ON_SITE)
    programme.start(contract=contract())
    with pytest.raises(Conflict, match="There are no remote places"):
        programme.enrol_late(new_id(), at=BEFORE, wanted=REMOTE)


def test_nobody_guesses_which_place_suits() -> None:
    with pytest.raises(Invalid) as refused:
        enrol(apart(1, 1), None)
    assert (refused.value.rule, refused.value.field) == ("place-wanted", "wanted")


@pytest.mark.parametrize("wanted", [ON_SITE, REMOTE])
def test_a_kind_is_no_question_where_places_are_not_kept_apart(wanted: PlaceWanted) -> None:
    programme = enrolling()
    with pytest.raises(Invalid) as refused:
        enrol(programme, wanted)
    assert refused.value.rule == "places-apart"
    assert enrol(programme, EITHER).wanted is None


@pytest.mark.parametrize("remote", [-1, 3, 10_000])
def test_there_are_no_more_remote_places_than_places(remote: int) -> None:
    with pytest.raises(Invalid) as refused:
        enrolling(capacity=2, remote_capacity=remote)
    assert refused.value.field == "remote_capacity"


def redesign(programme: Programme, so_far: PlaceKind | None = None, **changed: Any) -> None:
    programme.redesign(
        replace(programme.current_design, **changed),
        contract=contract(),
        at=BEFORE,
        policy=POLICY,
        places_so_far=so_far,
    )


@pytest.mark.parametrize(
    ("capacity", "remote", "field"), [(3, 1, "remote_capacity"), (3, 3, "capacity")]
)
def test_taken_places_of_a_kind_are_never_taken_back(
    capacity: int, remote: int, field: str
) -> None:
    programme = apart(2, 2)
    for wanted in (ON_SITE, REMOTE, REMOTE):
        enrol(programme, wanted)
    with pytest.raises(Conflict) as refused:
        redesign(programme, capacity=capacity, remote_capacity=remote)
    assert (refused.value.rule, refused.value.field) == ("capacity-covers-taken-places", field)


def test_added_remote_places_go_to_who_waits_for_them() -> None:
    programme = apart(1, 1)
    for wanted in (ON_SITE, REMOTE, ON_SITE, REMOTE):
        enrol(programme, wanted)
    redesign(programme, capacity=3, remote_capacity=2)
    assert places(programme)[2:] == [("waiting", None), ("offered", "remote")]


def test_places_are_kept_apart_from_now_on() -> None:
    programme = enrolling(capacity=2)
    for _ in range(3):
        enrol(programme, None)
    with pytest.raises(Invalid) as refused:
        redesign(programme, capacity=4, remote_capacity=2)
    assert refused.value.field == "places_so_far"
    redesign(programme, PlaceKind.ON_SITE, capacity=4, remote_capacity=2)
    assert places(programme) == [
        ("enrolled", "on_site"),
        ("enrolled", "on_site"),
        ("waiting", None),
    ]
    assert enrol(programme, REMOTE).state == "enrolled"


def test_places_that_are_kept_apart_cover_those_taken_so_far() -> None:
    programme = enrolling(capacity=3)
    for _ in range(3):
        enrol(programme, None)
    with pytest.raises(Conflict) as refused:
        redesign(programme, PlaceKind.REMOTE, remote_capacity=2)
    assert refused.value.field == "remote_capacity"
    redesign(programme, PlaceKind.REMOTE, remote_capacity=3)
    assert programme.remote_taken == 3


def test_places_are_no_longer_kept_apart() -> None:
    programme = apart(1, 2)
    for wanted in (ON_SITE, ON_SITE):
        enrol(programme, wanted)
    redesign(programme, remote_capacity=None)
    assert places(programme) == [("enrolled", None), ("offered", None)]
    assert programme.remote_taken is None


def test_who_was_turned_away_waits_again_for_the_same_kind() -> None:
    programme = apart(1, 1)
    people = [enrol(programme, wanted) for wanted in (ON_SITE, ON_SITE, REMOTE, REMOTE)]
    programme.start(contract=contract())
    programme.take_back("Too early", at=BEFORE, policy=POLICY)
    leave(programme, people[2])
    assert places(programme) == [
        ("enrolled", "on_site"),
        ("waiting", None),
        ("withdrawn", "remote"),
        ("offered", "remote"),
    ]


def change(programme: Programme, enrolment: Enrolment, wanted: PlaceWanted) -> Enrolment:
    return programme.change_place(enrolment.id, wanted, at=BEFORE, policy=POLICY)


def test_somebody_moves_to_a_free_place_and_theirs_is_offered_on() -> None:
    programme = apart(1, 1)
    first, second = enrol(programme, ON_SITE), enrol(programme, ON_SITE)
    assert change(programme, first, REMOTE).place == "remote"
    offered = programme.enrolment(second.id)
    assert (offered.state, offered.place) == ("offered", "on_site")


def test_nobody_moves_to_a_place_that_is_taken_or_on_offer() -> None:
    programme = apart(1, 1)
    first, second, third = (enrol(programme, each) for each in (ON_SITE, REMOTE, REMOTE))
    with pytest.raises(Conflict, match=r"The only remote place is taken\. Keep the place"):
        change(programme, first, REMOTE)
    leave(programme, second)
    assert programme.enrolment(third.id).state == "offered"
    with pytest.raises(Conflict) as refused:
        change(programme, first, REMOTE)
    assert refused.value.rule == "place-free"
    assert places(programme)[0] == ("enrolled", "on_site")


def test_who_takes_either_from_now_on_keeps_the_place_they_have() -> None:
    programme = apart(1, 5)
    changed = change(programme, enrol(programme, ON_SITE), EITHER)
    assert (changed.place, changed.wanted) == ("on_site", "either")


def test_who_waits_keeps_their_turn_and_is_offered_what_is_free() -> None:
    programme = apart(1, 1)
    people = [enrol(programme, each) for each in (ON_SITE, REMOTE, ON_SITE, REMOTE, ON_SITE)]
    change(programme, people[4], EITHER)
    change(programme, people[2], REMOTE)
    leave(programme, people[1])
    assert programme.enrolment(people[2].id).place == "remote"
    leave(programme, people[0])
    assert programme.enrolment(people[4].id).place == "on_site"


def test_a_change_of_mind_to_a_free_kind_is_offered_at_once() -> None:
    programme = apart(1, 1)
    enrol(programme, ON_SITE)
    offered = change(programme, enrol(programme, ON_SITE), REMOTE)
    assert (offered.state, offered.place) == ("offered", "remote")
    with pytest.raises(Conflict) as refused:
        change(programme, offered, ON_SITE)
    assert refused.value.rule == "offer-settled"


def test_the_same_wish_again_is_no_event() -> None:
    programme = apart(1, 1)
    enrolment = enrol(programme, ON_SITE)
    programme.collect()
    assert change(programme, enrolment, ON_SITE) == enrolment
    assert programme.collect() == []


def test_places_change_while_the_programme_runs_and_not_afterwards() -> None:
    programme = apart(1, 1)
    enrolment = enrol(programme, ON_SITE)
    programme.start(contract=contract())
    assert change(programme, enrolment, REMOTE).place == "remote"
    leave(programme, enrolment)
    with pytest.raises(Conflict) as refused:
        change(programme, enrolment, ON_SITE)
    assert refused.value.rule == "enrolment-stands"


def test_there_is_no_kind_to_change_where_places_are_not_kept_apart() -> None:
    programme = enrolling()
    enrolment = enrol(programme, None)
    assert change(programme, enrolment, EITHER) == enrolment
    with pytest.raises(Invalid) as refused:
        change(programme, enrolment, REMOTE)
    assert refused.value.rule == "places-apart"


def test_people_change_their_own_place_and_nobody_elses(database: Database) -> None:
    office = FacultyOffice(database)
    programme = office.enrolling(capacity=4, remote_capacity=2)
    ids = []
    for number, account in enumerate(("rana", None)):
        person = office.person(number, account_id=account)
        body: dict[str, Any] = {"id": programme, "participant_id": person, "wanted": "on_site"}
        ids.append(office.do("enrol", **body)["id"])
    mine, other = ids
    changed = {"id": programme, "wanted": "remote"}
    moved = office.do("change_place", actor=RANA, enrolment_id=mine, **changed)
    assert moved["place"] == "remote"
    with pytest.raises(NotFound):
        office.do("change_place", actor=RANA, enrolment_id=other, **changed)
    (told,) = office.told("participant_changed_place")
    assert (told["wanted"], told["place"]) == ("remote", "remote")


def test_the_waiting_list_is_one_for_each_kind() -> None:
    programme = apart(1, 1)
    people = [enrol(programme, each) for each in (ON_SITE, REMOTE, ON_SITE, REMOTE, EITHER, REMOTE)]
    waiting = [programme.place_in_queue(programme.enrolment(each.id)) for each in people]
    assert waiting == [None, None, 1, 1, 3, 3]
    programme.move_in_queue(people[5].id, 1, "Cannot travel")
    waiting = [programme.place_in_queue(programme.enrolment(each.id)) for each in people]
    assert waiting == [None, None, 1, 2, 4, 1]


def test_the_api_says_what_kind_of_place_there_is(database: Database) -> None:
    office = FacultyOffice(database)
    programme = office.enrolling(capacity=2, remote_capacity=1)
    for number, account in enumerate((None, "rana")):
        office.do(
            "enrol",
            id=programme,
            participant_id=office.person(number, account_id=account),
            wanted="remote",
        )
    (mine,) = office.ask("get_own_enrolments", actor=RANA)["items"]
    assert (mine["wanted"], mine["place"], mine["place_in_queue"]) == ("remote", None, 1)
    assert mine["waiting_because"] == "The only remote place is taken. You are next."
    shown = office.ask("get_programme", id=programme)
    assert (shown["remote_capacity"], shown["taken"], shown["remote_taken"]) == (1, 1, 1)
    (enrolled,) = office.told("participant_enrolled")
    (waits,) = office.told("participant_waitlisted")
    assert (enrolled["place"], waits["wanted"]) == ("remote", "remote")
    assert office.told("programme_designed")[0]["remote_capacity"] == 1


def test_a_change_of_the_title_keeps_places_apart(database: Database) -> None:
    office = FacultyOffice(database)
    programme = office.enrolling(capacity=2, remote_capacity=1)
    changed = office.do("redesign_programme", id=programme, title="Another title")
    assert changed["remote_capacity"] == 1
    assert (
        office.do("redesign_programme", id=programme, remote_capacity=None)["remote_capacity"]
        is None
    )


def test_two_cannot_take_the_last_remote_place(database: Database) -> None:
    office = FacultyOffice(database)
    programme = office.enrolling(capacity=50, remote_capacity=3)
    assert rush(office, programme, "remote") == {"enrolled": 3, "waiting": DOORS * EACH - 3}


class ApartMachine(RuleBasedStateMachine):
    """People come for either kind, leave, and answer offers, and the places change, at random."""

    come = Bundle("come")

    def __init__(self) -> None:
        super().__init__()
        self.now = BEFORE
        self.programme = apart(1, 2)

    @rule(target=come, wanted=st.sampled_from(PlaceWanted))
    def somebody_comes(self, wanted: PlaceWanted) -> UUID:
        return self.programme.enrol(new_id(), at=self.now, policy=POLICY, wanted=wanted).id

    @rule(enrolment=come)
    def leaves(self, enrolment: UUID) -> None:
        self._where_allowed(lambda: self.programme.withdraw(enrolment, at=self.now, policy=POLICY))

    @rule(enrolment=come)
    def accepts(self, enrolment: UUID) -> None:
        self._where_allowed(lambda: self.programme.accept_offer(enrolment, at=self.now))

    @rule(hours=st.integers(1, 60))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        self.programme.lapse_offers(at=self.now, policy=POLICY)

    @rule(size=st.integers(1, 3), wanted=st.sampled_from(PlaceWanted))
    def a_group_comes(self, size: int, wanted: PlaceWanted) -> None:
        group = tuple(new_id() for _ in range(size))
        self._where_allowed(
            lambda: self.programme.enrol_group(group, at=self.now, policy=POLICY, wanted=wanted)
        )

    @rule(enrolment=come, wanted=st.sampled_from(PlaceWanted))
    def changes_place(self, enrolment: UUID, wanted: PlaceWanted) -> None:
        self._where_allowed(
            lambda: self.programme.change_place(enrolment, wanted, at=self.now, policy=POLICY)
        )

    @rule(on_site=st.integers(0, 3), remote=st.integers(0, 3))
    def places_change(self, on_site: int, remote: int) -> None:
        with suppress(Invalid):
            self._where_allowed(
                lambda: redesign(self.programme, capacity=on_site + remote, remote_capacity=remote)
            )

    @rule()
    def is_started_by_mistake(self) -> None:
        self._where_allowed(lambda: self.programme.start(contract=contract()))
        if self.programme.state is ProgrammeState.RUNNING:
            self.programme.take_back("Too early", at=self.now, policy=POLICY)

    @invariant()
    def no_kind_is_over_its_capacity(self) -> None:
        room = self.programme.room
        assert all(room.left(kind) >= 0 for kind in PlaceKind)
        assert room.taken.total() == self.programme.taken

    @invariant()
    def everybody_has_what_suits(self) -> None:
        for each in self.programme.enrolments:
            if each.holds_a_place:
                assert each.place in self.programme.room.suiting(each.wanted)

    @invariant()
    def no_place_stands_empty_while_somebody_waits_for_it(self) -> None:
        for each in self.programme.enrolments_that_are(EnrolmentState.WAITING):
            assert self.programme.room.free_for(each.wanted) == 0

    def _where_allowed(self, act: Callable[[], object]) -> None:
        with suppress(Conflict):
            act()


TestApart = ApartMachine.TestCase
TestApart.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
