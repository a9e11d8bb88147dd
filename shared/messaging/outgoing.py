"""What of an event log has not left yet, in the hands of the one relay that takes it out."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, select, text
from sqlalchemy.orm import Session

from shared import many_rows, patience
from shared.database import STATEMENT_BY_STATEMENT, Database
from shared.messaging import event_log
from shared.messaging.tables import event_log as log_table

#: First half of the advisory lock's key ("entR"); the database itself tells services apart.
_LOCK = 0x656E7452

_UNPUBLISHED = (
    select(log_table).where(log_table.c.published_at.is_(None)).order_by(log_table.c.position)
)
_LAST = (
    select(log_table.c.link, log_table.c.hash)
    .where(log_table.c.link.is_not(None))
    .order_by(log_table.c.link.desc())
    .limit(1)
)

Opening = Callable[[], AbstractContextManager[Session]]


class Outgoing:
    """Reads what is unpublished and marks what was published. Made by `sole_owner`."""

    def __init__(self, reading: Opening, writing: Opening, *, is_far: bool) -> None:
        """is_far: whether each statement takes a trip to a server, so that marks wait for one."""
        self._reading = reading
        self._writing = writing
        self._is_far = is_far
        #: Link and hash of what was marked last; nobody else marks meanwhile.
        self._last: tuple[int, str] | None = None
        #: What the broker has and the log does not say yet.
        self.published: Sequence[RowMapping] = ()
        self._published_at: datetime | None = None

    def next(self, limit: int = 0, held_back: Collection[str] = ()) -> Sequence[RowMapping]:
        """The oldest rows that have not left, without those of the subjects `held_back`.

        What was published is marked on the same trip.
        """
        statement = _UNPUBLISHED.limit(limit)
        if held_back:
            statement = statement.where(log_table.c.subject.not_in(held_back))
        with (self._writing if self.published else self._reading)() as session:
            last = self._mark(session)
            rows = session.execute(statement).mappings().all()
        self._last, self.published = last, ()
        return rows

    def note(self, published: Sequence[RowMapping], now: datetime) -> None:
        """The broker has these: they are marked soon, in the order of the chain."""
        self.published, self._published_at = published, now
        if published and not self._is_far:
            self.next()

    def _mark(self, session: Session) -> tuple[int, str] | None:
        """The link and hash of what was marked last."""
        if not self.published:
            return self._last
        link, digest = self._last or self._look_up(session)
        marks: list[dict[str, Any]] = []
        for row in self.published:
            link, digest = link + 1, event_log.chain(digest, row)
            marks.append(
                {
                    "position": row["position"],
                    "link": link,
                    "hash": digest,
                    "published_at": self._published_at,
                }
            )
        many_rows.change(session, log_table.c.position, marks)
        return link, digest

    def _look_up(self, session: Session) -> tuple[int, str]:
        last = session.execute(_LAST).first()
        return (last.link, last.hash) if last else (0, event_log.GENESIS)


@contextmanager
def sole_owner(database: Database) -> Iterator[Outgoing | None]:
    """What is outgoing, for as long as the block lasts; None while another process has it.

    On PostgreSQL by an advisory lock of the very connection that reads and marks: who has lost
    the lock can mark nothing. A SQLite database belongs to one process.
    """
    if database.is_sqlite:
        yield Outgoing(database.reading, database.transaction, is_far=False)
        return
    with database.engine.connect() as pooled:
        connection = pooled.execution_options(**STATEMENT_BY_STATEMENT)
        held = connection.scalar(text("select pg_try_advisory_lock(:lock, 0)"), {"lock": _LOCK})
        if held:
            # Who has the lock and is not heard any more must not keep it from others for ever.
            connection.execute(text(f"set idle_session_timeout = '{patience.IDLE_WITH_LOCK}s'"))
            # What was published stays in the index of what was not until the next vacuum. A plain
            # scan marks such entries, and passes over marked ones; a bitmap scan reads them all.
            connection.execute(text("set enable_bitmapscan = off"))
        connection.commit()

        @contextmanager
        def session() -> Iterator[Session]:
            with Session(connection) as opened, opened.begin():
                yield opened

        try:
            yield Outgoing(session, session, is_far=True) if held else None
        finally:
            if held:
                connection.invalidate()  # gives the lock back, whatever state it is in
