"""What stands round every use case, whatever it is: over both stores."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import eventlet
import pytest
from eventlet.event import Event
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from shared import desk as desk_module
from shared.clock import FixedClock
from shared.database import Database
from shared.desk import Desk
from shared.errors import Conflict, Forbidden, Invalid, NotFound, Refusal, Stale, Unavailable
from shared.messaging.tables import answers, event_log
from shared.work import Actor, Call, Work
from tests.office import until
from tests.unit.shared.library import Book, books, desk

LIBRARIAN = Actor("ada", frozenset({"librarian"}))
READER = Actor("ben", frozenset({"reader"}))


@pytest.fixture
def library(database: Database) -> Desk:
    return desk(database, FixedClock.at(date(2026, 3, 1)))


@pytest.fixture
def book(library: Desk) -> dict[str, Any]:
    body: dict[str, Any] = acquire(library, copies=2)["body"]
    return body


def acquire(library: Desk, command_id: str | None = None, **body: Any) -> dict[str, Any]:
    call = Call(actor=LIBRARIAN, command_id=command_id)
    return library.execute("acquire", {"title": "Bleak House"} | body, call)


def lend(library: Desk, book: dict[str, Any], **call: Any) -> dict[str, Any]:
    return library.execute("lend", {"id": book["id"]}, Call(**{"actor": READER, **call}))


def wait_for_a_lock(library: Desk) -> None:
    """Until somebody waits for an advisory lock; on SQLite the second is not let in at all."""
    if library.unit_of_work.database.is_sqlite:
        return
    waiting = text("select count(*) from pg_locks where locktype = 'advisory' and not granted")

    def is_waiting() -> bool:
        with library.unit_of_work.database.reading() as session:
            return bool(session.scalar(waiting))

    until(is_waiting, "a repeat that waits")


def count_tries(monkeypatch: pytest.MonkeyPatch) -> list[Book]:
    """The books that use cases have added from now on, kept or not."""
    tries: list[Book] = []
    add = Work.add

    def counted(work: Work, book: Book) -> Book:
        tries.append(book)
        return add(work, book)

    monkeypatch.setattr(Work, "add", counted)
    return tries


def logged(library: Desk) -> list[tuple[str, int]]:
    statement = select(event_log.c.subject, event_log.c.sequence).order_by(event_log.c.position)
    with library.unit_of_work.database.reading() as session:
        return [(row.subject, row.sequence) for row in session.execute(statement)]


def copies_left(library: Desk, book: dict[str, Any]) -> int:
    with library.unit_of_work.database.reading() as session:
        return session.scalars(select(books.c.copies)).one()


@pytest.mark.row("X4")
def test_an_answer_is_kept_for_seven_days_and_then_forgotten(database: Database) -> None:
    def kept_on(day: date) -> set[str]:
        library = desk(database, FixedClock.at(day))
        library.tick(FixedClock.at(date(2030, 1, 1)))  # the day of the rules makes no difference
        with database.reading() as session:
            return set(session.scalars(select(answers.c.command_id)))

    acquire(desk(database, FixedClock.at(date(2026, 3, 1))), command_id="first")
    acquire(desk(database, FixedClock.at(date(2026, 3, 2))), command_id="second")
    assert kept_on(date(2026, 3, 8)) == {"first", "second"}
    assert kept_on(date(2026, 3, 9)) == {"second"}


@pytest.mark.row("X4")
def test_every_offending_field_is_named(library: Desk) -> None:
    with pytest.raises(Invalid) as refusal:
        acquire(library, title=" ", copies="2", colour="red")
    assert {each["field"] for each in refusal.value.errors} == {"title", "copies", "colour"}


@pytest.mark.row("X4")
def test_text_that_no_database_can_keep_is_refused_by_field(library: Desk) -> None:
    with pytest.raises(Invalid) as refusal:
        acquire(library, notes="a\x00b")
    assert (refusal.value.rule, refusal.value.field) == ("text", "notes")


def test_who_does_not_have_the_role_is_refused(library: Desk) -> None:
    with pytest.raises(Forbidden) as refusal:
        library.execute("acquire", {"title": "Emma"}, Call(actor=READER))
    assert refusal.value.rule == "permission"


def test_what_the_service_cannot_do_is_said(library: Desk) -> None:
    with pytest.raises(NotFound):
        library.execute("burn", {}, Call(actor=LIBRARIAN))


def test_an_outsider_sees_only_what_is_theirs(library: Desk, book: dict[str, Any]) -> None:
    acquire(library, title="Emma")
    outsider = Actor("guest", READER.roles, scope=UUID(book["id"]))
    page = library.ask("list_books", {}, Call(actor=outsider))["body"]
    assert [each["title"] for each in page["items"]] == ["Bleak House"]


def test_to_an_outsider_what_is_not_theirs_is_not_there(
    library: Desk, book: dict[str, Any]
) -> None:
    with pytest.raises(NotFound):
        lend(library, book, actor=Actor("guest", READER.roles, scope=uuid4()))


def test_what_is_not_open_to_outsiders_is_refused(library: Desk, book: dict[str, Any]) -> None:
    outsider = Actor("guest", LIBRARIAN.roles, scope=UUID(book["id"]))
    with pytest.raises(Forbidden) as refusal:
        library.execute("lend_and_fail", {"id": book["id"]}, Call(actor=outsider))
    assert refusal.value.rule == "scope"


@pytest.mark.parametrize("identifier", ["", "17", None, 5])
def test_what_is_not_an_id_is_refused(library: Desk, identifier: Any) -> None:
    with pytest.raises(Invalid) as refusal:
        library.ask("get_book", {"id": identifier}, Call(actor=READER))
    assert refusal.value.field == "id"


def test_a_record_that_there_is_not_is_not_found(library: Desk) -> None:
    with pytest.raises(NotFound):
        library.ask("get_book", {"id": str(uuid4())}, Call(actor=READER))


@pytest.mark.row("X4")
def test_a_change_of_an_older_version_is_stale(library: Desk, book: dict[str, Any]) -> None:
    lend(library, book, expected_version=1)
    with pytest.raises(Stale) as refusal:
        lend(library, book, expected_version=1)
    assert (refusal.value.field, refusal.value.accepted) == ("If-Match", '"2"')


@pytest.mark.row("X4")
def test_the_same_command_id_gives_the_same_answer_and_one_effect(
    library: Desk, book: dict[str, Any]
) -> None:
    first = lend(library, book, command_id="one")
    assert lend(library, book, command_id="one") == first
    assert copies_left(library, book) == 1


@pytest.mark.row("X4")
def test_a_command_id_cannot_be_used_for_another_request(library: Desk) -> None:
    acquire(library, "one", title="Emma")
    with pytest.raises(Invalid) as refusal:
        acquire(library, "one", title="Persuasion")
    assert refusal.value.rule == "idempotency-key-reused"


@pytest.mark.row("X4")
def test_a_command_id_cannot_be_used_by_somebody_else(library: Desk, book: dict[str, Any]) -> None:
    lend(library, book, command_id="one")
    with pytest.raises(Invalid):
        lend(library, book, command_id="one", actor=LIBRARIAN)


@pytest.mark.row("X4")
def test_the_same_command_twice_at_the_same_time_has_one_effect(
    library: Desk, book: dict[str, Any]
) -> None:
    both = [eventlet.spawn(lend, library, book, command_id="one") for _ in range(2)]
    assert both[0].wait() == both[1].wait()
    assert copies_left(library, book) == 1


@pytest.mark.row("X4")
def test_a_repeat_while_the_first_is_running_waits_for_its_answer(
    library: Desk, book: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The repeat starts before the first has read what it changes, and both name version 1."""
    first_is_at_work, repeat_has_begun = Event(), Event()
    target = desk_module._target

    def read_late(*arguments: Any) -> Any:
        if not first_is_at_work.ready():
            first_is_at_work.send()
            repeat_has_begun.wait()
            wait_for_a_lock(library)
        return target(*arguments)

    def repeat() -> dict[str, Any]:
        first_is_at_work.wait()
        repeat_has_begun.send()
        return lend(library, book, command_id="one", expected_version=1)

    monkeypatch.setattr(desk_module, "_target", read_late)
    first = eventlet.spawn(lend, library, book, command_id="one", expected_version=1)
    second = eventlet.spawn(repeat)

    assert second.wait() == first.wait()
    assert copies_left(library, book) == 1


