"""How the processes of a service divide among them what they read."""

import math
import threading
from contextlib import closing

import structlog
from sqlalchemy import Connection, text

from shared.database import STATEMENT_BY_STATEMENT, Database
from shared.messaging.parts import Share, divided_into

log = structlog.get_logger()

#: First halves of the advisory locks' keys ("entP", "entQ"); the database tells services apart.
_PART, _PROCESS = 0x656E7450, 0x656E7451
#: Seconds between two looks at who else is there.
LOOK = 0.5
#: Seconds after which the server ends the session of a process that does not look any more.
UNHEARD = 10

_TAKE = text(f"select pg_try_advisory_lock({_PART}, :number)")
_GIVE_BACK = text(f"select pg_advisory_unlock({_PART}, :number)")
_BE_COUNTED = text(f"select pg_advisory_lock_shared({_PROCESS}, 0)")
_COUNT = text(
    "select count(*) from pg_locks join pg_database on pg_database.oid = database"
    f" where locktype = 'advisory' and classid = {_PROCESS} and granted"
    " and datname = current_database()"
)


class ClaimedShare(Share):
    """So many of the parts that each process on the same PostgreSQL database has alike many.

    Each part has one reader, by an advisory lock; those of a process that ends are free at once,
    and others take them at their next look. Where two read the same part for a moment, as while it
    changes hands, order and single effect hold by `progress` all the same, only more slowly.
    """

    def __init__(self, database: Database, of: int) -> None:
        super().__init__(())
        self._database = database
        self._all = divided_into(of)
        self._stopping = threading.Event()

    def run(self) -> None:
        while not self._stopping.is_set():
            try:
                with self._database.engine.connect() as pooled, closing(pooled):
                    connection = pooled.execution_options(**STATEMENT_BY_STATEMENT)
                    try:
                        self._claim(connection)
                    finally:
                        self.become(())
                        connection.invalidate()  # gives every lock back
            except Exception as error:  # noqa: BLE001  # of whatever kind: without locks no part
                log.warning("share of the events lost", error=str(error))
            self._stopping.wait(LOOK)

    def stop(self) -> None:
        self._stopping.set()

    def _claim(self, connection: Connection) -> None:
        # Who is not heard any more must not keep its parts from others, nor from its own successor.
        connection.execute(text(f"set idle_session_timeout = '{UNHEARD}s'"))
        connection.execute(_BE_COUNTED)
        while not self._stopping.is_set():
            processes = connection.scalar(_COUNT) or 1
            self._take(connection, math.ceil(len(self._all) / processes))
            connection.commit()
            self._stopping.wait(LOOK)

    def _take(self, connection: Connection, fair: int) -> None:
        """Give back what is more than a fair share, or take what is free up to it."""
        mine, given_back = self.parts[:fair], self.parts[fair:]
        free = [part for part in self._all if part not in self.parts]
        for part in free:
            if len(mine) < fair and connection.scalar(_TAKE, {"number": part.number}):
                mine = (*mine, part)
        if mine != self.parts:
            self.become(mine)
            log.info("share of the events", parts=[part.number for part in mine])
        for part in given_back:
            connection.execute(_GIVE_BACK, {"number": part.number})
