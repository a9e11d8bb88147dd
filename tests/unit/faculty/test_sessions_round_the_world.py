"""Sessions in zones of their own, nights when the clock changes, groups, and what is corrected."""

from datetime import date
from typing import Any

import pytest

from shared.database import Database
from shared.errors import Conflict, Invalid, Stale
from shared.work import Call
from tests.unit.faculty.office import LEAD, FacultyOffice
from tests.unit.faculty.test_certificates_follow import certificates, valid
from tests.unit.faculty.test_no_answer_can_be_traced import behaviour

pytestmark = pytest.mark.row("F3")


@pytest.fixture
def office(sqlite: Database) -> FacultyOffice:
    return FacultyOffice(sqlite)


def meeting(starts_at: str, ends_at: str, title: str = "Seminar", **more: Any) -> dict[str, Any]:
    return {"title": title, "starts_at": starts_at, "ends_at": ends_at, **more}


def running(
    office: FacultyOffice, *sessions: dict[str, Any], people: int = 1, day: date = date(2026, 12, 1)
) -> tuple[str, list[str], list[str]]:
    """A programme that has started; its id, and those of its people and its sessions."""
    programme = office.enrolling(sessions=list(sessions), capacity=people + 2)
    persons = [office.person(number) for number in range(people)]
    for person in persons:
        office.do("enrol", id=programme, participant_id=person)
    shown = office.do("start_programme", id=programme)
    office.day = day
    return programme, persons, [each["id"] for each in shown["sessions"]]


def attended(office: FacultyOffice, programme: str, session: str, *people: str) -> None:
    body = {"id": programme, "session_id": session, "present_ids": list(people)}
    version = office.ask("get_programme", id=programme)["version"]
    office.desk.execute("record_attendance", body, Call(actor=LEAD, expected_version=version))


def hours(office: FacultyOffice, programme: str) -> str:
    """On the certificate of the only person, once delivered."""
    office.do("deliver_programme", id=programme)
    return str(certificates(office, programme)[-1]["hours"])


def sent(office: FacultyOffice, programme: str, **changed: Any) -> list[dict[str, Any]]:
    """The sessions as they are, the first of them changed."""
    sessions: list[dict[str, Any]] = office.ask("get_programme", id=programme)["sessions"]
    sessions[0] |= changed
    return sessions


# --- Zones other than the office's


@pytest.mark.row("F1")
@pytest.mark.parametrize(
    ("starts_at", "ends_at"),
    [
        ("2026-01-01T00:30:00+14:00", "2026-01-01T02:00:00+14:00"),  # 31 December in London
        ("2026-12-31T20:00:00-10:00", "2027-01-01T00:00:00-10:00"),  # ends at midnight there
        ("2026-01-01T05:45:00+05:45", "2026-01-01T07:00:00+05:45"),
    ],
)
def test_the_period_of_the_contract_is_held_by_dates_at_the_place(
    office: FacultyOffice, starts_at: str, ends_at: str
) -> None:
    assert office.enrolling(sessions=[meeting(starts_at, ends_at)])


@pytest.mark.row("F1")
@pytest.mark.parametrize(
    ("starts_at", "ends_at", "field"),
    [
        ("2025-12-31T23:30:00-10:00", "2026-01-01T01:00:00-10:00", "sessions.0.starts_at"),
        ("2026-12-31T23:30:00+14:00", "2027-01-01T00:30:00+14:00", "sessions.0.ends_at"),
        ("2026-12-31T23:30:00+05:45", "2027-01-01T00:30:00+05:45", "sessions.0.ends_at"),
    ],
)
def test_a_session_outside_it_by_its_own_date_is_refused(
    office: FacultyOffice, starts_at: str, ends_at: str, field: str
) -> None:
    with pytest.raises(Conflict) as refused:
        office.enrolling(sessions=[meeting(starts_at, ends_at)])
    assert (refused.value.rule, refused.value.field) == ("session-within-contract", field)


