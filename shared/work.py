"""The unit of work: one transaction, one actor, one moment; what happened is logged with it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID
from zlib import crc32
from zoneinfo import ZoneInfo

from sqlalchemy import update
from sqlalchemy.event import listen
from sqlalchemy.orm import Session

from shared import finding
from shared.aggregate import Aggregate
from shared.call import OFFICE, Actor, Call, is_operator
from shared.clock import Clock
from shared.database import Database, is_passing, key_taken, take_turns
from shared.dates import earliest_current, latest_begun
from shared.errors import Conflict, NotFound
from shared.identifiers import new_id, reference
from shared.messaging import crash_points, event_log
from shared.messaging.tables import references

__all__ = ["OFFICE", "Actor", "Call", "UnitOfWork", "Work", "is_operator"]

T = TypeVar("T")

#: How often a transaction is run that loses races.
TRIES = 6

#: First half of the lock under which references of one kind are given ("entR").
_REFERENCES = 0x656E7452


class _Kept:
    """The aggregates of a session, which itself lets go of what it has flushed, events and all."""

    def __init__(self, session: Session) -> None:
        self.aggregates: list[Aggregate] = []
        listen(session, "loaded_as_persistent", self._keep)

    def _keep(self, _: Session, loaded: object) -> None:
        if isinstance(loaded, Aggregate):
            self.aggregates.append(loaded)


class Work:
    """What a use case has at hand. Made by `UnitOfWork`, one for each transaction."""

    def __init__(
        self, session: Session, call: Call, now: datetime, zone: ZoneInfo, policy: Any
    ) -> None:
        self.session = session
        self.call = call
        self.now = now
        #: The service's configurable defaults (its ``domain.policy.Policy``).
        self.policy = policy
        self._zone = zone
        #: Whether everything is rolled back at the end: what happened was only tried out.
        self.is_tried_out = False
        self._kept: _Kept = session.info.get("kept") or _Kept(session)
        session.info["kept"] = self._kept

    @property
    def actor(self) -> Actor:
        return self.call.actor

    @property
    def today(self) -> date:
        """The date in the office's zone."""
        return self.now.astimezone(self._zone).date()

    @property
    def latest_date(self) -> date:
        """The latest date that has begun anywhere: what is dated later has not happened."""
        return latest_begun(self.now)

    @property
    def earliest_date(self) -> date:
        """The earliest date that it is anywhere: what follows this moment may bear it."""
        return earliest_current(self.now)

    def find(self, cls: type[T], id: Any) -> T | None:
        return self.session.get(cls, id)

    def get(self, cls: type[T], id: Any) -> T:
        """The record with this id. Raises NotFound."""
        found = self.session.get(cls, id)
        if found is None:
            word = getattr(cls, "kind", cls.__name__.lower())
            raise NotFound(f"There is no {word} {id}.", rule="exists", field="id")
        return found

    def lock(self, cls: type[T], id: Any) -> T:
        """As `get`, in the record's present state, which nobody else changes before this
        transaction ends; whoever wants to waits. What this transaction changed in it is lost.
        """
        found = self.session.get(cls, id, with_for_update={"of": cls}, populate_existing=True)
        if found is None:
            return self.get(cls, id)  # which says what is missing
        return found

    def chosen_id(self, cls: type, chosen: UUID | None, *, field: str = "id") -> UUID:
        """The id that the caller chose, or a new one. Raises Conflict where it is taken.

        Callers choose ids so that what they send twice is made once.
        """
        if chosen is not None and self.find(cls, chosen) is not None:
            raise Conflict(
                "There is already a record under this id. Read it, or choose a new id.",
                rule="id-taken",
                field=field,
            )
        return chosen or new_id()

    def add(self, record: T) -> T:
        """Keep a new record; its events are logged with it."""
        self.session.add(record)
        if isinstance(record, Aggregate):
            self._kept.aggregates.append(record)
        return record

    def log_only(self, recorder: Aggregate) -> None:
        """Log what `recorder` recorded, of which nothing else is kept."""
        self._kept.aggregates.append(recorder)

    def add_many(self, records: Sequence[T]) -> None:
        """As `add`, quicker for many; none of them is changed further in this transaction."""
        finding.write_keys(records)
        self.session.bulk_save_objects(records)
        self._kept.aggregates += [each for each in records if isinstance(each, Aggregate)]

    def take_turn(self, prefix: str) -> None:
        """Wait for others who give references of this kind, so that they are seen from here on.

        Until the end of the transaction they wait for this one; before the first reference of a
        year, or of all, too.
        """
        take_turns(self.session, _REFERENCES, crc32(prefix.encode()) - 2**31)

    def next_reference(self, prefix: str) -> str:
        """The next readable reference of this year, without gaps: ``CTR-2026-0042``."""
        return self.next_references(prefix, 1)[0]

    def next_references(self, prefix: str, number: int) -> list[str]:
        """So many next references, in one statement."""
        if not number:
            return []
        year = self.today.year
        last = self.session.execute(
            update(references)
            .where(references.c.prefix == prefix, references.c.year == year)
            .values(last=references.c.last + number)
            .returning(references.c.last)
        ).scalar()
        if last is None:
            last = number
            self.session.execute(references.insert().values(prefix=prefix, year=year, last=last))
        return [reference(prefix, year, each) for each in range(last - number + 1, last + 1)]

    def try_out(self) -> None:
        """Roll back this transaction at its end: state, events, references, all of it."""
        self.is_tried_out = True

    def following(self, call: Call) -> "Work":
        """Another piece of work in the same transaction, with its own actor and correlation."""
        return Work(self.session, call, self.now, self._zone, self.policy)

    def log(self) -> None:
        """Write what the aggregates recorded to the event log, in this transaction."""
        recorded = [
            (aggregate.subject, event)
            for aggregate in self._kept.aggregates
            for event in aggregate.collect()
        ]
        if recorded:
            self.session.flush()
            event_log.append(self.session, recorded, self._metadata(), self.now)

    def _metadata(self) -> dict[str, Any]:
        return {
            "actor": self.actor.id,
            "correlation": self.call.correlation_id,
            "causation": self.call.causation_id,
            "traceparent": self.call.traceparent,
        }


