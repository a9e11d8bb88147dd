"""What catch-up promises: afterwards everything is here, whatever was forgotten meanwhile."""

from collections.abc import Callable, Sequence
from functools import partial
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import delete, text

from shared.database import Database
from shared.messaging import log_reader, progress, tables
from shared.messaging.catch_up import Ahead, CatchUp
from shared.messaging.outgoing import sole_owner
from shared.work import Call
from tests.integration.messaging.places import SOURCE, Consumer, Source, forget, ledger
from tests.office import until

pytestmark = pytest.mark.row("X1")


@pytest.fixture(autouse=True)
def windows_of_ten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.messaging.catch_up.WINDOW", 10)


class Log:
    """A source's log; something may happen while a part of it is being fetched."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.meanwhile: list[Callable[[], None]] = []

    def window(self, source: str, after: int, limit: int) -> dict[str, Any]:
        found = self.source.envelopes()[after : after + limit]
        first: dict[str, int] = {}
        for link, each in enumerate(found, after + 1):
            first.setdefault(each.subject, link)
        return {
            "until": after + len(found),
            "subjects": {each.subject: each.sequence for each in found},
            "first": first,
            "more_to_come": False,
        }

    def events(self, source: str, after: int, until: int) -> list[dict[str, Any]]:
        found = [dict(each.attributes) for each in self.source.envelopes()[after:until]]
        if self.meanwhile:
            self.meanwhile.pop(0)()
        return found

    def reached(self, source: str, subjects: Sequence[str]) -> dict[str, int]:
        return log_reader.reached(self.source.database, subjects)


def test_a_rebuild_brings_everything_again(source: Source, consumer: Consumer) -> None:
    facts = source.record(uuid4(), 25)
    catch_up = CatchUp(consumer.inbox(), Log(source))
    catch_up.run()
    forget(consumer)
    assert consumer.facts() == []
    catch_up.run()
    assert consumer.facts() == facts


class BusyLog(Log):
    """Another fact is published after each look at it."""

    def window(self, source: str, after: int, limit: int) -> dict[str, Any]:
        assert len(self.source.envelopes()) < 50, "this goes on for ever"
        found = super().window(source, after, limit)
        self.source.record(uuid4())
        return found


@pytest.mark.parametrize("look", [CatchUp.run, CatchUp.repair, CatchUp.missing])
def test_what_is_published_meanwhile_is_left_to_the_broker(
    source: Source, consumer: Consumer, look: Callable[[CatchUp], object]
) -> None:
    """Else a source that never rests would be read by calls for ever, while its queue fills."""
    source.record(uuid4(), 15)
    look(CatchUp(consumer.inbox(), BusyLog(source)))
    assert len(source.envelopes()) == 15 + 2  # two windows


def test_what_is_here_already_is_not_fetched_again(source: Source, consumer: Consumer) -> None:
    for _ in range(19):
        source.record(uuid4())
    late = source.envelopes()[16]
    consumer.inbox().apply([each for each in source.envelopes() if each != late])
    assert CatchUp(consumer.inbox(), Log(source)).run() == 3
    assert len(consumer.facts()) == 19


@pytest.mark.parametrize("room", [1, 500])
def test_events_too_large_for_one_answer_come_in_several(
    source: Source, consumer: Consumer, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    """A broker refuses a message that is too large, and would refuse it for ever."""
    monkeypatch.setattr(log_reader, "ANSWER", room)
    facts = source.record(uuid4(), 25)
    with sole_owner(source.database) as outgoing:
        assert outgoing is not None
        outgoing.note(outgoing.next(25), source.clock.now())
        outgoing.next()
    assert len(log_reader.events(source.database, 0, 25)) < 25
    catch_up = CatchUp(consumer.inbox(), consumer.log_at_hand)
    assert catch_up.run() == 25
    assert consumer.facts() == facts


def test_a_rebuild_done_twice_gives_the_same(source: Source, consumer: Consumer) -> None:
    facts = source.record(uuid4(), 25)
    catch_up = CatchUp(consumer.inbox(), Log(source))
    for _ in range(2):
        forget(consumer)
        forget(consumer)
        catch_up.run()
        assert consumer.facts() == facts


@pytest.mark.parametrize("window", [0, 1, 2])
def test_a_rebuild_while_catching_up_loses_nothing(
    source: Source, consumer: Consumer, window: int
) -> None:
    facts = source.record(uuid4(), 25)
    log = Log(source)
    log.meanwhile = [lambda: None] * window + [lambda: forget(consumer)]
    catch_up = CatchUp(consumer.inbox(SOURCE), log)
    while catch_up.run():  # who rebuilds has the subscriber look again
        pass
    assert consumer.facts() == facts
    assert catch_up.missing() == []
    assert consumer.held() == []


@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
@pytest.mark.parametrize("caught_up", [0, 7], ids=["never caught up", "caught up before"])
def test_a_rebuild_waits_for_who_is_noting_how_far_he_is(
    consumer: Consumer, caught_up: int
) -> None:
    """Otherwise the note would come to stand behind the rebuild, and what lies before it would be
    asked for by nobody. In SQLite there is one writer at a time."""
    begin = partial(consumer.unit_of_work.begin, Call())
    if caught_up:
        with begin() as work:
            progress.save_link(work.session, SOURCE, caught_up)
    with begin() as work:
        assert progress.link_of(work.session, SOURCE, lock=True) == caught_up
        rebuild = Thread(target=forget, args=[consumer])
        rebuild.start()
        until(lambda: somebody_waits(consumer.database), "the rebuild having to wait")
        progress.save_link(work.session, SOURCE, 25)
    rebuild.join()
    with begin() as work:
        assert progress.link_of(work.session, SOURCE) == 0


def somebody_waits(database: Database) -> bool:
    """For a lock on one of its tables."""
    statement = (
        "select 1 from pg_locks join pg_database on pg_database.oid = database "
        "where not granted and datname = current_database()"
    )
    with database.reading() as session:
        return session.scalar(text(statement)) is not None


def test_what_was_lost_after_it_was_caught_up_is_found_by_a_repair_only(
    source: Source, consumer: Consumer
) -> None:
    facts = source.record(uuid4(), 25)
    catch_up = CatchUp(consumer.inbox(), Log(source))
    catch_up.run()
    with consumer.unit_of_work.begin(Call()) as work:
        work.session.execute(delete(ledger))
        work.session.execute(delete(tables.progress))
    assert catch_up.run() == 0
    assert catch_up.repair() == 25
    assert consumer.facts() == facts
    assert catch_up.repair() == 0


def test_a_source_that_was_set_back_alone_is_named(source: Source, consumer: Consumer) -> None:
    kept, lost, gone = uuid4(), uuid4(), uuid4()
    source.record(kept)
    source.record(lost, 3)
    source.record(gone)
    consumer.inbox().apply(source.envelopes())
    catch_up = CatchUp(consumer.inbox(), Log(source))
    assert catch_up.ahead() == []
    log = tables.event_log
    with source.database.transaction() as session:
        session.execute(delete(log).where(log.c.subject == f"partner/{lost}", log.c.sequence > 1))
        session.execute(delete(log).where(log.c.subject == f"partner/{gone}"))
    found = sorted(catch_up.ahead(), key=lambda each: -each.applied)
    assert found == [
        Ahead(SOURCE, f"partner/{lost}", applied=3, logged=1),
        Ahead(SOURCE, f"partner/{gone}", applied=1, logged=0),
    ]


def test_more_subjects_than_are_asked_for_at_once_are_all_compared(
    source: Source, consumer: Consumer
) -> None:
    for _ in range(25):
        source.record(uuid4())
    consumer.inbox().apply(source.envelopes())
    with source.database.transaction() as session:
        session.execute(delete(tables.event_log))
    assert len(CatchUp(consumer.inbox(), Log(source)).ahead()) == 25


def test_a_catch_up_that_is_broken_off_loses_nothing(
    source: Source, consumer: Consumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.messaging.catch_up.BATCH", 4)
    facts = source.record(uuid4(), 25)
    catch_up = CatchUp(consumer.inbox(), Log(source))
    steps = iter([True] * 3)
    catch_up.go_on = lambda: next(steps, False)
    catch_up.run()
    assert consumer.facts() == facts[:8]
    catch_up.go_on = lambda: True
    catch_up.run()
    assert consumer.facts() == facts


def test_what_the_last_process_may_have_died_of_is_fetched_warily(
    source: Source, consumer: Consumer
) -> None:
    """Else it would be fetched again at every start, and end the process each time."""
    deadly, other = source.record(uuid4()), source.record(uuid4())
    consumer.failing[deadly[0]] = KeyboardInterrupt
    for _ in range(2):  # the second one knows of the first, and notes what it tries
        with pytest.raises(KeyboardInterrupt):
            CatchUp(consumer.inbox(), Log(source)).run()
    CatchUp(consumer.inbox(), Log(source)).run()
    assert consumer.facts() == other
    assert consumer.states() == ["failed"]
