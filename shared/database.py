"""One service's own database: engine and transactions, for SQLite and PostgreSQL."""

import math
import re
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event
from sqlalchemy import text as sql
from sqlalchemy.exc import (
    DBAPIError,
    DisconnectionError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    TimeoutError,
)
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.pool import QueuePool

from shared import patience
from shared.errors import Unavailable
from shared.round_trips import Connection as Trips
from shared.values import from_json, to_json

#: How SQLite waits for a lock held by another process: shortly, because it blocks everybody in
#: this one; whoever gets "database is locked" tries again (see `is_passing`).
SQLITE_BUSY_MS = 100

#: Seconds for which a connection that was used counts as alive.
FRESH = 1.0

#: Execution options of a connection to PostgreSQL on which statements commit by themselves.
STATEMENT_BY_STATEMENT = {"statement_by_statement": True}
#: Execution options of a statement, no INSERT, of which nobody asks how many rows it concerned.
UNANSWERED = {"unanswered": True}

#: PostgreSQL's codes for what a second try cures: serialisation failure and deadlock.
_PASSING_SQLSTATES = {"40001", "40P01"}
#: Codes of a key that is taken, and PostgreSQL's of a lock that was not given in time.
_UNIQUE_SQLSTATE = "23505"
_UNIQUE_SQLITE_CODES = {sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY}
_LOCK_SQLSTATE = "55P03"
#: A file that is damaged, or holds something else.
_BROKEN_SQLITE_CODES = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
#: Classes of codes that say nothing against the statement: connection lost, out of resources (disk,
#: memory, connections), stopped by an operator, system error; and a server that only reads now.
_DOWN_SQLSTATES = ("08", "53", "57P", "58", "25006")


@dataclass(frozen=True)
class Taken:
    """A key that must be unique and is already there: its columns, and its value where known."""

    table: str
    columns: tuple[str, ...]
    value: str = ""


def key_taken(error: BaseException) -> Taken | None:
    """Which unique key a statement violated; None for every other error."""
    if not isinstance(error, IntegrityError):
        return None
    if getattr(error.orig, "pgcode", None) == _UNIQUE_SQLSTATE:
        return _taken_on_postgresql(error.orig)
    if getattr(error.orig, "sqlite_errorcode", None) in _UNIQUE_SQLITE_CODES:
        return _taken_on_sqlite(str(error.orig))
    return None


def is_passing(error: BaseException) -> bool:
    """Whether running the same transaction again can succeed: somebody else was quicker.

    A key that is taken can have been inserted since the transaction looked, on PostgreSQL; on
    SQLite nobody else writes meanwhile. No other integrity error is cured by a further try.
    """
    if isinstance(error, StaleDataError):
        return True
    if isinstance(error, IntegrityError):
        return getattr(error.orig, "pgcode", None) == _UNIQUE_SQLSTATE
    if isinstance(error, DBAPIError):
        return getattr(
            error.orig, "pgcode", None
        ) in _PASSING_SQLSTATES or "database is locked" in str(error.orig)
    return False


class WaitedTooLong(Exception):
    """Others wrote to a SQLite database for longer than a transaction may wait."""


def has_waited_too_long(error: BaseException) -> bool:
    """Whether others held a lock for longer than a command may wait (see `limit_waiting`)."""
    if isinstance(error, WaitedTooLong):
        return True
    return isinstance(error, DBAPIError) and getattr(error.orig, "pgcode", None) == _LOCK_SQLSTATE


def _taken_on_postgresql(error: Any) -> Taken:
    found = re.match(r"Key \((.+?)\)=\((.*)\) ", error.diag.message_detail or "", re.DOTALL)
    columns, value = found.groups() if found else (error.diag.constraint_name or "", "")
    return Taken(error.diag.table_name or "", tuple(columns.split(", ")), value)


def _taken_on_sqlite(message: str) -> Taken:
    names = message.partition("failed: ")[2].split(", ")
    return Taken(names[0].partition(".")[0], tuple(name.rpartition(".")[2] for name in names))


