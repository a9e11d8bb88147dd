"""A made-up event of every kind, from nothing but its definition."""

import dataclasses
import types
import typing
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, TypeVar
from uuid import UUID

from shared.events import Event
from shared.money import Money

E = TypeVar("E", bound=Event)

SOME_ID = UUID("01890000-0000-7000-8000-00000000abcd")
_SIMPLE: dict[Any, Any] = {
    str: "something",
    Any: "something",
    int: 3,
    bool: True,
    date: date(2026, 1, 1),
    datetime: datetime(2026, 1, 1, 9, 30, tzinfo=UTC),
    Decimal: Decimal("1.50"),
    UUID: SOME_ID,
    Money: Money.of(125_000, "GBP"),
}


def sample(of: type[E], *, sparse: bool = False, **given: Any) -> E:
    """sparse: everything that may be missing is missing."""
    return typing.cast(E, _made(of, sparse, given))


def _made(of: type, sparse: bool, given: dict[str, Any]) -> Any:
    hints = typing.get_type_hints(of)
    values = {
        item.name: _value(hints[item.name], sparse)
        for item in dataclasses.fields(of)
        if item.name not in given and not (sparse and _has_default(item))
    }
    return of(**values, **given)


def _has_default(item: Any) -> bool:
    return item.default is not dataclasses.MISSING


def _value(hint: Any, sparse: bool) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return None if sparse else _value(arguments[0], sparse)
    if origin is tuple:
        return () if sparse else (_value(arguments[0], sparse),)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return next(iter(hint))
    if hint not in _SIMPLE:
        return _made(hint, sparse, {})
    return _SIMPLE[hint]
