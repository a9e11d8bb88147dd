"""The event log: a service's own facts, appended in the transaction that made them true."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared import many_rows
from shared.database import RECORDED
from shared.events import Event
from shared.identifiers import new_id
from shared.messaging.tables import event_log
from shared.values import canonical_json

#: What the first published event is chained to.
GENESIS = "0" * 64


def append(
    session: Session,
    recorded: Sequence[tuple[str, Event]],
    metadata: Mapping[str, Any],
    now: datetime,
) -> None:
    """Log (subject, event) pairs, each with the next sequence number of its subject.

    An IntegrityError follows where another transaction took the same number: roll back and run
    again.
    """
    rows = [
        {
            "id": new_id(),
            "subject": subject,
            "type": event.type,
            "version": event.version,
            "data": event.to_plain(),
            "metadata": dict(metadata),
            "recorded_at": now,
        }
        for subject, event in recorded
    ]
    many_rows.insert_numbered(session, event_log.c.sequence, event_log.c.subject, rows)
    session.info[RECORDED] = True


def last_sequences(session: Session, subjects: set[str]) -> dict[str, int]:
    """The last sequence of each subject; one that has none is left out."""
    if not subjects:
        return {}
    statement = (
        select(event_log.c.subject, func.max(event_log.c.sequence))
        .where(event_log.c.subject.in_(subjects))
        .group_by(event_log.c.subject)
    )
    return dict(session.execute(statement).all())


def chain(previous: str, row: Mapping[Any, Any]) -> str:
    """The SHA-256 that binds an event to the one published before it (hexadecimal).

    A row that was altered, removed or put in between no longer fits its successor.
    """
    content = [
        previous,
        str(row["id"]),
        row["subject"],
        row["sequence"],
        row["type"],
        row["version"],
        row["data"],
        row["metadata"],
        row["recorded_at"].isoformat(),
    ]
    return hashlib.sha256(canonical_json(content)).hexdigest()