def is_down(error: BaseException) -> bool:
    """Whether the database cannot be reached or cannot write: nothing wrong with the statement."""
    if isinstance(error, TimeoutError):
        return True
    if not isinstance(error, DBAPIError) or error.connection_invalidated:
        return isinstance(error, DBAPIError)
    code = getattr(error.orig, "pgcode", None)
    if code is not None:
        return code.startswith(_DOWN_SQLSTATES)
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code in _BROKEN_SQLITE_CODES:
        return True
    # SQLite raises the same for a statement that is wrong, such as one on a missing table.
    return isinstance(error, OperationalError | InterfaceError) and code != sqlite3.SQLITE_ERROR


def reason_unreachable(error: BaseException) -> str:
    """What keeps a database from being used, in words; holds no address and no password."""
    text = str(getattr(error, "orig", None) or error).strip()
    for sign, reason in (
        ("password authentication failed", "refuses the user name or password"),
        (
            "certificate verify failed",
            "has a certificate that ENTENTE_DATABASE_CA does not vouch for, or that has expired",
        ),
        ("does not match host name", "has the certificate of another host than the one named"),
        ("does not support SSL", "offers no TLS, which ENTENTE_DATABASE_CA asks for"),
        ("no pg_hba.conf entry", "refuses connections of this user from this machine"),
        ("does not exist", "is not there; create it, then run `entente db upgrade`"),
        ("Connection refused", "refuses connections; its server may not be running"),
        ("could not translate host name", "has a host name that is not known"),
        ("did not answer", "does not answer"),
        ("timeout expired", "does not answer"),
        ("file is not a database", "is not a database file; restore it from a backup"),
        ("disk image is malformed", "is damaged; restore it from a backup"),
        ("unable to open database file", "cannot be opened by this user"),
        ("readonly database", "cannot be written by this user"),
        ("too many clients", "has no connection left"),
    ):
        if sign in text:
            return reason
    return f"cannot be used ({type(getattr(error, 'orig', None) or error).__name__})"


@contextmanager
def unavailable_when_down(service: str) -> Iterator[None]:
    """Raises Unavailable, of this service, where its database is down."""
    try:
        yield
    except Exception as error:
        if is_down(error):
            raise Unavailable(
                f"The database of the {service} service cannot be reached. Try again in a moment.",
                rule="database-down",
            ) from error
        raise


#: Set among a session's `info` where facts were recorded in it.
RECORDED = "recorded"


def is_on_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def limit_waiting(session: Session) -> None:
    """Let this transaction wait for others' locks no longer than a command may take.

    SQLite has no locks on rows: one transaction writes at a time, and waits for its turn as long
    as `Database.transaction` says.
    """
    if not is_on_sqlite(session):
        limit = sql(f"set local lock_timeout = {int(patience.LOCK_TIMEOUT * 1000)}")
        session.execute(limit.execution_options(**UNANSWERED))


def take_turns(session: Session, name: int, number: int) -> None:
    """Wait until no other transaction holds the lock (name, number); held until this one ends.

    Both are 32-bit integers. On SQLite writers take turns anyway.
    """
    if not is_on_sqlite(session):
        lock = sql("select pg_advisory_xact_lock(:name, :number)")
        session.execute(lock.execution_options(**UNANSWERED), {"name": name, "number": number})


