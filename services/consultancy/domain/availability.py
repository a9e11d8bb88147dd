"""Who is free and fits: candidates for a piece of work, the best first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from services.consultancy.domain.consultant import Consultant, Presence
from services.consultancy.domain.policy import Policy
from shared.errors import Invalid
from shared.events.vocabulary import Area
from shared.names import order_key

_QUARTER = Decimal("0.25")
#: Further ahead nobody knows who is free.
LONGEST_SEARCH_DAYS = 366


@dataclass(frozen=True)
class Need:
    """What is looked for, on dates that are both included; None asks for nothing."""

    starts_on: date
    ends_on: date
    area: Area | None = None
    language: str | None = None
    role: str | None = None

    def __post_init__(self) -> None:
        if self.ends_on < self.starts_on:
            raise Invalid(
                "The period ends before it starts; exchange its dates.",
                rule="end-after-start",
                field="to",
                accepted=f"{self.starts_on} or later",
            )
        if _calendar_days(self.starts_on, self.ends_on) > LONGEST_SEARCH_DAYS:
            raise Invalid(
                f"Look at most {LONGEST_SEARCH_DAYS} days at a time.",
                rule="longest-search",
                field="to",
                accepted=f"at most {LONGEST_SEARCH_DAYS} days",
            )

    def fits(self, consultant: Consultant) -> bool:
        return (
            (self.area is None or consultant.level_in(self.area) > 0)
            and (self.language is None or self.language in consultant.languages)
            and (self.role is None or consultant.has_rate_for(self.role))
        )


@dataclass(frozen=True)
class Booking:
    """Days planned for a consultant in an engagement that is not over."""

    starts_on: date
    ends_on: date
    days: Decimal

    def days_between(self, starts_on: date, ends_on: date) -> Decimal:
        """The share that falls between two dates, the days taken as spread evenly."""
        shared = _calendar_days(max(self.starts_on, starts_on), min(self.ends_on, ends_on))
        return self.days * shared / _calendar_days(self.starts_on, self.ends_on)


@dataclass(frozen=True)
class Candidate:
    """A consultant with working days, in quarters, within the dates asked for."""

    consultant: Consultant
    level: int
    working_days: Decimal  # present, by the length of the office's week
    booked_days: Decimal
    kept_free: bool  # has said to be free on some of the dates

    @property
    def free_days(self) -> Decimal:
        return max(self.working_days - self.booked_days, Decimal(0))


def candidate(
    consultant: Consultant, need: Need, bookings: Iterable[Booking], policy: Policy
) -> Candidate:
    present = sum(
        not _is_away(consultant, need.starts_on + timedelta(days=offset))
        for offset in range(_calendar_days(need.starts_on, need.ends_on))
    )
    booked = sum((b.days_between(need.starts_on, need.ends_on) for b in bookings), Decimal(0))
    # A stretch no longer than the working week may be worked in full; above, by the week's share.
    week = policy.working_days_a_week
    working = min(Decimal(present), max(Decimal(present) * week / 7, Decimal(week)))
    return Candidate(
        consultant=consultant,
        level=consultant.level_in(need.area) if need.area else 0,
        working_days=_in_quarters(working),
        booked_days=_in_quarters(booked),
        kept_free=any(
            period.presence is Presence.FREE and period.overlaps(need.starts_on, need.ends_on)
            for period in consultant.availability
        ),
    )


def ranked(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Who has a free day at all: the strongest in the area first, then the freest."""
    return sorted(
        (each for each in candidates if each.free_days > 0),
        key=lambda each: (
            -each.level,
            not each.kept_free,
            -each.free_days,
            order_key(each.consultant.name),
            each.consultant.reference,
        ),
    )


def _is_away(consultant: Consultant, on: date) -> bool:
    return any(
        period.presence is Presence.AWAY and period.overlaps(on, on)
        for period in consultant.availability
    )


def _calendar_days(starts_on: date, ends_on: date) -> int:
    return max((ends_on - starts_on).days + 1, 0)


def _in_quarters(days: Decimal) -> Decimal:
    return (days / _QUARTER).to_integral_value() * _QUARTER
