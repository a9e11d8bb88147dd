"""Several processes of a service divide what they read, and take over from each other."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from uuid import uuid4

import pytest
from sqlalchemy import text

from shared.database import Database
from shared.messaging import sharing
from shared.messaging.parts import Part, Share, divided_into
from shared.messaging.sharing import _PROCESS, ClaimedShare
from tests.integration.messaging.places import AtWork, Consumer, Source
from tests.office import until

ALL_OF_FOUR = set(divided_into(4))


@pytest.fixture
def processes(
    new_database: Callable[[str], Database],
) -> Iterator[Callable[[int, int], list[ClaimedShare]]]:
    """So many processes on one database, of which each has connections of its own."""
    url = new_database("shared").url
    with ExitStack() as opened:

        def begin(count: int, of: int) -> list[ClaimedShare]:
            databases = [opened.enter_context(closing(Database(url))) for _ in range(count)]
            return [ClaimedShare(database, of) for database in databases]

        yield begin


class Standstill(threading.Event):
    """Whoever waits for it waits on, however long they wanted to."""

    def wait(self, _: float | None = None) -> bool:
        return super().wait()


def sizes(*shares: Share) -> list[int]:
    return sorted(len(share.parts) for share in shares)


@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
class TestClaims:
    def test_one_process_reads_all(self, processes) -> None:
        (only,) = processes(1, 4)
        with AtWork(only):
            until(lambda: set(only.parts) == ALL_OF_FOUR, "all parts")

    def test_who_comes_later_gets_alike_much(self, processes) -> None:
        first, second = processes(2, 4)
        with AtWork(first):
            until(lambda: sizes(first) == [4], "all parts with the first")
            with AtWork(second):
                until(lambda: sizes(first, second) == [2, 2], "two parts with each")
                assert {*first.parts, *second.parts} == ALL_OF_FOUR
            until(lambda: sizes(first) == [4], "all parts with the first again")

    def test_who_is_one_too_many_stands_by(self, processes) -> None:
        first, second = processes(2, 1)
        with AtWork(second):
            with AtWork(first):
                until(lambda: sizes(first, second) == [0, 1], "one part with one of them")
            until(lambda: sizes(second) == [1], "the part with who is left")

    def test_who_loses_its_session_loses_its_parts_and_comes_back(self, processes) -> None:
        (only,) = processes(1, 2)
        with AtWork(only):
            until(lambda: sizes(only) == [2], "both parts")
            with only._database.transaction() as session:
                session.execute(
                    text(
                        "select pg_terminate_backend(pid) from pg_locks where"
                        f" locktype = 'advisory' and classid = {_PROCESS}"
                    )
                )
            until(lambda: sizes(only) == [0], "no part", every=0.001)
            until(lambda: sizes(only) == [2], "both parts again")

    def test_who_falls_silent_loses_its_parts(self, processes, monkeypatch) -> None:
        monkeypatch.setattr(sharing, "UNHEARD", 1)
        silent, other = processes(2, 2)
        silent._stopping = Standstill()
        with AtWork(silent):
            until(lambda: sizes(silent) == [2], "both parts with the first")
            with AtWork(other):
                until(lambda: sizes(other) == [2], "both parts with the other")


def test_two_readers_of_two_parts_read_all_of_it_in_order(
    source: Source, consumer: Consumer, amqp_uri: str
) -> None:
    subjects = [uuid4() for _ in range(6)]
    shares = [Share([Part(1, 2)]), Share([Part(2, 2)])]
    readers = [consumer.subscriber(amqp_uri, share=share) for share in shares]
    before = {subject: source.record(subject, 2) for subject in subjects}  # by catch-up
    with AtWork(source.relay(amqp_uri), *readers):
        until(lambda: len(consumer.facts()) == 12, "what was there")
        recorded = {each: before[each] + source.record(each, 3) for each in subjects}
        until(lambda: len(consumer.facts()) == 30, "all facts")
    assert {each: consumer.facts(each) for each in subjects} == recorded
    assert consumer.held() == []


def test_a_reader_leaves_alone_what_is_in_anothers_part(
    source: Source, consumer: Consumer, amqp_uri: str
) -> None:
    subjects = [uuid4() for _ in range(8)]
    share = Share([Part(1, 2)])
    mine = [each for each in subjects if share.holds(f"partner/{each}")]
    reader = consumer.subscriber(amqp_uri, share=share)
    recorded = {subject: source.record(subject) for subject in subjects}
    with AtWork(source.relay(amqp_uri), reader):
        until(lambda: len(consumer.facts()) == len(mine), "what is mine")
        more = {subject: source.record(subject) for subject in subjects}
        until(lambda: len(consumer.facts()) == 2 * len(mine), "what is mine")
        share.become([Part(1, 2), Part(2, 2)])  # the other process has ended
        until(lambda: len(consumer.facts()) == 16, "all of it")
    assert {each: consumer.facts(each) for each in subjects} == {
        each: recorded[each] + more[each] for each in subjects
    }
