"""Cursor paging: stable under inserts, as quick on the thousandth page as on the first."""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, literal, tuple_
from sqlalchemy.orm import Session

from shared.errors import Invalid
from shared.values import unstorable

LARGEST_PAGE = 200

T = TypeVar("T")
#: Stands for the sort in the cursors of `part`.
_RANKED = "ranked"
#: What reading a cursor that somebody made up may raise.
_UNREADABLE = (ArithmeticError, AttributeError, RecursionError, TypeError, ValueError)


@dataclass(frozen=True)
class Page:
    """`items` in the wanted order; `next` is the cursor of the page after, None on the last."""

    items: Sequence[Any]
    next: str | None


def fetch(
    session: Session,
    statement: Select[Any],
    *,
    sorts: Mapping[str, ColumnElement[Any]],
    key: ColumnElement[Any],
    sort: str,
    limit: int,
    cursor: str | None,
) -> Page:
    """One page of `statement`, which selects one mapped class or the columns of one table.

    sort: a name out of `sorts` (non-null columns), with "-" before it for descending order;
    `key` is unique and breaks ties in the same direction. Raises Invalid on an unknown sort and on
    a cursor that was made for another one.
    """
    name = sort.removeprefix("-")
    if name not in sorts:
        raise Invalid(
            f"The list cannot be sorted by {name!r}.",
            rule="known-sort",
            field="sort",
            accepted=", ".join(sorted(sorts)) + ' (with "-" before it: descending)',
        )
    column, descending = sorts[name], sort.startswith("-")
    place = tuple_(column, key)
    if cursor:
        after = tuple_(*_decode(cursor, sort, column, key))
        statement = statement.where(place < after if descending else place > after)
    order = (column.desc(), key.desc()) if descending else (column.asc(), key.asc())
    rows = session.execute(
        statement.add_columns(column.label("_sort"), key.label("_key"))
        .order_by(*order)
        .limit(limit + 1)
    ).all()
    more = len(rows) > limit
    rows = rows[:limit]
    items = [row[0] if len(row) == 3 else row._mapping for row in rows]
    return Page(items, _encode(sort, rows[-1][-2], rows[-1][-1]) if more else None)


def part(items: Sequence[T], *, key: Callable[[T], UUID], limit: int, cursor: str | None) -> Page:
    """One page of a list that is made anew each time, whole and in its order.

    A page begins after the item that ended the one before, wherever that stands by now. Raises
    Invalid where it is not in the list any more.
    """
    first = 0
    if cursor:
        places = {str(key(each)): place for place, each in enumerate(items, 1)}
        made_for, last = _decoded(cursor, 2)
        if made_for != _RANKED or last not in places:
            raise _wrong_cursor("the `next` of the page before; where the list changed, none")
        first = places[last]
    page = items[first : first + limit]
    more = first + limit < len(items)
    return Page(page, _encode(_RANKED, key(page[-1])) if more else None)


def _encode(sort: str, *place: Any) -> str:
    plain = [each.isoformat() if isinstance(each, date) else each for each in place]
    content = json.dumps([sort, *plain], default=str)
    return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")


def _decode(cursor: str, sort: str, *columns: ColumnElement[Any]) -> list[Any]:
    try:
        made_for, *place = _decoded(cursor, len(columns) + 1)
        if made_for != sort:
            raise ValueError(cursor)
        return [
            literal(_revive(value, column.type.python_type), column.type)
            for value, column in zip(place, columns, strict=True)
        ]
    except _UNREADABLE as error:
        raise _wrong_cursor("the `next` of the page before, with the same sort") from error


def _decoded(cursor: str, parts: int) -> list[Any]:
    """What `_encode` was given. Raises Invalid where it never was."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        found = json.loads(base64.urlsafe_b64decode(padded.encode()))
        if not isinstance(found, list) or len(found) != parts:
            raise ValueError(cursor)
        return found
    except _UNREADABLE as error:
        raise _wrong_cursor("the `next` of the page before, with the same sort") from error


def _wrong_cursor(accepted: str) -> Invalid:
    return Invalid(
        "The cursor does not belong to this list in this order.",
        rule="cursor",
        field="cursor",
        accepted=accepted,
    )


def _revive(value: Any, kind: type) -> Any:
    """The value of a column that `_encode` wrote. Anybody can make up a cursor: so it raises one
    of the errors above for whatever a database would not take.
    """
    if unstorable(value) is not None:
        raise ValueError(value)
    if kind is UUID:
        return UUID(value)
    if kind is datetime:
        return datetime.fromisoformat(value).astimezone(UTC)
    if kind is date:
        return date.fromisoformat(value)
    if kind is int and abs(value) >= 2**63:
        raise OverflowError(value)
    return kind(value)
