"""Dates that people record: not before what they follow, not before the day has begun anywhere."""

from datetime import UTC, date, datetime

import pytest

from shared.dates import check_happened, earliest_current, latest_begun
from shared.errors import Invalid

ISSUED = date(2026, 3, 1)
LATEST = date(2026, 11, 30)


def check(on: date) -> None:
    check_happened(
        on,
        since=ISSUED,
        latest=LATEST,
        what="The payment",
        follows="the invoice was issued",
        field="paid_on",
    )


def test_a_date_has_begun_as_soon_as_it_has_begun_at_utc_14():
    assert latest_begun(datetime(2026, 11, 29, 9, 59, tzinfo=UTC)) == date(2026, 11, 29)
    assert latest_begun(datetime(2026, 11, 29, 10, 0, tzinfo=UTC)) == date(2026, 11, 30)


def test_what_follows_a_moment_may_bear_the_date_that_it_was_at_utc_minus_12():
    assert earliest_current(datetime(2026, 11, 29, 11, 59, tzinfo=UTC)) == date(2026, 11, 28)
    assert earliest_current(datetime(2026, 11, 29, 12, 0, tzinfo=UTC)) == date(2026, 11, 29)


@pytest.mark.parametrize("on", [ISSUED, LATEST])
def test_the_bounds_themselves_are_accepted(on):
    check(on)


@pytest.mark.parametrize(
    ("on", "words"),
    [
        (date(2026, 2, 28), "before the invoice was issued on 2026-03-01"),
        (date(26, 3, 1), "before the invoice was issued on 2026-03-01"),
        (date(2026, 12, 1), "has not begun anywhere yet"),
    ],
)
def test_what_lies_outside_is_refused_with_what_would_be_accepted(on, words):
    with pytest.raises(Invalid) as refused:
        check(on)

    assert words in refused.value.message
    assert refused.value.field == "paid_on"
    assert refused.value.accepted == "a date from 2026-03-01 to 2026-11-30"
