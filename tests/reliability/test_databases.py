"""Row 9: a listener's database is busy, full, slow or away; a SQLite file is locked by somebody."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, TimeoutError
from sqlalchemy.pool import QueuePool

from shared.clock import SystemClock
from shared.converters.addresses import EMBEDDED
from shared.database import Database, is_down
from shared.messaging import subscriber as subscribing
from shared.messaging.embedded import Transport
from tests.integration.messaging.places import SOURCE, AtWork, Consumer, Source, with_tables
from tests.office import until
from tests.reliability.kit.stage import RECOVERY, Stage, flat

#: What the database raises, and for how many of the first attempts; None: until it is mended.
RAISED = {
    "deadlock": ("40P01", 3),
    "serialisation failure": ("40001", 3),
    "disk full": ("53100", None),
    "too many connections": ("53300", None),
}

#: A listener that pauses a fifth of a second before it comes back, from each of two sources, with a
#: look at what it holds beside; no hot loop.
MOST_TRIES_A_SECOND = 20

#: Where a listener writes what becomes of an event.
DISTURBED = ("effects", "held_events")


@pytest.mark.parametrize(("code", "times"), RAISED.values(), ids=RAISED)
def test_a_database_that_refuses_to_write(stage: Stage, code: str, times: int | None) -> None:
    """A lost race is run again; a database without room is waited for, and nothing is blamed on an
    event: none is held."""
    finance = stage.listeners["finance"]
    with refusing(stage, code, times):
        told = flat(stage.tell(30))
        until(lambda: stage.listeners["insight"].has_heard(told), "the others going on")
        if times is None:
            assert tries_a_second(stage) < MOST_TRIES_A_SECOND
            assert not finance.has_heard(told[:1])
        assert finance.held() == []
    until(lambda: finance.has_heard(told), "what was told")
    assert finance.held() == []


def tries_a_second(stage: Stage) -> float:
    """How often the listener is seen to try."""

    def tries() -> int:
        return int(stage.query("finance", "select last_value from attempts")[0])

    until(lambda: tries() > 1, "a first try")
    since, before = time.monotonic(), tries()
    until(lambda: tries() > before + 4, "some more tries")
    return (tries() - before) / (time.monotonic() - since)


def test_a_database_that_is_slow_to_commit(stage: Stage) -> None:
    """Each effect makes a listener's commit a tenth of a second longer. It is late; others are
    not."""
    with trigger(stage, "perform pg_sleep(0.1)"):
        told = flat(stage.tell(10))
        until(lambda: stage.listeners["insight"].has_heard(told), "the others going on")
        until(lambda: stage.listeners["finance"].has_heard(told), "what was told")


def test_a_database_server_that_restarts_under_load(stage: Stage, own_postgres: Any) -> None:
    """Of tellers and listeners alike. Who tells a fact repeats what was not answered."""
    with stage.telling():
        own_postgres.restart()
        told = flat(stage.tell(20))
        until(lambda: has_been_heard(stage, told), "what was told", RECOVERY)


def has_been_heard(stage: Stage, told: list[UUID]) -> bool:
    """Whether finance has heard it; we too may hold a connection that was ended."""
    try:
        return stage.listeners["finance"].has_heard(told)
    except DBAPIError as error:
        if is_down(error):
            return False
        raise


def test_a_sqlite_file_that_another_process_locks(small_office: "SmallOffice") -> None:
    """Somebody looks into the file of a running office with a tool that locks it, for longer than
    a transaction tries. Nothing is blamed on the events that came meanwhile."""
    small_office.waits_for_the_end_of(locked(small_office.file))


def test_a_pool_of_connections_that_is_exhausted(small_office: "SmallOffice") -> None:
    """Others of the same process have all the connections that there may be, for longer than
    anybody waits for one. Nothing is blamed on the events that came meanwhile."""
    small_office.waits_for_the_end_of(exhausted(small_office.consumer.database))


class SmallOffice:
    """A source and a consumer in this process, each with its SQLite file."""

    def __init__(self, own: Database, others: Database, file: Path) -> None:
        clock = SystemClock()
        self.source = Source(own, clock)
        self.consumer = Consumer(others, clock, {SOURCE: self.source})
        self.file = file
        self.subscriber = self.consumer.subscriber(EMBEDDED)
        #: One for each time that the subscriber came back to its work.
        self.tries: list[str] = []
        come_back = self.subscriber._come_back

        def noted(what: str, error: Exception) -> None:
            self.tries.append(what)
            come_back(what, error)

        self.subscriber._come_back = noted  # type: ignore[method-assign]

    def waits_for_the_end_of(self, trouble: AbstractContextManager[None]) -> None:
        """Tell facts before and in the midst of it; all are heard after it, and none is held."""
        subject = uuid4()
        with AtWork(self.source.relay(EMBEDDED), self.subscriber):
            facts = self.source.record(subject)
            until(lambda: self.consumer.facts() == facts, "the first fact")
            with trouble:
                facts += self.source.record(subject, 3)
                until(lambda: len(self.tries) >= 2, "some tries")
            until(lambda: self.consumer.facts() == facts, "all facts")
        assert self.consumer.held() == []


@pytest.fixture
def small_office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallOffice]:
    monkeypatch.setattr(subscribing, "PAUSE", 0.1)
    Transport.reset()
    file = tmp_path / "consumer.db"
    with (
        closing(with_tables(Database(f"sqlite:///{tmp_path}/source.db"))) as own,
        closing(with_tables(Database(f"sqlite:///{file}"))) as others,
    ):
        yield SmallOffice(own, others, file)
    Transport.reset()


@contextmanager
def exhausted(database: Database) -> Iterator[None]:
    """No connection is free, and nobody waits long for one."""
    pool = database.engine.pool
    assert isinstance(pool, QueuePool)
    patience, pool._timeout = pool._timeout, 0.1
    taken: list[Any] = []
    try:
        with suppress(TimeoutError):
            while True:
                taken.append(pool.connect())
        yield
    finally:
        for each in taken:
            each.close()
        pool._timeout = patience


@contextmanager
def locked(file: Path) -> Iterator[None]:
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("begin exclusive")
        yield
        other.execute("rollback")


@contextmanager
def refusing(stage: Stage, code: str, times: int | None) -> Iterator[None]:
    """The finance service's database raises this when an effect is written."""
    run(stage, "create sequence if not exists attempts", "alter sequence attempts restart")
    limit = "" if times is None else f"if nextval('attempts') <= {times} then "
    body = f"{limit}raise exception 'told to' using errcode = '{code}'{'; end if' if limit else ''}"
    if times is None:
        body = f"perform nextval('attempts'); {body}"
    with trigger(stage, body):
        yield


@contextmanager
def trigger(stage: Stage, body: str) -> Iterator[None]:
    """This is done at the end of each transaction in which finance writes what it heard."""
    run(
        stage,
        "create or replace function disturb() returns trigger language plpgsql as "
        f"$$ begin {body}; return null; end $$",
        *(
            f"create constraint trigger disturbance after insert or update on {table} "
            "deferrable initially deferred for each row execute function disturb()"
            for table in DISTURBED
        ),
    )
    try:
        yield
    finally:
        run(stage, *(f"drop trigger disturbance on {table}" for table in DISTURBED))


def run(stage: Stage, *statements: str) -> None:
    """Each in a transaction of its own: with two tables locked, it and finance could each wait for
    the other."""
    for statement in statements:
        with stage.listeners["finance"].database.transaction() as session:
            session.execute(text(statement))
