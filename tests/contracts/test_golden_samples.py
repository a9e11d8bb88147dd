"""Every event of the published language has a golden sample, and every consumer can take it.

A new event, or a new version of one, gets its sample by ``python -m tests.contracts.golden``,
which writes the missing ones and never changes those that there are. A sample that fails here
after a change of an event says that the change is not additive: publish a new version instead.
"""

from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.platform import metadata_of, service_class
from services.registry import SERVICES
from shared.clock import SystemClock
from shared.database import Database
from shared.errors import Refusal
from shared.events import published
from shared.messaging import tables
from shared.messaging.envelope import Envelope
from shared.messaging.reactions import NotYet, Reactions
from shared.work import Call, UnitOfWork
from tests.contracts import golden

LANGUAGE = sorted(published())
pytestmark = pytest.mark.row("X5")


def reactions_of(service: str) -> Reactions:
    found: Reactions = import_module(f"services.{service}.reactions").reactions
    return found


def heard_by(service: str) -> list[tuple[str, int]]:
    """The events that a service reacts to."""
    reactions = reactions_of(service)
    sources = reactions._batch[0] if reactions._batch else ()
    return [
        (type_, version)
        for type_, version in LANGUAGE
        if type_ in reactions._handlers or type_.partition(".")[0] in sources
    ]


def envelope(type_: str, version: int) -> Envelope:
    return Envelope.parse(golden.path_of(type_, version).read_bytes())


def named(key: tuple[str, int]) -> str:
    return f"{key[0]}.v{key[1]}"


def test_every_event_has_a_sample() -> None:
    assert golden.missing() == [], "run `python -m tests.contracts.golden`"


def test_every_sample_is_of_an_event() -> None:
    """What is in the logs must be readable for ever, so an event never leaves the language."""
    known = {golden.path_of(*key) for key in LANGUAGE}
    assert set(golden.SAMPLES.iterdir()) == known


@pytest.mark.parametrize("key", LANGUAGE, ids=named)
def test_a_sample_says_again_what_it_was_read_from(key: tuple[str, int]) -> None:
    read = envelope(*key)
    assert _within(read.data, read.event.to_plain())


@pytest.mark.parametrize("key", LANGUAGE, ids=named)
def test_an_event_survives_the_wire(key: tuple[str, int]) -> None:
    event = golden.sample_of(published()[key])
    sent = golden.envelope_of(event)
    assert Envelope.parse(sent.to_json()).event == event


@pytest.mark.parametrize("key", LANGUAGE, ids=named)
def test_a_field_that_a_reader_does_not_know_is_ignored(key: tuple[str, int]) -> None:
    known = envelope(*key)
    newer = Envelope(
        {**known.attributes, "data": known.data | {"added_later": [1, {"more": None}]}}
    )
    assert newer.event == known.event


@pytest.mark.row("X3")
@pytest.mark.parametrize("key", LANGUAGE, ids=named)
def test_no_event_carries_a_name_or_an_address_of_a_person(key: tuple[str, int]) -> None:
    personal = {
        "email",
        "phone",
        "full_name",
        "first_name",
        "last_name",
        "person_name",
        "birth_date",
    }
    assert not personal & set(_keys(envelope(*key).data))


@pytest.fixture(scope="module")
def databases() -> Iterator[dict[str, Database]]:
    made = {name: Database("sqlite://") for name in SERVICES}
    for name, database in made.items():
        tables.metadata.create_all(database.engine)
        metadata_of(name).create_all(database.engine)
    yield made
    for database in made.values():
        database.close()


@pytest.mark.parametrize(
    ("service", "key"),
    [(service, key) for service in SERVICES for key in heard_by(service)],
    ids=lambda each: each if isinstance(each, str) else named(each),
)
def test_a_consumer_takes_the_sample_of_an_event_that_it_hears(
    service: str, key: tuple[str, int], databases: dict[str, Database]
) -> None:
    """In an empty service a fact may be awaited or refused by a rule; anything else is a break."""
    parts = service_class(service).runtime.parts
    unit_of_work = UnitOfWork(
        databases[service], SystemClock(), ZoneInfo("Europe/London"), parts.policy()
    )
    with unit_of_work.reading(Call()) as work, suppress(NotYet, Refusal):
        reactions_of(service).apply(work, [envelope(*key)])


def _within(sample: Any, whole: Any) -> bool:
    """Whether all that the sample says is said by the other, which may say more."""
    if isinstance(sample, dict):
        return isinstance(whole, dict) and all(
            key in whole and _within(value, whole[key]) for key, value in sample.items()
        )
    if isinstance(sample, list):
        return len(sample) == len(whole) and all(map(_within, sample, whole))
    return bool(sample == whole)


def _keys(plain: Any) -> Iterator[str]:
    if isinstance(plain, dict):
        yield from plain
    inner = plain.values() if isinstance(plain, dict) else plain if isinstance(plain, list) else ()
    for each in inner:
        yield from _keys(each)
