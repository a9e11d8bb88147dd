"""A process that dies at a named point and is started again: nothing is lost, nothing is twice."""

import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from shared.clock import SystemClock
from shared.converters.addresses import EMBEDDED
from shared.database import Database
from shared.messaging import broker, crash_points, log_reader
from shared.messaging.catch_up import CatchUp
from tests.conftest import delete_queues, fresh_postgres_url
from tests.integration.messaging.places import CONSUMER, SOURCE, Consumer, Source, with_tables
from tests.office import until
from tests.reliability.kit.fork_server import Forked, ForkServer
from tests.reliability.two_services import FACTS, SUBJECTS

PROGRAM = "tests.reliability.two_services"


class Pair:
    """The two services of a test: their processes, and their databases as seen from outside."""

    def __init__(self, forks: ForkServer, uri: str, source_url: str, consumer_url: str) -> None:
        self._forks = forks
        self._arguments = (uri, source_url, consumer_url)
        self._opened = ExitStack()
        clock = SystemClock()
        own, others = (
            with_tables(self._opened.enter_context(closing(Database(url))))
            for url in (source_url, consumer_url)
        )
        self.source = Source(own, clock)
        self.consumer = Consumer(others, clock, {SOURCE: self.source})

    def start(self, role: str, crash_at: str = "") -> Forked:
        process = self._forks.start(role, *self._arguments, **{crash_points.VARIABLE: crash_at})
        self._opened.callback(process.wait)
        self._opened.callback(process.kill)
        return process

    def start_until_it_dies(self, role: str, crash_at: str) -> None:
        process = self.start(role, crash_at)
        until(lambda: process.poll() is not None, f"{role} dying at {crash_at}")
        assert process.returncode == -signal.SIGKILL

    def come_to_rest(self) -> None:
        """Wait until every fact has been recorded and published and has taken effect."""
        until(
            lambda: (
                log_reader.logged(self.source.database) == len(FACTS)
                and self.source.unpublished() == 0
                and len(self.consumer.facts()) >= len(FACTS)
                and not self.consumer.held()
            ),
            "all facts",
        )

    def close(self) -> None:
        self._opened.close()


@pytest.fixture(scope="module")
def forks() -> Iterator[ForkServer]:
    with ForkServer(PROGRAM) as server:
        yield server


@pytest.fixture
def in_one_process(forks: ForkServer, tmp_path: Path) -> Iterator[Pair]:
    files = (f"sqlite:///{tmp_path}/{name}.db" for name in ("source", "consumer"))
    with closing(Pair(forks, EMBEDDED, *files)) as both:
        yield both


@pytest.fixture
def in_two_processes(forks: ForkServer, postgres: Any, rabbitmq: Any) -> Iterator[Pair]:
    delete_queues(rabbitmq.uri)
    # There from the start: else all facts may come by catch-up, and no message ever.
    with broker.connect(rabbitmq.uri) as connection:
        broker.declared(broker.queue_of(CONSUMER, SOURCE), connection)
    url = fresh_postgres_url(postgres, ("source", "consumer"))
    urls = (url.replace("{service}", name) for name in ("source", "consumer"))
    with closing(Pair(forks, rabbitmq.uri, *urls)) as both:
        yield both
    delete_queues(rabbitmq.uri)


@pytest.mark.row("N1")
@pytest.mark.parametrize("point", [*crash_points.POINTS])
def test_one_process_that_dies_loses_nothing_and_counts_nothing_twice(
    in_one_process: Pair, point: str
) -> None:
    in_one_process.start_until_it_dies("both", f"{point}:2")
    in_one_process.start("both")
    in_one_process.come_to_rest()
    assert_equal_ledgers(in_one_process)


@pytest.mark.row("N1")
@pytest.mark.parametrize("point", ["committed", "published"])
def test_a_source_that_dies_loses_nothing_and_counts_nothing_twice(
    in_two_processes: Pair, point: str
) -> None:
    in_two_processes.start("consumer")
    in_two_processes.start_until_it_dies("source", f"{point}:2")
    in_two_processes.start("source")
    in_two_processes.come_to_rest()
    assert_equal_ledgers(in_two_processes)


@pytest.mark.row("N1")
@pytest.mark.parametrize("point", ["committed", "applied", "acknowledged"])
def test_a_consumer_that_dies_loses_nothing_and_counts_nothing_twice(
    in_two_processes: Pair, point: str
) -> None:
    in_two_processes.start("source")
    in_two_processes.start_until_it_dies("consumer", f"{point}:1")
    in_two_processes.start("consumer")
    in_two_processes.come_to_rest()
    assert_equal_ledgers(in_two_processes)


def assert_equal_ledgers(both: Pair) -> None:
    """Each side tells the same facts, each once, in the order of each subject."""
    expected = {
        subject: [str(fact) for about, fact in FACTS if about == subject] for subject in SUBJECTS
    }
    recorded: dict[Any, list[str]] = {subject: [] for subject in SUBJECTS}
    for envelope in both.source.envelopes():
        (subject,) = (each for each in SUBJECTS if envelope.subject.endswith(str(each)))
        recorded[subject].append(envelope.data["partner_id"])
    missing: Callable[[], list[Any]] = CatchUp(
        both.consumer.inbox(), both.consumer.log_at_hand
    ).missing
    assert recorded == expected
    assert {subject: both.consumer.facts(subject) for subject in SUBJECTS} == expected
    assert missing() == []
    assert log_reader.broken_link(both.source.database) is None