class Database:
    """Transactions on one service's database.

    `recorded` are called after every commit with facts in it: the relay wakes from it.
    """

    def __init__(self, url: str, *, pool_size: int = 10, patient: bool = False) -> None:
        """patient: for statements that may take very long, such as those of a migration."""
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        timeout = None if patient else patience.ANSWER_TIMEOUT
        self.engine = _sqlite(url) if self.is_sqlite else _postgresql(url, pool_size, timeout)
        # A snapshot is taken for each statement anyway (read committed): so PostgreSQL need not be
        # told of beginning and end.
        self._reading = self.engine.execution_options(
            **{"reading": True} if self.is_sqlite else STATEMENT_BY_STATEMENT
        )
        # SQLite has one writer. Waiting for it here, where other tasks go on, instead of inside
        # the driver, where they all would stand still.
        self._writer = threading.Lock() if self.is_sqlite else None
        self.recorded: list[Callable[[], None]] = []

    @contextmanager
    def transaction(self, within: float | None = None) -> Iterator[Session]:
        """A session that commits at the end, or rolls back where an error leaves the block.

        within: seconds that it may wait until others have written to SQLite; None: any number.
        Raises WaitedTooLong.
        """
        with (
            self._sole_writer(within),
            Session(self.engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session
        if RECORDED in session.info:
            for call in self.recorded:
                call()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for queries only: what it wrote would not be taken back."""
        with Session(self._reading, autoflush=False) as session:
            yield session

    def forget_earlier_states(self) -> bool:
        """Empty SQLite's write-ahead log, which shows what rows held before; whether it is empty.

        Where somebody is reading it stays, until this is called again. PostgreSQL vacuums by
        itself.
        """
        if not self.is_sqlite:
            return True
        with self._sole_writer(), closing(self.engine.raw_connection()) as connection:
            cursor = connection.cursor()
            # To wait for readers inside the driver would keep everybody else waiting.
            cursor.execute("PRAGMA busy_timeout = 0")
            try:
                busy, _, _ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                cursor.execute(f"PRAGMA busy_timeout = {SQLITE_BUSY_MS}")
            return not busy

    @property
    def connections(self) -> tuple[int, int]:
        """How many are in use now, and how many may be at most."""
        pool = cast(QueuePool, self.engine.pool)
        return pool.checkedout(), pool.size() + pool._max_overflow

    def close(self) -> None:
        self.engine.dispose()

    @contextmanager
    def _sole_writer(self, within: float | None = None) -> Iterator[None]:
        if self._writer is None:
            yield
            return
        if not self._writer.acquire(timeout=-1 if within is None else within):
            raise WaitedTooLong(f"others have been writing for {within:g} s")
        try:
            yield
        finally:
            self._writer.release()


def _postgresql(url: str, pool_size: int, answer_timeout: float | None) -> Engine:
    engine = create_engine(
        url,
        hide_parameters=True,  # errors are logged, and what people write belongs in no log
        json_serializer=to_json,
        json_deserializer=from_json,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=5,
        pool_use_lifo=True,  # the server's process of the last one knows the tables already
        connect_args=patience.connect_args()
        | {"connection_factory": type("Limited", (Trips,), {"answer_timeout": answer_timeout})},
    )

    event.listen(engine, "handle_error", _say_no_values)

    @event.listens_for(engine, "checkin")
    def remember(_: Any, record: Any) -> None:
        record.info["used_at"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def look(connection: Any, record: Any, _: Any) -> None:
        """As `pool_pre_ping`, without a round trip before each transaction of a busy service."""
        if time.monotonic() - record.info.get("used_at", math.inf) < FRESH:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        alone = connection.get_execution_options().get("statement_by_statement")
        _trips_of(connection.connection).begin(lasting=not alone)

    @event.listens_for(engine, "do_execute")
    def defer(cursor: Any, statement: str, parameters: Any, context: Any) -> bool:
        """Whether it was left to travel with the next statement (see `shared.round_trips`)."""
        deferred = cursor.connection.in_transaction and _is_unanswered(context)
        if deferred:
            cursor.defer(statement, parameters)
        return deferred

    return engine


def _say_no_values(context: ExceptionContext) -> None:
    """PostgreSQL quotes the row or the statement in its details, and errors are logged."""
    said = getattr(getattr(context.original_exception, "diag", None), "message_primary", None)
    if said is None:
        return
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None:
            error.args = (f"({type(context.original_exception).__name__}) {said}",)


def _is_unanswered(context: Any) -> bool:
    """Whether nobody waits for what the statement answers."""
    if context.isinsert:
        return not context.compiled.effective_returning
    return bool(context.execution_options.get("unanswered"))


def _trips_of(pooled: Any) -> Trips:
    made: Trips = pooled.dbapi_connection
    return made


def _sqlite(url: str) -> Engine:
    engine = create_engine(
        url,
        hide_parameters=True,  # errors are logged, and what people write belongs in no log
        json_serializer=to_json,
        json_deserializer=from_json,
        connect_args={"check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # we begin ourselves, below
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {SQLITE_BUSY_MS}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        # What is deleted, answers of participants say, is overwritten and not merely let go.
        cursor.execute("PRAGMA secure_delete = ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("reading")
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine
