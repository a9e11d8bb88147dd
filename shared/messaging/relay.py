"""The relay: takes what a service has logged to the broker, and marks it when the broker has it."""

import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import structlog
from sqlalchemy import Connection, RowMapping, select, text

from shared import many_rows, tracing
from shared.clock import Clock
from shared.database import Database, is_down
from shared.messaging import broker, crash_points, event_log
from shared.messaging.broker import BROKER_ERRORS, ConfirmedPublisher
from shared.messaging.envelope import Envelope
from shared.messaging.tables import event_log as log_table

log = structlog.get_logger()

BATCH = 500
#: Seconds between sweeps. Commits wake the relay at once; the sweep is what can be relied on.
SWEEP = 0.5
#: The same where the database belongs to this process, so that every commit does wake the relay.
SWEEP_OF_SOLE_OWNER = 5.0
#: Seconds before the next try when the broker or the database is away.
PAUSE = 1.0

#: First half of the advisory lock's key ("entR"); the database itself tells services apart.
_LOCK = 0x656E7452


class Relay:
    """Publishes a service's event log, oldest first, until it is stopped.

    At least once: an event is marked only after the broker has confirmed it, so a crash between
    the two publishes it again. A row that is refused holds back its own subject alone.
    One relay is active per database: on PostgreSQL by an advisory lock; a SQLite database belongs
    to one process.
    """

    def __init__(self, service: str, database: Database, uri: str, clock: Clock) -> None:
        self.service = service
        self.database = database
        self.uri = uri
        self.clock = clock
        #: When the relay last went round; liveness looks at it.
        self.last_round = time.monotonic()
        self._wake = threading.Event()
        self._stopping = False
        #: The session that holds the lock, and when it was last seen to live.
        self._lock: Connection | None = None
        self._lock_seen = 0.0
        database.committed.append(self._wake.set)

    def run(self) -> None:
        while not self._stopping:
            try:
                with self._sole() as active, broker.connect(self.uri) as connection:
                    if active:
                        self._relay(connection)
                    else:
                        self._rest(SWEEP)
            except BROKER_ERRORS as error:
                log.warning("relay: broker away", service=self.service, error=str(error))
                self._rest(PAUSE)
            except Exception as error:
                if not is_down(error):
                    log.exception("relay: failed", service=self.service)
                else:
                    log.warning("relay: database away", service=self.service)
                self._rest(PAUSE)

    def stop(self) -> None:
        self._stopping = True
        self._wake.set()

    def _relay(self, connection: Any) -> None:
        publisher = ConfirmedPublisher(connection, self.service)
        while not self._stopping:
            self._wake.clear()
            self._stay_sole()
            held_back: set[str] = set()
            while not self._stopping and self._publish_batch(publisher, held_back):
                self.last_round = time.monotonic()
            self.last_round = time.monotonic()
            publisher.stay_connected()
            self._wake.wait(SWEEP_OF_SOLE_OWNER if self.database.is_sqlite else SWEEP)

    def _publish_batch(self, publisher: ConfirmedPublisher, held_back: set[str]) -> bool:
        """Whether there was anything to publish: then there may be more.

        held_back: subjects with a row that was refused in this sweep; those refused now join it.
        """
        with self.database.reading() as session:
            rows = session.execute(_unpublished(held_back)).mappings().all()
        if not rows:
            return False
        envelopes = [Envelope.of_row(self.service, row) for row in rows]
        since = tracing.now()
        taken = publisher.publish(envelopes)
        tracing.published(self.service, envelopes, taken, since)
        crash_points.reach("published")
        self._mark(_in_order(rows, taken, held_back))
        return True

    def _mark(self, rows: Sequence[RowMapping]) -> None:
        """Note what the broker has taken over, and chain it to what was published before.

        Once only: a relay that lost its lock without knowing may have published the same.
        """
        if not rows:
            return
        with self.database.transaction() as session:
            unmarked = set(session.scalars(_unmarked(rows)))
            last = session.execute(
                select(log_table.c.link, log_table.c.hash)
                .where(log_table.c.link.is_not(None))
                .order_by(log_table.c.link.desc())
                .limit(1)
            ).first()
            link, digest = last or (0, event_log.GENESIS)
            marks, now = [], self.clock.now()
            for row in rows:
                if row["position"] not in unmarked:
                    continue
                link, digest = link + 1, event_log.chain(digest, row)
                place = {"position": row["position"], "link": link, "hash": digest}
                marks.append(place | {"published_at": now})
            many_rows.change(session, log_table, log_table.c.position, marks)

    @contextmanager
    def _sole(self) -> Iterator[bool]:
        """Whether this relay is the active one, for as long as the block lasts."""
        if self.database.is_sqlite:
            yield True
            return
        with self.database.engine.connect() as connection:
            held = connection.scalar(text("select pg_try_advisory_lock(:lock, 0)"), {"lock": _LOCK})
            connection.commit()
            self._lock = connection if held else None
            self._lock_seen = time.monotonic()
            try:
                yield bool(held)
            finally:
                self._lock = None
                if held:
                    connection.invalidate()  # gives the lock back, whatever state it is in

    def _stay_sole(self) -> None:
        """Raises what says that the database is away, where the lock was lost with its session.

        Nobody tells the relay: it would go on beside the one that has the lock now.
        """
        now = time.monotonic()
        if self._lock is None or now < self._lock_seen + SWEEP:
            return
        self._lock.execute(text("select 1"))
        self._lock.commit()
        self._lock_seen = now

    def _rest(self, seconds: float) -> None:
        self.last_round = time.monotonic()
        self._wake.clear()
        if not self._stopping:
            self._wake.wait(seconds)


def _unpublished(held_back: Iterable[str]) -> Any:
    return (
        select(log_table)
        .where(log_table.c.published_at.is_(None), log_table.c.subject.not_in(held_back))
        .order_by(log_table.c.position)
        .limit(BATCH)
    )


def _unmarked(rows: Sequence[RowMapping]) -> Any:
    positions = [row["position"] for row in rows]
    return (
        select(log_table.c.position)
        .where(log_table.c.position.in_(positions), log_table.c.published_at.is_(None))
        .with_for_update()
    )


def _in_order(
    rows: Sequence[RowMapping], taken: Sequence[bool], held_back: set[str]
) -> list[RowMapping]:
    """The rows that the broker took, without those that overtook a refused one of their subject.

    The subjects of refused ones are added to `held_back`.
    """
    published = []
    for row, confirmed in zip(rows, taken, strict=True):
        if not confirmed:
            held_back.add(row["subject"])
        elif row["subject"] not in held_back:
            published.append(row)
    return published