@pytest.mark.row("F5")
@pytest.mark.parametrize(
    ("offset", "day", "is_open"),
    [
        # Noon in London; the last session was on 10 March there, so it is open from 10 June on.
        ("+13:00", date(2026, 6, 10), True),
        ("-12:00", date(2026, 6, 10), True),
        ("+13:00", date(2026, 9, 10), False),  # 11 September has begun there
        ("-12:00", date(2026, 9, 10), True),
        ("+13:00", date(2026, 6, 9), True),
        ("-12:00", date(2026, 6, 9), False),
    ],
)
def test_windows_of_evaluation_open_and_close_by_the_date_at_the_place(
    office: FacultyOffice, offset: str, day: date, is_open: bool
) -> None:
    session = meeting(f"2026-03-10T10:00:00{offset}", f"2026-03-10T12:00:00{offset}")
    programme, people, (only,) = running(office, session, day=date(2026, 3, 12))
    attended(office, programme, only, *people)
    office.do("deliver_programme", id=programme)
    office.day = day
    if is_open:
        office.do("evaluate", **behaviour(programme, people[0], 4))
        return
    with pytest.raises(Conflict) as refused:
        office.do("evaluate", **behaviour(programme, people[0], 4))
    assert refused.value.rule == "evaluation-window"


# --- Nights when the clock changes


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "lasts"),
    [
        # London loses an hour in March and wins one in October; New York on other dates.
        ("2026-03-28T22:00:00+00:00", "2026-03-29T07:00:00+01:00", "8.00"),
        ("2026-10-24T22:00:00+01:00", "2026-10-25T06:00:00+00:00", "9.00"),
        ("2026-11-01T00:30:00-04:00", "2026-11-01T01:30:00-05:00", "2.00"),
        # Lord Howe Island moves its clocks by half an hour.
        ("2026-04-04T23:00:00+11:00", "2026-04-05T03:00:00+10:30", "4.50"),
    ],
)
def test_hours_are_those_that_passed_and_not_those_of_the_clock(
    office: FacultyOffice, starts_at: str, ends_at: str, lasts: str
) -> None:
    programme, people, (night,) = running(office, meeting(starts_at, ends_at))
    attended(office, programme, night, *people)
    assert hours(office, programme) == lasts


def test_the_longest_session_is_measured_in_hours_that_passed(office: FacultyOffice) -> None:
    assert office.enrolling(
        sessions=[meeting("2026-03-28T18:00:00+00:00", "2026-03-29T11:00:00+01:00")]  # 16 hours
    )
    with pytest.raises(Invalid) as refused:
        office.enrolling(
            sessions=[meeting("2026-10-24T18:00:00+01:00", "2026-10-25T10:00:00+00:00")]  # 17
        )
    assert refused.value.rule == "session-length"


def test_a_session_cannot_end_before_it_starts_by_the_clock_of_the_world(
    office: FacultyOffice,
) -> None:
    """By the clock on the wall it ends half an hour later."""
    with pytest.raises(Invalid) as refused:
        office.enrolling(
            sessions=[meeting("2026-03-28T10:00:00-05:00", "2026-03-28T10:30:00+02:00")]
        )
    assert refused.value.rule == "session-ends-after-start"


# --- Overlapping hours and parallel groups


def test_three_sessions_in_a_chain_of_overlaps_cover_what_any_of_them_covers(
    office: FacultyOffice,
) -> None:
    programme, people, sessions = running(
        office,
        meeting("2026-03-02T09:00:00Z", "2026-03-02T11:00:00Z"),
        meeting("2026-03-02T10:00:00Z", "2026-03-02T12:00:00Z"),
        meeting("2026-03-02T11:30:00Z", "2026-03-02T13:00:00Z"),
    )
    for session in sessions:
        attended(office, programme, session, *people)
    assert hours(office, programme) == "4.00"


def test_the_same_hour_in_two_zones_counts_once(office: FacultyOffice) -> None:
    programme, people, sessions = running(
        office,
        meeting("2026-03-02T09:00:00+00:00", "2026-03-02T10:00:00+00:00"),
        meeting("2026-03-02T14:45:00+05:45", "2026-03-02T15:45:00+05:45"),
    )
    for session in sessions:
        attended(office, programme, session, *people)
    assert hours(office, programme) == "1.00"


def test_a_missed_hour_that_overlaps_with_one_attended_was_not_missed(
    office: FacultyOffice,
) -> None:
    programme, people, (long, short) = running(
        office,
        meeting("2026-03-02T09:00:00Z", "2026-03-02T13:00:00Z"),
        meeting("2026-03-02T10:00:00Z", "2026-03-02T11:00:00Z"),
    )
    attended(office, programme, long, *people)
    attended(office, programme, short)
    (shown,) = office.ask("get_register", id=programme)["items"]
    assert (shown["attended_hours"], shown["attended_percent"]) == ("4.00", 100)


