"""A timeline as it is shown: newest first, under its months and days."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from flask import Request, current_app

from services.gateway.pages.reading import Panel

#: Entries on one page.
PAGE = "30"


@dataclass(frozen=True)
class Day:
    """What happened on one day in the office's zone."""

    on: date
    entries: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Month:
    starts: date
    days: tuple[Day, ...]


def wanted(request: Request, *names: str) -> dict[str, str]:
    """Which part of the timeline the reader asked for: a kind, a page, and what `names` say."""
    return {name: request.args.get(name, "") for name in ("kind", "cursor", *names)}


def by_month(timeline: Panel) -> tuple[Month, ...]:
    """The entries, in the order in which they came, under their days and months."""
    zone = current_app.config["ZONE"]

    def day(entry: dict[str, Any]) -> date:
        return _local_day(entry["occurred_at"], zone)

    days = [Day(on, _merged(entries)) for on, entries in groupby(timeline.items, key=day)]
    return tuple(
        Month(starts, tuple(inside))
        for starts, inside in groupby(days, key=lambda each: each.on.replace(day=1))
    )


def _merged(entries: Iterable[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    """What happened several times in a row, once, with how often."""
    alike = [list(group) for _, group in groupby(entries, key=itemgetter("sentence", "source"))]
    return tuple({**group[0], "times": len(group)} for group in alike)


def _local_day(moment: str, zone: ZoneInfo) -> date:
    return datetime.fromisoformat(moment).astimezone(zone).date()
