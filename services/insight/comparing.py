"""What insight shows, compared with the logs: they are read again into tables beside its own.

By content, row by row and column by column; so a row that was changed, removed or invented in
insight's database is found, whichever of its tables it is in.
"""

import hashlib
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from services.insight.projection import project
from services.insight.store import READ_MODELS, metadata, timeline
from shared.database import Database
from shared.messaging.envelope import Envelope
from shared.messaging.reactions import NotYet
from shared.messaging.service_calls import ServiceCalls
from shared.messaging.tables import discarded_events, held_events
from shared.values import canonical_json, from_json, to_json

#: Events that are fetched at a time.
_BATCH = 500
#: Times that the logs are read on where something differs, and seconds before each: what is on its
#: way is no difference.
_ROUNDS, _PAUSE = 4, 0.5


@dataclass(frozen=True)
class Difference:
    """One row of insight that is not what the logs say.

    kind: changed, removed (from insight) or invented. about: what the row is of, in words;
    columns: those that differ.
    """

    table: str
    key: str
    kind: str
    about: str
    columns: tuple[str, ...] = ()


def differences(
    database: Database, calls: ServiceCalls, sources: tuple[str, ...]
) -> list[dict[str, Any]]:
    """The rows of insight that differ from the logs, as plain values.

    Raises Unavailable where a source does not answer, Unreadable where a log says what no event
    says.
    """
    with _beside() as scratch:
        links = dict.fromkeys(sources, 0)
        lasting: set[Difference] = set()
        for attempt in range(_ROUNDS):
            _read_on(scratch, database, calls, links)
            found = set(_compare(database, scratch))
            lasting = found if attempt == 0 else lasting & found
            if not lasting:
                return []
            time.sleep(_PAUSE)
        ordered = sorted(lasting, key=lambda each: (each.table, each.about, each.key))
        return [asdict(each) for each in ordered]


@contextmanager
def _beside() -> Iterator[Database]:
    """An empty database with insight's tables, for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="entente-compare-") as folder:
        made = Database(f"sqlite:///{folder}/insight.db")
        try:
            metadata.create_all(made.engine)
            yield made
        finally:
            made.close()


def _read_on(
    scratch: Database, database: Database, calls: ServiceCalls, links: dict[str, int]
) -> None:
    """Project what was published since `links`, but for what insight holds or has discarded."""
    left_out = _left_out(database)
    waiting: list[tuple[str, list[Envelope]]] = []
    for source in links:
        while True:
            found = calls.events(source, links[source], links[source] + _BATCH)
            if not found:
                break
            links[source] += len(found)
            heard = [Envelope(each) for each in found if each["id"] not in left_out]
            if not _projected(scratch, heard):
                waiting.append((source, heard))
    for _, heard in waiting:  # what they belong to has been read by now
        with scratch.transaction() as session:
            project(session, heard)


def _projected(scratch: Database, heard: list[Envelope]) -> bool:
    try:
        with scratch.transaction() as session:
            project(session, heard)
    except NotYet:
        return False
    return True


def _left_out(database: Database) -> set[str]:
    with database.reading() as session:
        return {
            str(id)
            for table in (held_events, discarded_events)
            for id in session.scalars(select(table.c.id))
        }


def _compare(database: Database, scratch: Database) -> Iterator[Difference]:
    with database.reading() as ours, scratch.reading() as theirs:
        for table in READ_MODELS:
            yield from _compare_table(table, ours, theirs)


def _compare_table(table: Table, ours: Session, theirs: Session) -> Iterator[Difference]:
    (key,) = table.primary_key
    shown, logged = _digests(table, ours), _digests(table, theirs)
    for id in sorted(shown.keys() | logged.keys(), key=str):
        if shown.get(id) == logged.get(id):
            continue
        mine = ours.execute(select(table).where(key == id)).mappings().one_or_none()
        other = theirs.execute(select(table).where(key == id)).mappings().one_or_none()
        row = other or mine
        if row is None:
            continue  # gone meanwhile
        kind = "invented" if other is None else "removed" if mine is None else "changed"
        columns = _differing(mine, other) if mine and other else ()
        yield Difference(table.name, str(id), kind, _about(table, row), columns)


def _digests(table: Table, session: Session) -> dict[Any, bytes]:
    """A digest of each row, by its key."""
    (key,) = table.primary_key
    digests: dict[Any, bytes] = {}
    part = select(table).order_by(key).limit(_BATCH)
    rows = session.execute(part).mappings().all()
    while rows:
        digests |= {row[key.name]: hashlib.sha256(_plain(dict(row))).digest() for row in rows}
        time.sleep(0)  # a long log must not keep everybody else waiting
        rows = session.execute(part.where(key > rows[-1][key.name])).mappings().all()
    return digests


def _differing(mine: Mapping[Any, Any], other: Mapping[Any, Any]) -> tuple[str, ...]:
    return tuple(str(name) for name in mine if _plain(mine[name]) != _plain(other[name]))


def _plain(value: Any) -> bytes:
    """The same for values that are the same, whichever store they come from."""
    if isinstance(value, dict):
        value = {str(name): each for name, each in value.items()}
    return canonical_json(from_json(to_json(value)))


def _about(table: Table, row: Mapping[Any, Any]) -> str:
    if table is timeline:
        return f"event {row['sequence']} of {row['subject']} from {row['source']} ({row['type']})"
    word = table.name.removesuffix("s")
    name = next((row[each] for each in ("reference", "number", "title") if row.get(each)), None)
    (key,) = table.primary_key
    return f"{word} {name or row[key.name]}"
