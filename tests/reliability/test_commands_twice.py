"""Row 13: commands that come twice, at the same time, or whose answer is lost after the commit.

What stands round a single command is in `tests/unit/shared/test_desk.py`; here they race.
"""

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import Any
from uuid import uuid4

import eventlet
import pytest

from shared.clock import FixedClock
from shared.database import Database
from shared.desk import Desk
from shared.errors import Refusal, Unavailable
from shared.events.vocabulary import Role
from shared.messaging import entrypoint
from shared.values import from_json
from shared.work import Actor, Call
from tests.office import Office
from tests.unit.shared.library import desk

LIBRARIAN = Actor("ada", frozenset({"librarian"}))
AT_ONCE = 6


@pytest.fixture
def library(database: Database) -> Desk:
    return desk(database, FixedClock.at(date(2026, 3, 1)))


def acquire(library: Desk, key: str, title: str) -> dict[str, Any]:
    return library.execute("acquire", {"title": title}, Call(actor=LIBRARIAN, command_id=key))


def outcomes(attempts: Sequence[Callable[[], dict[str, Any]]]) -> list[str]:
    """How attempts at the same time end, sorted: "done", or the kind of the refusal."""

    def ending(attempt: Callable[[], dict[str, Any]]) -> str:
        try:
            attempt()
        except Refusal as refusal:
            return type(refusal).__name__
        return "done"

    running = [eventlet.spawn(ending, attempt) for attempt in attempts]
    return sorted(each.wait() for each in running)


def test_of_edits_of_the_same_version_at_the_same_time_one_is_done(library: Desk) -> None:
    """Several people saw version 1 and change it: one does, the others are told to look again."""
    book = library.execute("acquire", {"title": "Emma", "copies": 50}, Call(actor=LIBRARIAN))
    edit = {"id": book["body"]["id"]}

    def lend() -> dict[str, Any]:
        return library.execute("lend", edit, Call(actor=LIBRARIAN, expected_version=1))

    assert outcomes([lend] * AT_ONCE) == ["Stale"] * (AT_ONCE - 1) + ["done"]
    left = library.ask("get_book", edit, Call(actor=LIBRARIAN))
    assert left["body"]["copies"] == 49


def test_of_different_commands_under_one_key_at_the_same_time_one_is_done(library: Desk) -> None:
    """A client mixes up its keys: what was first is done, and nothing else is, or is said to be."""
    titles = [f"Volume {number}" for number in range(AT_ONCE)]
    attempts = [partial(acquire, library, "one", title) for title in titles]
    assert outcomes(attempts) == ["Invalid"] * (AT_ONCE - 1) + ["done"]
    assert len(library.ask("list_books", {}, Call(actor=LIBRARIAN))["body"]["items"]) == 1


def test_an_answer_that_is_lost_after_the_commit(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service commits, and its answer never arrives. Whoever asked hears that it is not known,
    asks again under the same key, and gets the first answer; the fact is there once."""
    actor = office.actor(Role.PARTNERSHIP_OFFICER)
    call = Call(actor=actor, command_id=str(uuid4()))
    partner = {"legal_name": "Makerere University", "country": "UG", "sector": "university"}
    send = entrypoint.answer
    lost: list[dict[str, Any]] = []

    def lose_the_first(channel: Any, call: Any, body: str) -> None:
        if not lost and partner["legal_name"] in body:
            lost.append(from_json(body)["result"])
            call.ack()
            return
        send(channel, call, body)

    monkeypatch.setattr(entrypoint, "answer", lose_the_first)
    monkeypatch.setattr(office.calls, "deadline", 1.0)
    with pytest.raises(Unavailable):
        office.calls.execute("partner", "propose_partner", partner, call)
    answer = office.calls.execute("partner", "propose_partner", partner, call)
    assert answer == lost[0]
    assert len(office.ask("list_partners")["items"]) == 1
    office.settle()
