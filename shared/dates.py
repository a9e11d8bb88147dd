"""Bounds of the dates that people record: from what it follows, until the day has begun somewhere.

A date stays a date: it has no zone. Whoever records one may sit where the day begins first, so
"not in the future" means: it has begun at UTC+14. Or where it ends last, so what follows a moment
may be dated as that moment was dated at UTC-12.
"""

from datetime import date, datetime, timedelta, timezone

from shared.errors import Invalid

#: Where a date begins first (Kiritimati).
EARLIEST_ZONE = timezone(timedelta(hours=14))
#: Where a date ends last (Baker Island).
LATEST_ZONE = timezone(-timedelta(hours=12))


def latest_begun(now: datetime) -> date:
    """The latest date that has begun anywhere on Earth at this moment."""
    return now.astimezone(EARLIEST_ZONE).date()


def earliest_current(moment: datetime) -> date:
    """The earliest date that it was anywhere on Earth at a moment: what follows it may bear that
    date."""
    return moment.astimezone(LATEST_ZONE).date()


def check_happened(
    on: date, *, since: date, latest: date, what: str, follows: str, field: str
) -> None:
    """Raises Invalid for the date of something that cannot have happened on it.

    since: the first possible date; latest: the last one, see `latest_begun`;
    what: the thing that is dated ("The payment"); follows: what happened on `since`
    ("the invoice was issued"); field: the path of the date.
    """
    if since <= on <= latest:
        return
    reason = (
        f"before {follows} on {since}" if on < since else "a date that has not begun anywhere yet"
    )
    raise Invalid(
        f"{what} is dated {on}, {reason}.",
        rule="date-possible",
        field=field,
        accepted=f"a date from {since} to {latest}",
    )
