"""What is held and why, for people: gathered by cause, listed one by one, or discarded before."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, String, Table, and_, cast, func, select, true
from sqlalchemy.orm import Session

from shared.messaging.tables import discarded_events, held_events

#: What differs between two errors of one cause: ids, and numbers of every kind.
_VARYING = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d+")
_MISSING_BEFORE = "an event before it has not been applied"


def matching(wanted: Mapping[str, str]) -> ColumnElement[bool]:
    """The held events that an operator means.

    wanted: any of ``source`` and ``state`` (equal), ``type`` and ``error`` (a part of it).
    """
    held = held_events.c
    error = func.coalesce(held.error_class, "") + ": " + func.coalesce(held.error_text, "")
    conditions = {
        "source": lambda text: held.source == text,
        "state": lambda text: held.state == text,
        "type": lambda text: held.type.contains(text, autoescape=True),
        "error": lambda text: error.icontains(text, autoescape=True),
    }
    return and_(true(), *(conditions[name](text) for name, text in wanted.items()))


def causes(session: Session, wanted: Mapping[str, str]) -> list[dict[str, Any]]:
    """What is held, gathered by cause, the most frequent first.

    Each with ``source``, ``state``, ``type``, ``error`` (class and first line, ids and numbers left
    out), ``number``, ``oldest`` (ISO 8601) and ``id`` of an example.
    """
    held = held_events.c
    alike = (held.source, held.state, held.type, held.error_class, held.error_text)
    rows = session.execute(
        select(
            *alike,
            func.count().label("number"),
            func.min(held.held_at).label("oldest"),
            func.min(cast(held.id, String(36))).label("id"),
        )
        .where(matching(wanted))
        .group_by(*alike)
    )
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for row in rows:
        error = _gist(row.error_class, row.error_text)
        key = (row.source, row.state, row.type, error)
        cause = found.setdefault(
            key,
            dict(zip(("source", "state", "type", "error"), key, strict=True))
            | {"number": 0, "oldest": row.oldest, "id": row.id},
        )
        cause["number"] += row.number
        if row.oldest < cause["oldest"]:
            cause |= {"oldest": row.oldest, "id": row.id}
    return [
        cause | {"oldest": cause["oldest"].isoformat(), "id": str(UUID(cause["id"]))}
        for cause in sorted(found.values(), key=_rank)
    ]


def listed(session: Session, wanted: Mapping[str, str], limit: int) -> dict[str, Any]:
    """``{"items": held events without their contents, oldest first, "more": how many follow}``."""
    return _cut(session, held_events, matching(wanted), held_events.c.held_at, limit)


def discarded(session: Session, limit: int) -> dict[str, Any]:
    """As `listed`, what somebody decided never to apply, newest first, with the reason."""
    newest_first = discarded_events.c.discarded_at.desc()
    return _cut(session, discarded_events, true(), newest_first, limit)


def _cut(
    session: Session, table: Table, which: ColumnElement[bool], order: Any, limit: int
) -> dict[str, Any]:
    columns = [column for column in table.c if column.name not in ("envelope", "raw")]
    rows = session.execute(select(*columns).where(which).order_by(order, table.c.id).limit(limit))
    items = [dict(row) for row in rows.mappings()]
    total = session.scalar(select(func.count()).select_from(table).where(which)) or 0
    return {"items": items, "more": total - len(items)}


def _rank(cause: Mapping[str, Any]) -> tuple[Any, ...]:
    return -cause["number"], cause["oldest"], cause["state"], cause["type"], cause["error"]


def _gist(error_class: str | None, error_text: str | None) -> str:
    if error_class is None:
        return _MISSING_BEFORE
    first_line = (error_text or "").strip().partition("\n")[0]
    return f"{error_class}: {_VARYING.sub('…', first_line)}"
