"""Two services in little: one that records facts, and one that keeps a ledger of those it hears."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import Column, Integer, String, Table, delete, insert, select

from shared.aggregate import Aggregate
from shared.columns import new_metadata
from shared.database import Database
from shared.events.gateway import TokenRevoked
from shared.events.partner import PartnerReviewStarted
from shared.messaging import broker, held, log_reader, progress, tables
from shared.messaging.envelope import Envelope
from shared.messaging.inbox import Inbox
from shared.messaging.parts import Share
from shared.messaging.reactions import Reactions
from shared.messaging.relay import Relay
from shared.messaging.subscriber import Bell, Subscriber
from shared.messaging.tables import event_log, held_events
from shared.work import Call, UnitOfWork, Work

#: Real names, so that the fixtures know which queues to clear away.
SOURCE = "partner"
OTHER_SOURCE = "gateway"
CONSUMER = "finance"

metadata = new_metadata()

#: One line for each time that a fact took effect: twice the same fact is an error to be seen.
ledger = Table(
    "ledger",
    metadata,
    Column("line", Integer, primary_key=True, autoincrement=True),
    Column("subject", String(80)),
    Column("fact", String(40)),
)


class HandClock:
    """A clock that goes on only when it is told to."""

    def __init__(self) -> None:
        self._moment = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self._moment

    def advance(self, seconds: float) -> None:
        self._moment += timedelta(seconds=seconds)


class Institution(Aggregate):
    """Something that facts are recorded about; it has no table of its own."""

    kind: ClassVar[str] = "partner"
    version = 0

    def __init__(self, id: UUID) -> None:
        self.id = id


def unit_of_work(database: Database, clock: Any) -> UnitOfWork:
    return UnitOfWork(database, clock, ZoneInfo("Europe/London"), policy=None)


class Source:
    """A service that records facts. Each fact is known by the id that its event carries."""

    def __init__(self, database: Database, clock: Any, name: str = SOURCE) -> None:
        self.name = name
        self.database = database
        self.clock = clock
        self.unit_of_work = unit_of_work(database, clock)

    def record(self, subject: UUID, facts: int = 1) -> list[str]:
        """Record so many facts about a subject in one transaction; their ids."""
        return self.record_these(subject, [uuid4() for _ in range(facts)])

    def record_these(self, subject: UUID, ids: Sequence[UUID]) -> list[str]:
        institution = Institution(subject)
        for each in ids:
            institution.record(
                PartnerReviewStarted(partner_id=each)
                if self.name == SOURCE
                else TokenRevoked(token_id=each)
            )
        with self.unit_of_work.begin(Call()) as work:
            work._kept.aggregates.append(institution)
        return [str(each) for each in ids]

    def envelopes(self) -> list[Envelope]:
        """Every fact recorded so far, as it goes over the wire."""
        statement = select(event_log).order_by(event_log.c.position)
        with self.database.reading() as session:
            rows = session.execute(statement).mappings().all()
        return [Envelope.of_row(self.name, dict(row)) for row in rows]

    def unpublished(self) -> int:
        return log_reader.unpublished(self.database)

    def relay(self, uri: str) -> Relay:
        return Relay(self.name, self.database, uri, self.clock)


@dataclass
class LogAtHand:
    """The logs of sources, read where they are instead of over a call."""

    databases: dict[str, Database]

    def window(self, source: str, after: int, limit: int) -> dict[str, Any]:
        return log_reader.window(self.databases[source], after, limit)

    def events(self, source: str, after: int, until: int) -> list[dict[str, Any]]:
        return log_reader.events(self.databases[source], after, until)

    def reached(self, source: str, subjects: Sequence[str]) -> dict[str, int]:
        return log_reader.reached(self.databases[source], subjects)

    def beyond(self, source: str, link: int, deadline: float | None = None) -> dict[str, Any]:
        return log_reader.beyond(self.databases[source], link)


class Consumer:
    """A service that keeps a ledger of the facts that it hears, and may be told to fail on some."""

    def __init__(self, database: Database, clock: Any, sources: dict[str, Source]) -> None:
        self.database = database
        self.clock = clock
        self.unit_of_work = unit_of_work(database, clock)
        self.log_at_hand = LogAtHand({name: each.database for name, each in sources.items()})
        self.bell = Bell()
        #: What the reaction raises, by fact.
        self.failing: dict[str, Callable[[], BaseException]] = {}
        #: Seconds that the reaction takes for each event.
        self.lasting = 0.0
        self.reactions = Reactions(CONSUMER)
        self.reactions.on_batch(*sources)(self._keep)
        metadata.create_all(database.engine)

    def _keep(self, work: Work, envelopes: Sequence[Envelope]) -> None:
        for envelope in envelopes:
            fact = next(iter(envelope.event.to_plain().values()))
            work.session.execute(insert(ledger).values(subject=envelope.subject, fact=fact))
            threading.Event().wait(self.lasting)
            if fact in self.failing:
                raise self.failing[fact]()

    def inbox(self, source: str = SOURCE) -> Inbox:
        return Inbox(source, self.reactions, self.unit_of_work, self.bell.ring)

    def subscriber(self, uri: str, source: str = SOURCE, share: Share | None = None) -> Subscriber:
        return Subscriber(
            source,
            self.reactions,
            self.unit_of_work,
            self.log_at_hand,
            uri,
            self.clock,
            self.bell,
            share,
        )

    def facts(self, subject: UUID | None = None) -> list[str]:
        """The facts that took effect, in the order in which they did."""
        statement = select(ledger.c.fact).order_by(ledger.c.line)
        if subject is not None:
            statement = statement.where(ledger.c.subject == f"partner/{subject}")
        with self.database.reading() as session:
            return list(session.scalars(statement))

    def held(self, *states: held.State) -> list[dict[str, Any]]:
        statement = select(held_events).order_by(held_events.c.sequence)
        if states:
            statement = statement.where(held_events.c.state.in_(states))
        with self.database.reading() as session:
            return [dict(row) for row in session.execute(statement).mappings()]

    def states(self) -> list[str]:
        return [row["state"] for row in self.held()]

    def reached(self, subject: UUID, source: str = SOURCE) -> int:
        name = f"partner/{subject}"
        with self.database.reading() as session:
            return progress.of(session, source, [name]).get(name, 0)


def publish(uri: str, source: str, body: bytes | str, content_type: str) -> None:
    """Publish something in the name of a source that it has not written; it is in the queues when
    this returns."""
    with broker.connect(uri) as connection:
        # A quorum queue that has only just been made may lose what nobody waits for.
        connection.transport_options = {"confirm_publish": True}
        connection.Producer(auto_declare=False).publish(
            body,
            exchange=broker.exchange_of(source),
            routing_key=f"{source}.anything.v1",
            content_type=content_type,
            content_encoding="binary" if isinstance(body, bytes) else "utf-8",
        )


def forget(consumer: Consumer) -> None:
    """As a rebuild does."""
    with consumer.unit_of_work.begin(Call()) as work:
        progress.forget(work.session)
        work.session.execute(delete(ledger))


class AtWork:
    """Loops (relays, subscribers) that run as long as the block lasts."""

    def __init__(self, *loops: Any) -> None:
        self._loops = loops
        self._threads = [threading.Thread(target=loop.run, daemon=True) for loop in loops]

    def __enter__(self) -> None:
        for thread in self._threads:
            thread.start()

    def __exit__(self, *_: object) -> None:
        for loop in self._loops:
            loop.stop()
        for thread in self._threads:
            thread.join(10)


def with_tables(database: Database) -> Database:
    tables.metadata.create_all(database.engine)
    return database
