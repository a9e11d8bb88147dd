"""Fewer round trips to PostgreSQL: what nobody waits for travels with what somebody does.

A statement without an answer, such as an INSERT, need not be waited for: it goes to the server
with the next statement that has one, or with the COMMIT. Each trip costs more than most statements
do. The order of statements stays as it is, and so does what a transaction promises; only an error
shows later, with the statement that took the trip.
"""

from typing import Any

from psycopg2.extensions import cursor

from shared import patience

_BEGIN, _COMMIT, _ROLLBACK = b"BEGIN", b"COMMIT", b"ROLLBACK"


class Connection(patience.Connection):
    """A psycopg2 connection on which statements may wait, in transactions that `begin` opens."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cursor_factory = Cursor
        self.autocommit = True  # for psycopg2, which would send each BEGIN on a trip of its own
        #: What travels with the next statement.
        self.waiting: list[bytes] = []
        self.in_transaction = False
        self._is_lasting = False

    def begin(self, *, lasting: bool) -> None:
        """lasting: until `commit` or `rollback`; otherwise what travels together is committed
        together, on arrival."""
        self.in_transaction, self._is_lasting = True, lasting
        if lasting:
            self.waiting.append(_BEGIN)

    def commit(self) -> None:
        """Raises what the statements raise that travel with it."""
        if self.waiting == [_BEGIN]:
            self.waiting.clear()  # nothing was done: the server need not hear of it
        elif self._is_lasting:
            self.waiting.append(_COMMIT)
        self.flush()
        self._end()

    def rollback(self) -> None:
        is_known = self._is_lasting and self.waiting[:1] != [_BEGIN]
        self.waiting = [_ROLLBACK] if is_known else []
        self.flush()
        self._end()

    def flush(self) -> None:
        """Send what is waiting."""
        if self.waiting:
            *before, last = self.waiting
            self.waiting = before
            with self.cursor() as cursor:
                cursor.execute(last)

    def _end(self) -> None:
        self.in_transaction = self._is_lasting = False


class Cursor(cursor):
    """Takes along what is waiting on its connection."""

    connection: Connection

    def execute(self, query: Any, parameters: Any = None) -> None:
        waiting = self.connection.waiting
        if not waiting:
            super().execute(query, parameters)
            return
        together = b";".join([*waiting, self._as_bytes(query, parameters)])
        waiting.clear()
        super().execute(together)

    def executemany(self, query: Any, rows: Any) -> None:
        self.connection.flush()
        super().executemany(query, rows)

    def defer(self, query: Any, parameters: Any) -> None:
        """Have a statement travel with the next one. Only inside a transaction."""
        assert self.connection.in_transaction
        self.connection.waiting.append(self._as_bytes(query, parameters))

    def _as_bytes(self, query: Any, parameters: Any) -> bytes:
        made: bytes = self.mogrify(query, parameters)
        return made
