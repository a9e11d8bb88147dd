"""What a service shows of its event log to those who compare and catch up."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, tuple_

from shared.database import Database
from shared.messaging import event_log
from shared.messaging.envelope import Envelope
from shared.messaging.tables import event_log as log_table
from shared.values import to_json

_UNPUBLISHED = select(select(log_table).where(log_table.c.published_at.is_(None)).exists())

#: Bytes of events in one answer: brokers refuse messages of 16 MiB and more.
ANSWER = 4_000_000


def window(database: Database, after: int, limit: int) -> dict[str, Any]:
    """The next `limit` published events after a link, summed up.

    Returns ``{"until": last link, "subjects": {subject: last sequence in the window}, "first":
    {subject: its first link in the window}}``; an empty window ends where it began.
    ``"more_to_come"`` says whether something is logged that is not published, or not yet known
    to be.
    """
    log = log_table.c
    statement = (
        select(log.subject, func.max(log.sequence), func.min(log.link), func.max(log.link))
        .where(log.link > after, log.link <= after + limit)
        .group_by(log.subject)
    )
    with database.reading() as session:
        # Events are published meanwhile, and each statement sees more than the one before it. So
        # this is asked first: what it does not speak of is in the window, or behind it.
        more_to_come = session.scalar(_UNPUBLISHED) or False
        found = session.execute(statement).all()
    return {
        "until": max((last for _, _, _, last in found), default=after),
        "more_to_come": more_to_come,
        "subjects": {subject: sequence for subject, sequence, _, _ in found},
        "first": {subject: first for subject, _, first, _ in found},
    }


def events(database: Database, after: int, until: int) -> list[dict[str, Any]]:
    """The published events after one link up to another, as envelopes, in order.

    So many of them as an answer has room for, and at least one; the rest must be asked for.
    """
    found: list[dict[str, Any]] = []
    room = ANSWER
    while room > 0 and after < until:
        upto = min(after + 100, until)
        statement = (
            select(log_table)
            .where(log_table.c.link > after, log_table.c.link <= upto)
            .order_by(log_table.c.link)
        )
        with database.reading() as session:
            rows = session.execute(statement).mappings().all()
        for row in rows:
            if room <= 0:
                break
            found.append(dict(_envelope(row).attributes))
            room -= len(to_json(row["data"]))
        after = upto
    return found


def written(database: Database, wanted: Sequence[tuple[str, int]]) -> list[dict[str, Any]]:
    """The logged events with these subjects and sequences, as envelopes; few at a time."""
    log = log_table.c
    statement = select(log_table).where(tuple_(log.subject, log.sequence).in_(wanted))
    with database.reading() as session:
        rows = session.execute(statement).mappings().all()
    return [dict(_envelope(row).attributes) for row in rows]


def reached(database: Database, subjects: Sequence[str]) -> dict[str, int]:
    """The last sequence of each subject, published or not; one that is not logged is left out."""
    with database.reading() as session:
        return event_log.last_sequences(session, set(subjects))


def beyond(database: Database, link: int) -> dict[str, Any]:
    """What was published after a link.

    Returns ``{"published": last link of all, "since": when the next one was published}``, the
    moment in ISO 8601, or None where nothing follows.
    """
    with database.reading() as session:
        published = session.scalar(select(func.max(log_table.c.link))) or 0
        since = session.scalar(select(log_table.c.published_at).where(log_table.c.link == link + 1))
        return {"published": published, "since": since and since.isoformat()}


def logged(database: Database) -> int:
    """How many events this service has recorded."""
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(log_table)) or 0


def unpublished(database: Database) -> int:
    """How many logged events the broker does not have yet."""
    return waiting(database)[0]


def waiting(database: Database) -> tuple[int, datetime | None]:
    """How many logged events the broker does not have yet, and when the oldest was recorded."""
    statement = select(func.count(), func.min(log_table.c.recorded_at)).where(
        log_table.c.published_at.is_(None)
    )
    with database.reading() as session:
        number, oldest = session.execute(statement).one()
        return number, oldest


def last_link(database: Database) -> int:
    """How many events have been published: links count them from 1."""
    with database.reading() as session:
        return session.scalar(select(func.max(log_table.c.link))) or 0


def broken_link(database: Database) -> int | None:
    """The first link at which the hash chain does not hold; None where it holds throughout."""
    digest, expected = event_log.GENESIS, 1
    statement = select(log_table).order_by(log_table.c.link).limit(1000)
    while True:
        with database.reading() as session:
            further = statement.where(log_table.c.link >= expected)
            rows = session.execute(further).mappings().all()
        if not rows:
            return None
        for row in rows:
            digest = event_log.chain(digest, row)
            if row["link"] != expected or row["hash"] != digest:
                return expected
            expected += 1


def _envelope(row: Any) -> Envelope:
    return Envelope.of_row(row["type"].partition(".")[0], row)
