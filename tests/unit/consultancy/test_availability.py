"""Who is free and fits (E14)."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.consultancy.domain.availability import Booking, Candidate, Need, candidate, ranked
from services.consultancy.domain.consultant import Expertise, Presence
from services.consultancy.domain.policy import Policy
from shared.database import Database
from shared.errors import Invalid
from shared.events.vocabulary import Area
from tests.unit.consultancy.office import ConsultancyOffice
from tests.unit.consultancy.story import POLICY, days
from tests.unit.consultancy.test_consultant import PROFILE, period, registered

pytestmark = pytest.mark.row("E14")

FORTNIGHT = Need(date(2026, 4, 1), date(2026, 4, 14), area=Area.ASSESSMENT)


def considered(need: Need = FORTNIGHT, *bookings: Booking, **changes: Any) -> Candidate:
    return candidate(registered(replace(PROFILE, **changes)), need, bookings, POLICY)


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        ({"area": Area.ASSESSMENT, "language": "ar", "role": "educator"}, True),
        ({"area": Area.QUALITY}, False),
        ({"language": "fr"}, False),
        ({"role": "clinician"}, False),
        ({}, True),
    ],
)
def test_who_fits_has_the_area_the_language_and_a_rate_for_the_role(wanted, fits):
    need = Need(FORTNIGHT.starts_on, FORTNIGHT.ends_on, **wanted)

    assert need.fits(registered()) is fits


def test_a_fortnight_has_ten_working_days():
    assert considered().free_days == 10


def test_the_length_of_the_week_is_the_offices():
    found = candidate(registered(), FORTNIGHT, (), Policy(working_days_a_week=4))

    assert found.free_days == 8


def test_days_away_are_not_free():
    assert considered(availability=(period(1, 7),)).free_days == 5


def test_planned_days_count_by_the_share_that_falls_on_the_dates():
    booking = Booking(date(2026, 4, 8), date(2026, 4, 21), days(6))

    assert considered(FORTNIGHT, booking).booked_days == 3


def test_who_is_away_all_the_time_is_left_out():
    assert ranked([considered(availability=(period(1, 14),))]) == []


def test_who_is_booked_full_is_left_out():
    booking = Booking(FORTNIGHT.starts_on, FORTNIGHT.ends_on, days(10))

    assert ranked([considered(FORTNIGHT, booking)]) == []


def test_the_strongest_in_the_area_comes_first():
    strong = considered(expertise=(Expertise(Area.ASSESSMENT, 5),), availability=(period(1, 7),))
    weak = considered(expertise=(Expertise(Area.ASSESSMENT, 2),))

    assert ranked([weak, strong]) == [strong, weak]


def test_among_equals_who_keeps_the_dates_free_comes_first():
    kept = considered(availability=(period(1, 2, Presence.FREE), period(8, 14)))
    other = considered()

    assert ranked([other, kept]) == [kept, other]


def test_among_equals_the_freest_comes_first():
    busy = considered(FORTNIGHT, Booking(FORTNIGHT.starts_on, FORTNIGHT.ends_on, days(4)))
    free = considered()

    assert ranked([busy, free]) == [free, busy]


@pytest.mark.parametrize(
    ("until", "rule"),
    [(date(2026, 3, 31), "end-after-start"), (date(9999, 1, 1), "longest-search")],
)
def test_dates_that_cannot_be_searched_are_refused(until, rule):
    with pytest.raises(Invalid) as refused:
        Need(date(2026, 4, 1), until)

    assert refused.value.rule == rule


def test_candidates_come_in_pages(sqlite: Database) -> None:
    office = ConsultancyOffice(sqlite)
    names = ["ada", "ben", "cy", "dee", "eve"]
    for name in names:
        office.registers(name)
    wanted: dict[str, Any] = {"from": "2026-04-01", "to": "2026-04-04"}
    found, cursor = [], None
    while True:
        page = office.ask("find_available_consultants", **wanted, limit=2, cursor=cursor)
        found.append([each["name"].lower() for each in page["items"]])
        cursor = page["next"]
        if cursor is None:
            break

    assert found == [["ada", "ben"], ["cy", "dee"], ["eve"]]


@pytest.mark.parametrize("cursor", ["x", "WyJyYW5rZWQiLCAiMSJd", "WzFd", "e30", "\ud800"])
def test_a_cursor_that_was_never_given_is_refused(sqlite: Database, cursor: str) -> None:
    office = ConsultancyOffice(sqlite)
    office.registers("ada")
    wanted: dict[str, Any] = {"from": "2026-04-01", "to": "2026-04-04", "cursor": cursor}
    with pytest.raises(Invalid) as refused:
        office.ask("find_available_consultants", **wanted)
    assert refused.value.field == "cursor"