@pytest.mark.parametrize("went_to", [0, 1, 2])
def test_of_groups_on_three_continents_each_person_attends_one(
    office: FacultyOffice, went_to: int
) -> None:
    group: dict[str, Any] = {"parallel_group": "Skills", "mandatory": True}
    programme, people, sessions = running(
        office,
        meeting("2026-03-02T09:00:00+13:00", "2026-03-02T12:00:00+13:00", **group),
        meeting("2026-03-02T09:00:00+00:00", "2026-03-02T12:00:00+00:00", **group),
        meeting("2026-03-02T09:00:00-10:00", "2026-03-02T12:00:00-10:00", **group),
    )
    for number, session in enumerate(sessions):
        attended(office, programme, session, *(people if number == went_to else ()))
    assert hours(office, programme) == "3.00"


def test_a_group_whose_other_sessions_were_cancelled_is_one_session(office: FacultyOffice) -> None:
    programme, people, (first, second, rest) = running(
        office,
        meeting("2026-03-02T09:00:00Z", "2026-03-02T12:00:00Z", "One", parallel_group="A"),
        meeting("2026-03-03T09:00:00Z", "2026-03-03T12:00:00Z", "Two", parallel_group="A"),
        meeting("2026-03-04T09:00:00Z", "2026-03-04T10:00:00Z", "Three"),
    )
    office.do("cancel_session", id=programme, session_id=second, reason="Too few")
    attended(office, programme, first)
    attended(office, programme, rest, *people)
    (shown,) = office.ask("get_register", id=programme)["items"]
    assert (shown["attended_percent"], shown["certificate_out_of_reach"]) == (
        25,
        "Even with every session to come, attendance stays below 80 %.",
    )


def test_a_session_put_into_a_group_afterwards_counts_as_the_other(office: FacultyOffice) -> None:
    """It turns out after delivery that two sessions were held for two groups."""
    programme, people, (first, second) = running(
        office,
        meeting("2026-03-02T09:00:00Z", "2026-03-02T12:00:00Z", "One"),
        meeting("2026-03-03T09:00:00Z", "2026-03-03T12:00:00Z", "Two"),
    )
    attended(office, programme, first, *people)
    attended(office, programme, second)
    office.do("deliver_programme", id=programme)
    assert valid(office, programme) == []
    sessions = sent(office, programme, parallel_group="A")
    sessions[1]["parallel_group"] = " a "
    office.do("redesign_programme", id=programme, sessions=sessions)
    assert valid(office, programme) == people


# --- Sessions that are moved and cancelled


def test_a_session_moved_to_another_zone_at_the_same_moment_changes_no_hours(
    office: FacultyOffice,
) -> None:
    programme, people, (only,) = running(
        office, meeting("2026-03-02T23:00:00-10:00", "2026-03-03T01:00:00-10:00")
    )
    attended(office, programme, only, *people)
    assert hours(office, programme) == "2.00"
    moved = sent(
        office, programme, starts_at="2026-03-03T09:00:00+00:00", ends_at="2026-03-03T11:00:00Z"
    )
    office.do("redesign_programme", id=programme, sessions=moved)
    assert len(certificates(office, programme)) == 1


def test_a_session_moved_ahead_of_a_late_enrolment_is_nothing_the_person_missed(
    office: FacultyOffice,
) -> None:
    programme, people, (first, second) = running(
        office,
        meeting("2026-03-05T09:00:00Z", "2026-03-05T12:00:00Z", "One"),
        meeting("2026-03-06T09:00:00Z", "2026-03-06T12:00:00Z", "Two"),
        day=date(2026, 3, 4),
    )
    late = office.person(9)
    office.do("enrol_late", id=programme, participant_id=late)
    moved = sent(
        office, programme, starts_at="2026-03-03T09:00:00Z", ends_at="2026-03-03T12:00:00Z"
    )
    office.do("redesign_programme", id=programme, sessions=moved)
    office.day = date(2026, 3, 7)
    attended(office, programme, first, *people)
    attended(office, programme, second, *people, late)
    office.do("deliver_programme", id=programme)
    assert sorted(valid(office, programme)) == sorted([*people, late])


