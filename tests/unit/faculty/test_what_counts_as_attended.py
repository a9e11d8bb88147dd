"""Of which time the 80 % are taken: parallel groups, overlaps, cancelled sessions, latecomers."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from services.faculty.domain.attendance import Attendance, Attended, attended_by
from services.faculty.domain.design import Session
from services.faculty.domain.policy import Policy
from services.faculty.domain.programme import Programme
from shared.errors import Conflict
from shared.identifiers import new_id
from tests.unit.faculty.examples import (
    AFTERWARDS,
    BEFORE,
    FIRST_DAY,
    POLICY,
    attend,
    contract,
    participants_of,
    running,
    session,
)

pytestmark = pytest.mark.row("F3")

PERSON = new_id()
PERCENT = POLICY.attendance_percent


def attended(
    *sessions: Session,
    at: tuple[Session, ...] = (),
    unrecorded: tuple[Session, ...] = (),
    enrolled_at: datetime = BEFORE,
) -> Attended:
    """What the person attended who was at some sessions, of those whose attendance is recorded."""
    attendance = tuple(
        Attendance(each.id, (PERSON,) if each in at else ())
        for each in sessions
        if each not in unrecorded
    )
    return attended_by(PERSON, sessions, attendance, enrolled_at=enrolled_at)


def cancelled(session_: Session) -> Session:
    return Session(**{**vars(session_), "cancelled_because": "Snow"})


def test_of_parallel_groups_one_is_enough() -> None:
    plenary, first, second, third = (
        session(0),
        *(session(1, group="Practice", mandatory=True) for _ in range(3)),
    )
    counted = attended(plenary, first, second, third, at=(plenary, second))
    assert (counted.percent, counted.missed_mandatory) == (100, ())
    assert counted.qualifies(PERCENT)


def test_parallel_groups_count_once_even_for_somebody_who_went_to_both() -> None:
    morning, afternoon = session(0, group="Practice"), session(0.25, group="Practice")
    assert attended(morning, afternoon, at=(morning, afternoon)).hours == Decimal("4.00")


def test_names_of_parallel_groups_are_compared_as_people_read_them() -> None:
    first, second = session(0, group="Practice"), session(1, group="practice ")
    assert attended(first, second, at=(second,)).percent == 100


def test_a_parallel_group_is_as_long_as_the_session_that_was_attended() -> None:
    long, short = session(0, hours=3, group="Practice"), session(1, hours=2, group="Practice")
    counted = attended(long, short, at=(short,))
    assert (counted.hours, counted.percent) == (Decimal("2.00"), 100)


def test_who_went_to_none_of_the_parallel_groups_missed_one_session() -> None:
    sessions = (session(0), *(session(1, group="Practice", mandatory=True) for _ in range(2)))
    counted = attended(*sessions, at=sessions[:1])
    assert counted.percent == 50
    assert set(counted.missed_mandatory) == {each.id for each in sessions[1:]}


def test_overlapping_hours_count_once_in_both_counts() -> None:
    lecture, clinic = session(0, hours=3), session(2 / 24, hours=2)  # 9 to 12, and 11 to 13
    both = attended(lecture, clinic, at=(lecture, clinic))
    assert (both.hours, both.percent) == (Decimal("4.00"), 100)
    assert attended(lecture, clinic, at=(lecture,)).percent == 75


def test_a_session_within_another_adds_nothing() -> None:
    whole, inner = session(0, hours=6), session(1 / 24, hours=1)
    assert attended(whole, inner, at=(whole,)).percent == 100
    assert attended(whole, inner, at=(whole, inner)).hours == Decimal("6.00")


def test_sessions_of_several_zones_overlap_by_the_clock_of_the_world() -> None:
    here = session(0, hours=2)
    offset = FIRST_DAY.astimezone(tz=None).tzinfo
    there = Session(
        new_id(), "There", here.starts_at.astimezone(offset), here.ends_at.astimezone(offset), False
    )
    assert attended(here, there, at=(here, there)).hours == Decimal("2.00")


@pytest.mark.parametrize("was_there", [True, False])
def test_a_cancelled_session_counts_for_nobody(was_there: bool) -> None:
    held, off = session(0), cancelled(session(1, mandatory=True))
    counted = attended(held, off, at=(held, off) if was_there else (held,))
    assert (counted.hours, counted.percent, counted.missed_mandatory) == (Decimal("4.00"), 100, ())


def test_a_cancelled_parallel_session_leaves_the_other_to_go_to() -> None:
    off, held = cancelled(session(0, group="A", mandatory=True)), session(1, group="A")
    assert not attended(off, held).qualifies(PERCENT)
    assert attended(off, held, at=(held,)).qualifies(PERCENT)


def test_sessions_before_a_late_enrolment_could_not_be_attended() -> None:
    days = tuple(session(day) for day in range(4))
    late = attended(*days, at=days[2:], enrolled_at=days[2].starts_at)
    assert (late.percent, late.hours) == (100, Decimal("8.00"))


def test_a_mandatory_session_before_a_late_enrolment_is_still_missed() -> None:
    opening, rest = session(0, mandatory=True), session(1)
    late = attended(opening, rest, at=(rest,), enrolled_at=rest.starts_at)
    assert late.missed_mandatory == (opening.id,)
    assert late.out_of_reach(PERCENT) == "A mandatory session was missed."


def test_a_walk_in_counts_from_the_first_session_at_which_they_were() -> None:
    """Entered on the third evening: absent on the second day is absent."""
    days = tuple(session(day) for day in range(3))
    late = attended(*days, at=(days[0], days[2]), enrolled_at=days[2].ends_at)
    assert late.percent == 66


def test_somebody_enrolled_after_everything_attended_nothing() -> None:
    counted = attended(session(0), enrolled_at=AFTERWARDS)
    assert (counted.percent, counted.qualifies(1)) == (0, False)


def test_leaving_and_coming_back_does_not_shorten_what_could_be_attended() -> None:
    programme = running(1, sessions=tuple(session(day) for day in range(4)))
    (person,) = participants_of(programme)
    programme.withdraw(programme.enrolments[0].id, at=FIRST_DAY, policy=POLICY)
    programme.enrol_late(person, at=programme.sessions[3].starts_at)
    for each in programme.sessions:
        present = (person,) if each is programme.sessions[3] else ()
        programme.record_attendance(each.id, present, at=AFTERWARDS)
    assert programme.attended_by(person).percent == 25


def test_whoever_withdrew_after_everything_has_a_certificate_once_enrolled_again() -> None:
    """Withdrawing is their own decision; a lead who knows better enrols them, also afterwards."""
    programme = running(2)
    leaver, stayer = participants_of(programme)
    attend(programme, *programme.sessions, by=(leaver, stayer))
    programme.withdraw(programme.enrolments[0].id, at=AFTERWARDS, policy=POLICY)
    programme.deliver(at=AFTERWARDS, policy=POLICY)
    assert [each.participant_id for each in programme.earned()] == [stayer]
    programme.enrol_late(leaver, at=AFTERWARDS)
    assert {each.participant_id for each in programme.earned()} == {leaver, stayer}


def test_zero_percent_still_needs_somebody_to_come() -> None:
    assert not attended(session(0)).qualifies(0)


@pytest.mark.parametrize(
    ("absent", "unreachable"), [((), False), ((0,), False), ((0, 1), True), ((0, 1, 2), True)]
)
def test_80_percent_out_of_reach_shows_as_soon_as_it_is_true(
    absent: tuple[int, ...], unreachable: bool
) -> None:
    days = tuple(session(day) for day in range(5))
    counted = attended(*days, unrecorded=tuple(d for n, d in enumerate(days) if n not in absent))
    assert bool(counted.out_of_reach(PERCENT)) is unreachable


def test_a_session_that_is_over_but_not_recorded_is_not_missed_yet() -> None:
    only = session(0, mandatory=True)
    counted = attended(only, unrecorded=(only,))
    assert counted.out_of_reach(PERCENT) is None
    assert counted.missed_mandatory == (only.id,)


def test_a_missed_parallel_session_is_not_lost_while_another_is_to_come() -> None:
    first, second = (session(day, group="Practice", mandatory=True) for day in range(2))
    assert attended(first, second, unrecorded=(second,)).out_of_reach(PERCENT) is None
    assert attended(first, second).out_of_reach(PERCENT)


def test_cancelling_what_was_missed_brings_80_percent_back_within_reach() -> None:
    days = tuple(session(day) for day in range(3))
    programme = running(1, sessions=days)
    (person,) = participants_of(programme)
    programme.record_attendance(days[0].id, (), at=AFTERWARDS)
    assert programme.attended_by(person).out_of_reach(PERCENT)
    programme.cancel_session(days[0].id, "Held for nobody", at=AFTERWARDS, policy=POLICY)
    assert programme.attended_by(person).out_of_reach(PERCENT) is None


def test_an_unreachable_certificate_that_is_not_earned_never_is() -> None:
    """Whoever is out of reach does not qualify, whatever is recorded of the rest."""
    days = tuple(session(day, hours=hours) for day, hours in enumerate((3, 1, 2, 2)))
    shut = attended(*days, unrecorded=days[1:])
    assert shut.out_of_reach(PERCENT)
    assert not attended(*days, at=days[1:]).qualifies(PERCENT)


def moved(programme: Programme, number: int, days: int) -> tuple[Session, ...]:
    return tuple(
        Session(
            **{
                **vars(each),
                "starts_at": each.starts_at + timedelta(days=days),
                "ends_at": each.ends_at + timedelta(days=days),
            }
        )
        if position == number
        else each
        for position, each in enumerate(programme.sessions)
    )


def redesign(programme: Programme, sessions: tuple[Session, ...], at: datetime) -> None:
    changed = programme.current_design
    changed = type(changed)(**{**vars(changed), "sessions": sessions})
    programme.redesign(changed, contract=contract(), at=at, policy=POLICY)


def test_a_session_is_moved_while_the_programme_runs() -> None:
    programme = running()
    redesign(programme, moved(programme, 1, 7), FIRST_DAY)
    assert programme.ends_at == FIRST_DAY + timedelta(days=8, hours=4)


def test_a_session_with_people_present_is_not_moved_into_the_future() -> None:
    programme = running()
    programme.record_attendance(programme.sessions[0].id, participants_of(programme), at=FIRST_DAY)
    with pytest.raises(Conflict) as refused:
        redesign(programme, moved(programme, 0, 7), FIRST_DAY)
    assert (refused.value.rule, refused.value.field) == ("session-begun", "sessions.0.starts_at")


def test_a_wrong_time_of_a_session_with_attendance_is_corrected() -> None:
    programme = running()
    programme.record_attendance(programme.sessions[1].id, participants_of(programme), at=AFTERWARDS)
    redesign(programme, moved(programme, 1, -1), AFTERWARDS)
    assert programme.sessions[1].starts_at == FIRST_DAY


def test_a_session_with_people_present_cannot_be_left_out() -> None:
    programme = running()
    programme.record_attendance(programme.sessions[0].id, participants_of(programme), at=FIRST_DAY)
    with pytest.raises(Conflict) as refused:
        redesign(programme, programme.sessions[1:], FIRST_DAY)
    assert refused.value.rule == "session-on-record"


def test_attendance_of_a_cancelled_session_counts_again_once_it_is_reinstated() -> None:
    programme = running()
    first, (person,) = programme.sessions[0], participants_of(programme)
    programme.record_attendance(first.id, (person,), at=AFTERWARDS)
    programme.cancel_session(first.id, "The wrong one", at=AFTERWARDS, policy=POLICY)
    assert programme.attended_by(person).hours == 0
    programme.reinstate_session(first.id, contract=contract(), at=AFTERWARDS, policy=POLICY)
    assert programme.attended_by(person).hours == 4


def test_the_last_session_left_is_not_cancelled_alone() -> None:
    programme = running()
    programme.cancel_session(programme.sessions[0].id, "Snow", at=AFTERWARDS, policy=POLICY)
    with pytest.raises(Conflict) as refused:
        programme.cancel_session(programme.sessions[1].id, "Snow", at=AFTERWARDS, policy=POLICY)
    assert refused.value.rule == "at-least-one-session"


def test_a_cancelled_session_takes_no_attendance_and_holds_up_no_delivery() -> None:
    programme = running()
    off, held = programme.sessions
    programme.cancel_session(off.id, "Snow", at=AFTERWARDS, policy=POLICY)
    with pytest.raises(Conflict) as refused:
        programme.record_attendance(off.id, (), at=AFTERWARDS)
    assert refused.value.rule == "session-held"
    programme.record_attendance(held.id, participants_of(programme), at=AFTERWARDS)
    assert len(programme.deliver(at=AFTERWARDS, policy=POLICY)) == 1


def test_who_had_withdrawn_before_a_session_was_not_there() -> None:
    programme = running()
    (person,) = participants_of(programme)
    programme.withdraw(programme.enrolments[0].id, at=FIRST_DAY, policy=POLICY)
    with pytest.raises(Conflict) as refused:
        programme.add_present(programme.sessions[1].id, person, at=AFTERWARDS)
    assert refused.value.rule == "present-before-withdrawal"


def test_who_withdrew_after_a_session_can_still_be_recorded_as_there() -> None:
    programme = running()
    (person,) = participants_of(programme)
    programme.withdraw(programme.enrolments[0].id, at=AFTERWARDS, policy=POLICY)
    programme.add_present(programme.sessions[1].id, person, at=AFTERWARDS)
    assert programme.present_at(programme.sessions[1].id) == (person,)


def test_adding_and_removing_one_person_leaves_everybody_else() -> None:
    programme = running(3)
    first, second, third = participants_of(programme)
    session_id = programme.sessions[0].id
    programme.record_attendance(session_id, (first, second), at=AFTERWARDS)
    programme.add_present(session_id, third, at=AFTERWARDS)
    programme.remove_present(session_id, first, at=AFTERWARDS)
    assert set(programme.present_at(session_id)) == {second, third}


def test_adding_twice_and_removing_twice_is_no_event() -> None:
    programme = running()
    (person,) = participants_of(programme)
    for _ in range(2):
        programme.add_present(programme.sessions[0].id, person, at=AFTERWARDS)
    for _ in range(2):
        programme.remove_present(programme.sessions[0].id, person, at=AFTERWARDS)
    assert len(programme.collect()) == 2


def test_the_only_session_of_a_delivered_programme_is_corrected_not_cancelled() -> None:
    """What is advised must be possible: a delivered programme cannot be cancelled."""
    programme = running(1, sessions=(session(0),))
    programme.record_attendance(programme.sessions[0].id, (), at=AFTERWARDS)
    programme.deliver(at=AFTERWARDS, policy=POLICY)
    with pytest.raises(Conflict, match="correct who was present at it"):
        programme.cancel_session(
            programme.sessions[0].id, "Nobody came", at=AFTERWARDS, policy=POLICY
        )


def test_the_share_at_delivery_keeps_counting_for_corrections() -> None:
    programme = running(1, sessions=tuple(session(day) for day in range(5)))
    for each in programme.sessions[:4]:
        programme.record_attendance(each.id, participants_of(programme), at=AFTERWARDS)
    programme.record_attendance(programme.sessions[4].id, (), at=AFTERWARDS)
    programme.deliver(at=AFTERWARDS, policy=Policy(attendance_percent=75))
    programme.remove_present(programme.sessions[3].id, participants_of(programme)[0], at=AFTERWARDS)
    assert programme.percent_needed(Policy(attendance_percent=50)) == 75
    assert programme.earned() == ()
