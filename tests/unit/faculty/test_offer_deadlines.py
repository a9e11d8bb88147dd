"""An offer never outlives the start of its programme, also where a session is moved."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.faculty.domain.design import Session
from services.faculty.domain.enrolment import Enrolment
from services.faculty.domain.policy import Policy
from services.faculty.domain.programme import Programme
from shared.database import Database
from shared.errors import Conflict
from shared.events.faculty import OfferDeadlineMoved, PlaceOffered, PlaceOfferLapsed
from shared.identifiers import new_id
from shared.work import Actor
from tests.unit.faculty.examples import (
    BEFORE,
    FIRST_DAY,
    POLICY,
    contract,
    enrolling,
    only,
    session,
)
from tests.unit.faculty.office import FacultyOffice

pytestmark = pytest.mark.row("F2")

RANA = Actor(id="rana", roles=frozenset({"observer"}))


def with_an_offer(*sessions: Session) -> tuple[Programme, Enrolment]:
    """One place, on offer since BEFORE for 48 hours; somebody else waits."""
    programme = enrolling(capacity=1, sessions=sessions or (session(0), session(1)))
    first, second, _ = (programme.enrol(new_id(), at=BEFORE, policy=POLICY) for _ in range(3))
    programme.withdraw(first.id, at=BEFORE, policy=POLICY)
    programme.collect()
    return programme, programme.enrolment(second.id)


def moved(
    programme: Programme, *starts: datetime, at: datetime = BEFORE, policy: Policy = POLICY
) -> None:
    """The sessions begin at these moments, each as long as before."""
    sessions = tuple(
        replace(each, starts_at=start, ends_at=start + each.length)
        for each, start in zip(programme.sessions, starts, strict=False)
    )
    changed = replace(
        programme.current_design, sessions=(*sessions, *programme.sessions[len(sessions) :])
    )
    programme.redesign(changed, contract=contract(), at=at, policy=policy)


def until(programme: Programme, offered: Enrolment) -> datetime | None:
    return programme.enrolment(offered.id).offered_until


def test_a_session_moved_earlier_shortens_the_offer() -> None:
    programme, offered = with_an_offer()
    start = BEFORE + timedelta(hours=5)
    moved(programme, start)
    assert until(programme, offered) == start
    event = only(OfferDeadlineMoved, programme.collect())
    assert (event.participant_id, event.until) == (offered.participant_id, start)


def test_the_shortened_offer_cannot_be_accepted_after_the_start() -> None:
    programme, offered = with_an_offer()
    moved(programme, BEFORE + timedelta(hours=5))
    with pytest.raises(Conflict) as refused:
        programme.accept_offer(offered.id, at=BEFORE + timedelta(hours=6))
    assert refused.value.rule == "offer-in-time"


def test_a_session_moved_back_gives_the_whole_time_again() -> None:
    programme, offered = with_an_offer()
    moved(programme, BEFORE + timedelta(hours=5))
    moved(programme, FIRST_DAY, at=BEFORE + timedelta(hours=1))
    assert until(programme, offered) == BEFORE + timedelta(hours=48)


def test_a_session_moved_within_the_time_of_the_offer_changes_nothing() -> None:
    programme, offered = with_an_offer()
    moved(programme, FIRST_DAY - timedelta(days=3))
    assert until(programme, offered) == offered.offered_until
    assert not [each for each in programme.collect() if isinstance(each, OfferDeadlineMoved)]


def test_an_offer_lapses_where_the_start_is_moved_into_the_past() -> None:
    programme, offered = with_an_offer()
    moved(programme, BEFORE + timedelta(hours=2), at=BEFORE + timedelta(hours=3))
    assert programme.enrolment(offered.id).state == "lapsed"
    events = programme.collect()
    assert only(PlaceOfferLapsed, events).participant_id == offered.participant_id
    assert not [each for each in events if isinstance(each, OfferDeadlineMoved)]


def test_an_offer_that_had_run_out_is_not_revived_by_a_later_start() -> None:
    programme, offered = with_an_offer(session(-27))  # begins a day after BEFORE
    start = FIRST_DAY + timedelta(days=3)
    moved(programme, start, at=BEFORE + timedelta(hours=30))
    assert programme.enrolment(offered.id).state == "lapsed"
    assert only(PlaceOffered, programme.collect()).until == BEFORE + timedelta(hours=78)


def test_a_later_session_that_becomes_the_first_counts() -> None:
    programme, offered = with_an_offer()
    moved(programme, FIRST_DAY, BEFORE + timedelta(hours=7))
    assert until(programme, offered) == BEFORE + timedelta(hours=7)


def test_an_added_session_that_becomes_the_first_counts() -> None:
    programme, offered = with_an_offer()
    earlier = replace(
        session(0),
        starts_at=BEFORE + timedelta(hours=9),
        ends_at=BEFORE + timedelta(hours=10),
    )
    changed = replace(programme.current_design, sessions=(*programme.sessions, earlier))
    programme.redesign(changed, contract=contract(), at=BEFORE, policy=POLICY)
    assert until(programme, offered) == earlier.starts_at


def test_a_first_session_that_is_cancelled_and_reinstated_moves_the_deadline() -> None:
    near = session(-27)  # a day after BEFORE
    programme, offered = with_an_offer(near, session(0))
    assert until(programme, offered) == near.starts_at
    programme.cancel_session(near.id, "Snow", at=BEFORE, policy=POLICY)
    assert until(programme, offered) == BEFORE + timedelta(hours=48)
    programme.reinstate_session(near.id, contract=contract(), at=BEFORE, policy=POLICY)
    assert until(programme, offered) == near.starts_at


def test_an_office_that_changes_the_hours_keeps_what_it_promised() -> None:
    programme, offered = with_an_offer()
    moved(programme, FIRST_DAY - timedelta(days=1), policy=Policy(offer_hours=1))
    assert until(programme, offered) == BEFORE + timedelta(hours=48)


def test_the_deadline_is_the_moment_of_a_start_in_another_zone() -> None:
    programme, offered = with_an_offer()
    there = datetime.fromisoformat("2026-02-03T00:30:00+13:00")  # still 2 February in London
    moved(programme, there)
    assert until(programme, offered) == datetime(2026, 2, 2, 11, 30, tzinfo=UTC)


def test_an_offer_made_after_the_start_ends_with_a_start_that_is_put_off() -> None:
    programme, first = enrolling(capacity=1, sessions=(session(0, hours=8),)), None
    first, second = (programme.enrol(new_id(), at=BEFORE, policy=POLICY) for _ in range(2))
    begun = FIRST_DAY + timedelta(hours=1)
    programme.withdraw(first.id, at=begun, policy=POLICY)
    assert until(programme, second) == programme.ends_at
    put_off = FIRST_DAY + timedelta(hours=5)
    moved(programme, put_off, at=begun)
    assert until(programme, second) == put_off


def test_every_open_offer_is_told() -> None:
    programme = enrolling(capacity=2)
    people = [programme.enrol(new_id(), at=BEFORE, policy=POLICY) for _ in range(4)]
    for leaver in people[:2]:
        programme.withdraw(leaver.id, at=BEFORE, policy=POLICY)
    programme.collect()
    moved(programme, BEFORE + timedelta(hours=5))
    told = [each for each in programme.collect() if isinstance(each, OfferDeadlineMoved)]
    assert [each.participant_id for each in told] == [each.participant_id for each in people[2:]]


def test_the_person_sees_the_new_deadline(database: Database) -> None:
    office = FacultyOffice(database)
    programme = office.enrolling(capacity=1)
    first = office.do("enrol", id=programme, participant_id=office.person(1))
    mine = office.person(2, account_id="rana")
    office.do("enrol", id=programme, participant_id=mine)
    office.do("withdraw", id=programme, enrolment_id=first["id"])
    _begin(office, programme, "2026-02-03T08:00:00+02:00")
    (shown,) = office.ask("get_own_enrolments", actor=RANA)["items"]
    assert (shown["state"], shown["offered_until"]) == ("offered", "2026-02-03T06:00:00+00:00")
    (event,) = office.told("offer_deadline_moved")
    assert (event["participant_id"], event["until"]) == (mine, "2026-02-03T06:00:00+00:00")
    office.tick(date(2026, 2, 3))
    assert office.ask("get_own_enrolments", actor=RANA)["items"][0]["state"] == "lapsed"


def _begin(office: FacultyOffice, programme: str, moment: str) -> None:
    sessions: list[dict[str, Any]] = office.ask("get_programme", id=programme)["sessions"]
    sessions[0] |= {"starts_at": moment, "ends_at": moment.replace("T08", "T10")}
    office.do("redesign_programme", id=programme, sessions=sessions)
