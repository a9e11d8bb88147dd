"""What of an event log has not left yet, in the hands of the one relay that takes it out."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, select, text
from sqlalchemy.orm import Session

from shared import many_rows, patience
from shared.database import Database
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

    def __init__(self, reading: Opening, writing: Opening) -> None:
        self._reading = reading
        self._writing = writing
        #: Link and hash of what was published last; nobody else publishes meanwhile.
        self._last: tuple[int, str] | None = None

    def unpublished(self, held_back: Collection[str], limit: int) -> Sequence[RowMapping]:
        """The oldest rows that have not left, without those of the subjects `held_back`."""
        statement = _UNPUBLISHED.limit(limit)
        if held_back:
            statement = statement.where(log_table.c.subject.not_in(held_back))
        with self._reading() as session:
            return session.execute(statement).mappings().all()

    def mark(self, rows: Sequence[RowMapping], now: datetime) -> None:
        """Note that the broker has these, and chain them to what was published before."""
        if not rows:
            return
        with self._writing() as session:
            link, digest = self._last or self._look_up(session)
            marks: list[dict[str, Any]] = []
            for row in rows:
                link, digest = link + 1, event_log.chain(digest, row)
                marks.append(
                    {"position": row["position"], "link": link, "hash": digest, "published_at": now}
                )
            many_rows.change(session, log_table.c.position, marks)
        self._last = link, digest

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
        yield Outgoing(database.reading, database.transaction)
        return
    with database.engine.connect() as pooled:
        connection = pooled.execution_options(isolation_level="AUTOCOMMIT")
        held = connection.scalar(text("select pg_try_advisory_lock(:lock, 0)"), {"lock": _LOCK})
        if held:
            # Who has the lock and is not heard any more must not keep it from others for ever.
            connection.execute(text(f"set idle_session_timeout = '{patience.IDLE_WITH_LOCK}s'"))
        connection.commit()

        @contextmanager
        def session() -> Iterator[Session]:
            with Session(connection) as opened, opened.begin():
                yield opened

        try:
            yield Outgoing(session, session) if held else None
        finally:
            if held:
                connection.invalidate()  # gives the lock back, whatever state it is in
