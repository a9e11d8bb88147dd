"""A made-up year of an office, played day after day through the services' own commands."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from services.cli.verifying import SETTLE_SECONDS, completeness
from services.demo.api import PASSING_RULES
from services.demo.sample.agreements import AGREEMENTS
from services.demo.sample.course import Course
from services.demo.sample.partnership import BEGINNING, Partnership
from services.demo.sample.places import PLACES
from services.platform import operations
from services.registry import SERVICES
from shared.errors import Conflict, NotFound
from shared.events.vocabulary import Role
from shared.messaging.service_calls import ServiceCalls
from shared.work import Actor, Call

#: Seconds for which a command waits for what its service has to learn first.
PATIENCE = 30.0

#: Days between two runs of what time drives.
TICK_EVERY = 10


class MovableClock:
    """A clock that the sample moves on through its history."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


class History:
    """Writes the sample through the services' own commands, day after day of its history."""

    def __init__(self, calls: ServiceCalls, clock: MovableClock, today: date) -> None:
        self.calls = calls
        self.clock = clock
        self.today = today
        self._owner = {each.name: each.service for each in operations()}
        self._planned: list[tuple[int, int, Callable[[], None]]] = []
        self.partners: dict[str, str] = {}

    def play(self, tell: Callable[[int, int], None]) -> None:
        """Play the whole history; `tell` hears how much of it is done."""
        for number, place in enumerate(PLACES):
            Partnership(self, number, place).plan()
        for number, agreement in enumerate(AGREEMENTS):
            Course(self, number, agreement).plan()
        for day in range(BEGINNING, 1, TICK_EVERY):
            self.at(day, lambda day=day: self._tick(day))  # type: ignore[misc]
        total = len(self._planned)
        done = 0
        while self._planned:
            self._planned.sort(key=lambda each: each[:2])
            day, _, act = self._planned.pop(0)
            self._set_clock(day)
            act()
            done += 1
            tell(done, max(total, done + len(self._planned)))
        completeness(self.calls, SETTLE_SECONDS)

    def at(self, day: int, act: Callable[[], None]) -> None:
        self._planned.append((min(day, 0), len(self._planned), act))

    def _set_clock(self, day: int) -> None:
        moment = datetime.combine(self.today, datetime.min.time(), UTC) + timedelta(days=day)
        # Within a day time goes on, so that what happened later is seen to be later.
        self.clock.moment = max(moment.replace(hour=9), self.clock.moment + timedelta(seconds=90))

    def _tick(self, day: int) -> None:
        self._set_clock(day)
        for name in SERVICES:
            self.calls.call(name, "tick", deadline=60, day=self.date(day))

    def date(self, day: int) -> str:
        return (self.today + timedelta(days=day)).isoformat()

    def ask(self, name: str, role: Role, /, **parameters: Any) -> dict[str, Any]:
        """A query of the sample's one person with this role."""
        view: dict[str, Any] = self.calls.ask(self._owner[name], name, parameters, _call(role))[
            "body"
        ]
        return view

    def do(self, name: str, role: Role, /, *, by: str | None = None, **body: Any) -> dict[str, Any]:
        """A command in the name of `by`, or of the sample's one person with this role."""
        call = _call(role, by)
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                view: dict[str, Any] = self.calls.execute(self._owner[name], name, body, call)[
                    "body"
                ]
                return view
            except (Conflict, NotFound) as refusal:
                if refusal.rule not in PASSING_RULES or time.monotonic() > deadline:
                    raise
                time.sleep(0.02)


def _call(role: Role, by: str | None = None) -> Call:
    return Call(actor=Actor(by or f"sample-{role}", frozenset({role})))
