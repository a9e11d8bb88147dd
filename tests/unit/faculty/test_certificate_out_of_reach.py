"""“Can no longer reach 80 %”: exactly when nothing that can still be recorded would earn it."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from services.faculty.domain.attendance import Attendance, Attended, attended_by
from services.faculty.domain.design import Session
from services.faculty.domain.programme import Programme
from shared.errors import Invalid
from shared.identifiers import new_id
from tests.unit.faculty.examples import (
    AFTERWARDS,
    BEFORE,
    FIRST_DAY,
    POLICY,
    contract,
    design,
    participants_of,
    running,
    session,
)

pytestmark = pytest.mark.row("F3")

PERSON = new_id()


def at_hour(hour: int, hours: int = 1, group: str | None = None) -> Session:
    return session(hour / 24, hours=hours, group=group)


def recorded(
    sessions: Sequence[Session], present: Iterable[Session], unknown: Iterable[Session] = ()
) -> tuple[Attendance, ...]:
    there, open_ = {each.id for each in present}, {each.id for each in unknown}
    return tuple(
        Attendance(each.id, (PERSON,) if each.id in there else ())
        for each in sessions
        if each.id not in open_
    )


def attended(
    *sessions: Session,
    at: Iterable[Session] = (),
    unknown: Iterable[Session] = (),
    enrolled_at: datetime = BEFORE,
) -> Attended:
    return attended_by(PERSON, sessions, recorded(sessions, at, unknown), enrolled_at=enrolled_at)


def test_stations_that_rotate_can_all_be_attended() -> None:
    """Group B can only be attended in the first hour, so A is attended in the second."""
    first_a, second_a = at_hour(0, group="A"), at_hour(1, group="A")
    only_b = at_hour(0, group="B")
    carousel = (first_a, second_a, only_b)
    assert attended(*carousel, unknown=carousel).out_of_reach(80) is None
    assert attended(*carousel, at=(second_a, only_b)).percent == 100


@pytest.mark.parametrize("turned", [False, True])
def test_what_could_be_attended_does_not_depend_on_the_order_of_the_sessions(turned: bool) -> None:
    sessions = [at_hour(0, group="A"), at_hour(1, group="A"), at_hour(0, group="B"), at_hour(5)]
    there = sessions[3:]
    counted = attended(*(reversed(sessions) if turned else sessions), at=there)
    assert (counted.percent, counted.hours) == (33, Decimal(1))


def test_having_been_at_a_session_that_was_then_cancelled_does_not_bring_forward_the_rest() -> None:
    """A walk-in at an evening that counts for nobody has not been there since that evening."""
    evening, missed, rest = session(0), session(1), session(2)
    off = Session(**{**vars(evening), "cancelled_because": "Held again"})
    counted = attended(off, missed, rest, at=(off, rest), enrolled_at=rest.starts_at)
    assert counted.percent == 100


def test_an_empty_list_of_a_session_that_is_then_moved_is_no_absence() -> None:
    programme = running(1, sessions=(session(0), session(1)))
    second = programme.sessions[1]
    programme.record_attendance(second.id, (), at=AFTERWARDS)
    later = Session(
        **{
            **vars(second),
            "starts_at": AFTERWARDS + timedelta(days=1),
            "ends_at": AFTERWARDS + timedelta(days=1, hours=4),
        }
    )
    changed = programme.current_design
    changed = type(changed)(**{**vars(changed), "sessions": (programme.sessions[0], later)})
    programme.redesign(changed, contract=contract(), at=AFTERWARDS, policy=POLICY)
    assert programme.unrecorded == programme.sessions
    assert programme.attended_by(participants_of(programme)[0]).out_of_reach(80) is None


def test_a_rotation_of_ten_stations_is_planned_and_counted() -> None:
    stations = tuple(at_hour(hour, group=f"S{name}") for name in range(10) for hour in range(10))
    Programme.design(
        design(sessions=stations),
        lead_id="lead",
        reference="PRG-1",
        contract=contract(),
        policy=POLICY,
    )
    once_each = [stations[number * 11] for number in range(10)]
    assert attended(*stations, at=once_each).percent == 100
    assert attended(*stations, unknown=stations).out_of_reach(100) is None


def test_parallel_sessions_that_overlap_in_too_many_ways_are_refused_when_designed() -> None:
    stations = tuple(at_hour(hour, group=f"S{name}") for name in range(11) for hour in range(11))
    with pytest.raises(Invalid) as refused:
        Programme.design(
            design(sessions=stations),
            lead_id="lead",
            reference="PRG-1",
            contract=contract(),
            policy=POLICY,
        )
    assert (refused.value.rule, refused.value.field) == ("parallel-groups-countable", "sessions")


def test_four_hundred_sessions_in_parallel_groups_of_weekly_meetings_are_counted() -> None:
    """No two groups overlap, so that no choice of one is a choice of another."""
    weeks = tuple(
        session(week + half / 2, hours=1 + half, group=f"Week {week}")
        for week in range(200)
        for half in (0, 1)
    )
    assert attended(*weeks, at=weeks).percent == 100


# What is right, by trying everything.


def minutes(sessions: Iterable[Session]) -> int:
    covered: set[datetime] = set()
    for each in sessions:
        hours = (each.ends_at - each.starts_at) // timedelta(hours=1)
        covered |= {each.starts_at + timedelta(hours=hour) for hour in range(hours)}
    return len(covered)


def best(sessions: Sequence[Session], present: Sequence[Session], came_at: datetime) -> Fraction:
    groups: dict[object, list[Session]] = {}
    for each in sessions:
        groups.setdefault(each.parallel_group or each.id, []).append(each)
    there = [[each for each in group if each in present] for group in groups.values()]
    were = [group for group in there if group]
    not_ = [
        [each for each in group if each.starts_at >= came_at]
        for group in groups.values()
        if not any(each in present for each in group)
    ]
    shares = [Fraction(0)]
    for chosen in product(*were):
        of = max(
            minutes([*chosen, *others]) for others in product(*(group for group in not_ if group))
        )
        if of:
            shares.append(Fraction(minutes(chosen), of))
    return max(shares)


@some.composite
def programmes(draw: some.DrawFn) -> tuple[list[Session], list[Session], list[Session], datetime]:
    sessions = [
        at_hour(
            draw(some.integers(0, 4)), draw(some.integers(1, 3)), draw(some.sampled_from(GROUPS))
        )
        for _ in range(draw(some.integers(1, 6)))
    ]
    fates = [draw(some.sampled_from(("there", "absent", "unknown"))) for _ in sessions]
    present, unknown = (
        [each for each, fate in zip(sessions, fates, strict=True) if fate == wanted]
        for wanted in ("there", "unknown")
    )
    return sessions, present, unknown, FIRST_DAY + timedelta(hours=draw(some.integers(-1, 4)))


GROUPS = (None, "A", "B", "C")


@settings(deadline=None)
@given(programmes(), some.sampled_from((30, 50, 67, 80, 100)))
def test_counting_and_out_of_reach_are_what_trying_everything_finds(
    programme: tuple[list[Session], list[Session], list[Session], datetime], percent: int
) -> None:
    sessions, present, unknown, enrolled_at = programme
    counted = attended(*sessions, at=present, unknown=unknown, enrolled_at=enrolled_at)

    def share(there: Sequence[Session]) -> Fraction:
        return best(sessions, there, min((enrolled_at, *(each.starts_at for each in there))))

    assert counted.percent == int(share(present) * 100)
    still = any(
        share([*present, *more]) * 100 >= percent and (present or more)
        for size in range(len(unknown) + 1)
        for more in combinations(unknown, size)
    )
    assert (counted.out_of_reach(percent) is None) is bool(still)
