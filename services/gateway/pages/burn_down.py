"""The drawing of a burn-down: how the approved days grew, week by week, towards the budget."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

#: Size of the drawing and the margins that hold its labels, in units of the SVG.
WIDTH, HEIGHT = 640, 260
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 14, 30

#: Shares of the budget that are marked on bars and chart, in percent.
MARKS = (70, 85, 100)


@dataclass(frozen=True)
class Label:
    """A text beside an axis."""

    place: float
    text: str


@dataclass(frozen=True)
class Chart:
    """Places in the SVG: `line` and `area` as points, labels of both axes, heights of the marks."""

    line: str
    area: str
    days: tuple[Label, ...]
    dates: tuple[Label, ...]
    marks: tuple[Label, ...]

    width, height = WIDTH, HEIGHT
    left, right, top, bottom = LEFT, WIDTH - RIGHT, TOP, HEIGHT - BOTTOM

    @classmethod
    def of(cls, burn_down: dict[str, Any]) -> "Chart | None":
        """The chart of a burn-down as the contract service answers it; None without any week."""
        weeks = burn_down["weeks"]
        if not weeks:
            return None
        budget = Decimal(burn_down["budget"])
        used = _running([Decimal(week["approved"]) for week in weeks])
        highest = max(budget, used[-1], Decimal(1)) * Decimal("1.08")
        start = date.fromisoformat(weeks[0]["starts_on"])
        # The count stands at zero where the first week begins, and at its sum where it ends.
        points = [
            (_across(index, len(weeks)), _up(value, highest))
            for index, value in enumerate([Decimal(0), *used])
        ]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        floor = _up(Decimal(0), highest)
        return cls(
            line=line,
            area=f"{points[0][0]:.1f},{floor:.1f} {line} {points[-1][0]:.1f},{floor:.1f}",
            days=tuple(Label(_up(value, highest), f"{value:f}") for value in _ticks(highest)),
            dates=_date_labels(start, len(weeks)),
            marks=tuple(
                Label(_up(budget * mark / 100, highest), f"{mark} %") for mark in MARKS if budget
            ),
        )


def _running(values: Sequence[Decimal]) -> list[Decimal]:
    total, sums = Decimal(0), []
    for value in values:
        total += value
        sums.append(total)
    return sums


def _across(index: int, weeks: int) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * index / weeks


def _up(value: Decimal, highest: Decimal) -> float:
    return HEIGHT - BOTTOM - float(value / highest) * (HEIGHT - TOP - BOTTOM)


def _ticks(highest: Decimal) -> list[Decimal]:
    """Four to eight round numbers from zero up to at most `highest`."""
    step = next(
        Decimal(size) * 10**power
        for power in range(9)
        for size in (1, 2, 5)
        if highest / (Decimal(size) * 10**power) <= 7
    )
    return [step * index for index in range(int(highest / step) + 1)]


def _date_labels(start: date, weeks: int) -> tuple[Label, ...]:
    every = max(1, -(-weeks // 6))
    return tuple(
        Label(_across(index, weeks), f"{start + timedelta(weeks=index):%-d %b}")
        for index in range(0, weeks, every)
    )