class UnitOfWork:
    """Opens `Work`s on one service's database."""

    def __init__(self, database: Database, clock: Clock, zone: ZoneInfo, policy: Any) -> None:
        self.database = database
        self.clock = clock
        self.zone = zone
        self.policy = policy

    @contextmanager
    def begin(
        self, call: Call, clock: Clock | None = None, within: float | None = None
    ) -> Iterator[Work]:
        """A transaction: state, events and whatever else was written commit together or not.

        within: see `Database.transaction`.
        """
        with self.database.transaction(within) as session:
            work = Work(session, call, (clock or self.clock).now(), self.zone, self.policy)
            yield work
            if work.is_tried_out:
                session.rollback()
                return
            work.log()
        crash_points.reach("committed")

    def run(
        self,
        call: Call,
        act: Callable[[Work], T],
        clock: Clock | None = None,
        within: float | None = None,
    ) -> T:
        """What `act` returns, in a transaction that is run again where others were quicker.

        Raises what `act` raises; the last try's error where it lost every race. A key that is
        still taken at the next try was not lost in a race: that error is raised at once.
        """
        taken = None
        for left in reversed(range(TRIES)):
            try:
                with self.begin(call, clock, within) as work:
                    return act(work)
            except Exception as error:
                lost, taken = taken, key_taken(error)
                if not left or not is_passing(error) or (taken and taken == lost):
                    raise
        raise AssertionError("unreachable")

    @contextmanager
    def reading(self, call: Call) -> Iterator[Work]:
        """For queries: nothing is written."""
        with self.database.reading() as session:
            yield Work(session, call, self.clock.now(), self.zone, self.policy)
