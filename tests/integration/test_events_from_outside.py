"""Another system reads the events as docs/events-from-outside.md describes, to the letter."""

import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from infra.local import rabbitmq as local_rabbitmq
from infra.rabbitmq.definitions import definitions, user
from services.registry import SERVICES
from shared.database import Database
from shared.messaging.broker import BROKER_ERRORS, ConfirmedPublisher, calls_of, connect, queue_of
from tests.integration.messaging.places import SOURCE, AtWork, HandClock, Source
from tests.office import until

PAGE = (Path(__file__).resolve().parents[2] / "docs/events-from-outside.md").read_text("utf-8")
RIGHTS = re.search(r"set_permissions (\w+) '(\S+)' '(\S+)' '(\S+)'", PAGE)
PASSWORDS = {SOURCE: "of-source"}


@pytest.fixture
def store() -> str:
    return "sqlite"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A broker on which every user has the rights of its kind, the reader's as documented."""
    assert RIGHTS is not None
    name, configure, write, read = RIGHTS.groups()
    document = definitions(PASSWORDS)
    document["users"].append(user(name, "of-reader"))
    document["permissions"].append(
        {"user": name, "vhost": "/", "configure": configure, "write": write, "read": read}
    )
    with local_rabbitmq.start_private(tmp_path_factory.mktemp("rabbitmq")) as server:
        server.declare(document)
        yield server


@pytest.fixture
def source(database: Database) -> Source:
    return Source(database, HandClock())


class Reader:
    """The program of the page, run in a folder of its own."""

    def __init__(self, folder: Path, address: str) -> None:
        (program,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.S | re.M)
        self.folder = folder
        self.environment = {"BROKER": address}
        (folder / "reader.py").write_text(program)

    def start(self, *arguments: str, events: str = "") -> "subprocess.Popen[str]":
        running = subprocess.Popen(
            [sys.executable, "reader.py", *arguments],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert running.stdin is not None
        running.stdin.write(events)
        running.stdin.close()
        return running

    def run(self, *arguments: str, events: str = "") -> None:
        running = self.start(*arguments, events=events)
        assert running.wait(60) == 0, running.stderr and running.stderr.read()

    def seen(self) -> list[tuple[str, int]]:
        with sqlite3.connect(self.folder / "warehouse.db") as store:
            return store.execute("select subject, number from seen order by rowid").fetchall()


@pytest.fixture
def reader(guarded: Any, tmp_path: Path) -> Reader:
    assert RIGHTS is not None
    return Reader(tmp_path, guarded.uri_for(RIGHTS[1], "of-reader"))


def everything(source: Source) -> list[tuple[str, int]]:
    return [(each.subject, each.sequence) for each in source.envelopes()]


def as_lines(source: Source) -> str:
    """What `entente events --json` prints."""
    return "".join(each.to_json() + "\n" for each in source.envelopes())


@pytest.mark.row("X5")
def test_a_reader_that_comes_late_and_is_killed_applies_each_event_once(
    source: Source, reader: Reader, guarded: Any
) -> None:
    partner = uuid4()
    source.record(partner, 5)
    with AtWork(source.relay(guarded.uri_for(SOURCE, PASSWORDS[SOURCE]))):
        until(lambda: not source.unpublished(), "all being published before the reader comes")
        reader.run("bind")
        source.record(partner, 5)
        until(lambda: not source.unpublished(), "all being published")
        reader.run("replay", events=as_lines(source))
        running = reader.start("read")
        source.record(partner, 5)
        until(lambda: reader.seen() == everything(source), "the reader having all")
        running.kill()
        running.wait()
        source.record(partner, 5)
        running = reader.start("read")
        until(lambda: reader.seen() == everything(source), "the reader having all again")
        running.kill()
        running.wait()


@pytest.mark.row("X5")
def test_a_gap_stops_the_reader_and_a_replay_fills_it(
    source: Source, reader: Reader, guarded: Any
) -> None:
    reader.run("bind")
    with AtWork(source.relay(guarded.uri_for(SOURCE, PASSWORDS[SOURCE]))):
        partner = uuid4()
        source.record(partner, 3)
        until(lambda: not source.unpublished(), "all being published")
        guarded.control("purge_queue", "warehouse.partner")
        source.record(partner, 1)
        stopped = reader.start("read")
        assert stopped.wait(60) == 1
        assert stopped.stderr is not None
        assert f"A gap before partner/{partner} #4" in stopped.stderr.read()
        reader.run("replay", events=as_lines(source))
        assert reader.seen() == everything(source)


@pytest.mark.row("X5")
def test_a_reader_may_neither_publish_nor_call_nor_read_queues_of_ours(
    reader: Reader, guarded: Any
) -> None:
    refused = pytest.raises(BROKER_ERRORS, match="ACCESS_REFUSED")
    with refused, connect(reader.environment["BROKER"]) as connection:
        ConfirmedPublisher(connection, SOURCE)
    for queue in (calls_of(SOURCE), queue_of("finance", SOURCE)):
        with refused, connect(reader.environment["BROKER"]) as connection:
            queue(connection.channel()).queue_declare()


def test_the_queues_of_a_reader_do_not_collide_with_ours() -> None:
    assert RIGHTS is not None
    ours = [queue_of(a, b).name for a in SERVICES for b in SERVICES]
    assert not any(re.match(RIGHTS[2], name) for name in ours)
