"""A value that was stored comes back as it was."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from shared.money import Money
from shared.values import from_plain, to_plain


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True)
class Line:
    what: str
    days: Decimal
    fee: Money


@dataclass(frozen=True)
class Sheet:
    id: UUID
    day: date
    at: datetime
    colour: Colour
    lines: tuple[Line, ...] = ()
    note: str | None = None
    discount: Money | None = None


LINES = st.builds(
    Line,
    st.text(),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.builds(Money, st.integers(-(10**12), 10**12), st.sampled_from(["GBP", "JPY", "JOD"])),
)
SHEETS = st.builds(
    Sheet,
    st.uuids(),
    st.dates(),
    st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))])),
    st.sampled_from(Colour),
    st.lists(LINES, max_size=3).map(tuple),
    st.none() | st.text(),
    st.none() | st.just(Money(5, "JOD")),
)


@given(SHEETS)
def test_a_value_survives_storing(sheet: Sheet) -> None:
    assert from_plain(to_plain(sheet), Sheet) == sheet


@given(st.lists(SHEETS, max_size=3).map(tuple))
def test_a_tuple_of_values_survives_storing(sheets: tuple[Sheet, ...]) -> None:
    plain = to_plain(sheets, tuple[Sheet, ...])
    restored: Any = from_plain(plain, tuple[Sheet, ...])
    assert restored == sheets


def test_money_is_stored_as_text_so_that_no_float_creeps_in() -> None:
    assert to_plain(Money(12500, "GBP")) == {"amount": "125.00", "currency": "GBP"}


def test_an_unknown_key_is_ignored() -> None:
    plain = {"what": "a day", "days": "0.25", "fee": {"amount": "1", "currency": "JPY"}, "new": 1}
    assert from_plain(plain, Line) == Line("a day", Decimal("0.25"), Money(1, "JPY"))