def test_a_session_reinstated_after_delivery_waits_for_its_attendance(
    office: FacultyOffice,
) -> None:
    programme, people, (first, second) = running(
        office,
        meeting("2026-03-02T09:00:00Z", "2026-03-02T12:00:00Z", "One"),
        meeting("2026-03-03T09:00:00Z", "2026-03-03T12:00:00Z", "Two"),
    )
    office.do("cancel_session", id=programme, session_id=second, reason="Snow")
    attended(office, programme, first, *people)
    assert hours(office, programme) == "3.00"
    office.do("reinstate_session", id=programme, session_id=second)
    assert certificates(office, programme)[-1]["hours"] == "3.00"
    attended(office, programme, second)
    assert valid(office, programme) == []


# --- Attendance corrected after delivery, and two desks


def test_a_person_exchanged_at_every_session_leaves_one_valid_certificate(
    office: FacultyOffice,
) -> None:
    programme, (one, other), sessions = running(
        office,
        meeting("2026-03-02T09:00:00Z", "2026-03-02T12:00:00Z", "One"),
        meeting("2026-03-03T09:00:00Z", "2026-03-03T12:00:00Z", "Two"),
        people=2,
    )
    for session in sessions:
        attended(office, programme, session, one)
    office.do("deliver_programme", id=programme)
    for session in sessions:
        for name, person in (("add_attendance", other), ("remove_attendance", one)):
            office.do(name, id=programme, session_id=session, participant_id=person)
    assert valid(office, programme) == [other]


def test_hours_corrected_back_and_forth_make_a_chain_of_certificates(
    office: FacultyOffice,
) -> None:
    programme, people, (only,) = running(
        office, meeting("2026-03-02T09:00:00Z", "2026-03-02T12:00:00Z")
    )
    attended(office, programme, only, *people)
    office.do("deliver_programme", id=programme)
    for ends_at in ("2026-03-02T11:00:00Z", "2026-03-02T12:00:00Z"):
        office.do(
            "redesign_programme", id=programme, sessions=sent(office, programme, ends_at=ends_at)
        )
    issued = certificates(office, programme)
    assert [each["hours"] for each in issued] == ["3.00", "2.00", "3.00"]
    assert [each["replaces_id"] for each in issued] == [None, issued[0]["id"], issued[1]["id"]]
    assert len(valid(office, programme)) == 1


def test_somebody_who_withdrew_is_taken_off_a_session_by_another_desk(
    office: FacultyOffice,
) -> None:
    programme, people, (only,) = running(
        office, meeting("2026-03-02T09:00:00Z", "2026-03-02T12:00:00Z"), people=2
    )
    attended(office, programme, only, *people)
    enrolment = office.ask("get_register", id=programme)["items"][0]["id"]
    office.do("withdraw", id=programme, enrolment_id=enrolment)
    office.do("remove_attendance", id=programme, session_id=only, participant_id=people[0])
    office.do("deliver_programme", id=programme)
    assert valid(office, programme) == people[1:]


def test_a_desk_with_an_old_list_cannot_record_a_session_that_another_cancelled(
    office: FacultyOffice,
) -> None:
    programme, people, (_, second) = running(
        office,
        meeting("2026-03-02T09:00:00Z", "2026-03-02T12:00:00Z", "One"),
        meeting("2026-03-03T09:00:00Z", "2026-03-03T12:00:00Z", "Two"),
    )
    seen = office.ask("get_programme", id=programme)["version"]
    office.do("cancel_session", id=programme, session_id=second, reason="Snow")
    body = {"id": programme, "session_id": second, "present_ids": people}
    with pytest.raises(Stale):
        office.desk.execute("record_attendance", body, Call(actor=LEAD, expected_version=seen))
    with pytest.raises(Conflict) as refused:
        office.do("add_attendance", id=programme, session_id=second, participant_id=people[0])
    assert refused.value.rule == "session-held"


def test_a_desk_that_adds_people_does_not_undo_what_a_list_replaced(office: FacultyOffice) -> None:
    programme, people, (only,) = running(
        office, meeting("2026-03-02T09:00:00Z", "2026-03-02T12:00:00Z"), people=3
    )
    for person in people[:2]:
        office.do("add_attendance", id=programme, session_id=only, participant_id=person)
    attended(office, programme, only, people[2])
    office.do("add_attendance", id=programme, session_id=only, participant_id=people[0])
    (recorded,) = office.ask("get_programme", id=programme)["attendance"]
    assert sorted(recorded["present_ids"]) == sorted([people[0], people[2]])