@pytest.mark.row("X4")
def test_a_repeat_waits_no_longer_than_its_caller(
    library: Desk, book: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.patience.LOCK_TIMEOUT", 0.2)
    is_waiting, may_go_on = Event(), Event()
    target = desk_module._target

    def take_long(*arguments: Any) -> Any:
        is_waiting.send()
        may_go_on.wait()
        return target(*arguments)

    monkeypatch.setattr(desk_module, "_target", take_long)
    first = eventlet.spawn(lend, library, book, command_id="one")
    is_waiting.wait()
    with pytest.raises(Unavailable) as refusal:
        lend(library, book, command_id="one")
    may_go_on.send()

    assert refusal.value.rule == "too-busy"
    assert first.wait() == lend(library, book, command_id="one")


@pytest.mark.row("X4")
def test_what_writes_in_the_background_waits_for_its_turn(
    library: Desk, book: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for it: reactions and time-driven rules are not refused."""
    monkeypatch.setattr("shared.patience.LOCK_TIMEOUT", 0.0)
    database = library.unit_of_work.database
    entered, may_go_on = Event(), Event()

    def writes() -> None:
        with database.transaction():
            entered.send()
            may_go_on.wait()

    first = eventlet.spawn(writes)
    entered.wait()
    second = eventlet.spawn(library.tick, FixedClock.at(date(2026, 3, 2)))
    may_go_on.send()

    assert (first.wait(), second.wait()) == (None, None)


def test_a_key_that_is_taken_is_named_and_not_tried_again_and_again(
    library: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = count_tries(monkeypatch)
    body = {"reference": "BOOK-1", "title": "Emma"}
    library.execute("shelve", body, Call(actor=LIBRARIAN))
    tries.clear()

    with pytest.raises(Conflict) as refusal:
        library.execute("shelve", body, Call(actor=LIBRARIAN))

    assert (refusal.value.rule, refusal.value.field) == ("already-recorded", "reference")
    assert len(tries) == (1 if library.unit_of_work.database.is_sqlite else 2)


def test_an_integrity_error_that_no_further_try_cures_is_tried_once(
    library: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = count_tries(monkeypatch)
    with pytest.raises(IntegrityError):
        library.execute("shelve", {"reference": "B", "title": None}, Call(actor=LIBRARIAN))
    assert len(tries) == 1


def test_who_loses_a_race_is_run_again_and_judged_anew(library: Desk, book: dict[str, Any]) -> None:
    """Five want one of two copies at the same time."""

    def attempt() -> str:
        try:
            return str(lend(library, book)["body"]["copies"])
        except Conflict as refusal:
            return refusal.rule

    running = [eventlet.spawn(attempt) for _ in range(5)]
    answers_given = sorted(each.wait() for each in running)
    assert answers_given == ["0", "1", "a-copy-is-left", "a-copy-is-left", "a-copy-is-left"]


def test_a_refused_command_leaves_nothing(library: Desk, book: dict[str, Any]) -> None:
    with pytest.raises(Conflict):
        library.execute(
            "lend_and_fail", {"id": book["id"]}, Call(actor=LIBRARIAN, command_id="one")
        )
    with library.unit_of_work.database.reading() as session:
        kept = session.execute(select(answers)).all()
    assert (copies_left(library, book), logged(library), kept) == (2, [], [])


@pytest.mark.row("X5")
def test_the_events_of_a_subject_are_counted_from_one_without_gaps(
    library: Desk, book: dict[str, Any]
) -> None:
    for _ in range(2):
        lend(library, book)
    with pytest.raises(Refusal):
        lend(library, book)
    assert logged(library) == [(f"book/{book['id']}", 1), (f"book/{book['id']}", 2)]


@pytest.mark.row("X2")
def test_an_event_says_who_caused_it_and_why(library: Desk, book: dict[str, Any]) -> None:
    lend(library, book, correlation_id="visit 7", causation_id="event 3")
    with library.unit_of_work.database.reading() as session:
        metadata = session.scalars(select(event_log.c.metadata)).one()
    assert (metadata["actor"], metadata["correlation"], metadata["causation"]) == (
        "ben",
        "visit 7",
        "event 3",
    )


def test_references_are_counted_without_gaps(library: Desk) -> None:
    made = [acquire(library)["body"]["reference"] for _ in range(2)]
    with pytest.raises(Invalid):
        acquire(library, title="")
    made.append(acquire(library)["body"]["reference"])
    assert made == ["BOOK-2026-0001", "BOOK-2026-0002", "BOOK-2026-0003"]


def test_references_taken_at_the_same_time_differ(library: Desk) -> None:
    running = [eventlet.spawn(acquire, library, title=f"Volume {n}") for n in range(5)]
    taken = {each.wait()["body"]["reference"] for each in running}
    assert len(taken) == 5


@pytest.mark.parametrize("name", ["get_book", "lend"])
def test_a_database_that_is_down_is_unavailable(
    library: Desk, book: dict[str, Any], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise OperationalError("select", {}, Exception("connection refused"))

    monkeypatch.setattr("sqlalchemy.orm.Session.get", refuse)
    carry_out = library.ask if name == "get_book" else library.execute
    with pytest.raises(Unavailable) as refusal:
        carry_out(name, {"id": book["id"]}, Call(actor=READER))
    assert refusal.value.rule == "database-down"


def test_a_statement_that_is_wrong_is_not_taken_for_a_database_that_is_down(
    library: Desk,
) -> None:
    Book.__table__.drop(library.unit_of_work.database.engine)  # type: ignore[attr-defined]
    with pytest.raises(Exception, match="books"):
        library.ask("list_books", {}, Call(actor=READER))
