"""The one place where time is read. Rules are handed a moment; they never look at a clock."""

from datetime import UTC, date, datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands still: for tests, and to run what time drives as at a date."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment

    @classmethod
    def at(cls, day: date) -> "FixedClock":
        """Noon UTC of a day, so that the day is the same in most offices of the world."""
        return cls(datetime(day.year, day.month, day.day, 12, tzinfo=UTC))

    def now(self) -> datetime:
        return self._moment
