"""Plain values to and from JSON-able structures: one form for the databases and the event logs.

Money is ``{"amount": "125000.00", "currency": "GBP"}``, dates and moments are ISO 8601, UUIDs and
decimals are text, tuples are lists. Meant for values that we wrote ourselves and trust; what comes
from outside goes through marshmallow first (`shared.schemas`).
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

import orjson
from cattrs import Converter

from shared.money import Money

T = TypeVar("T")

#: Text that JSON can write and PostgreSQL cannot store: the sign zero, and halves of signs.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

#: Money and the like are written by `to_plain`, not in orjson's own way with dataclasses.
_AS_WE_WRITE = orjson.OPT_PASSTHROUGH_DATACLASS

# What is read was written by ourselves: no need to collect every error in it.
_converter = Converter(detailed_validation=False)

#: `Money.recorded`, for text only: the same rates and values come again and again.
money_of = lru_cache(maxsize=4096)(Money.recorded)

for _type, _dump, _load in (
    (UUID, str, UUID),
    (date, date.isoformat, date.fromisoformat),
    (datetime, datetime.isoformat, datetime.fromisoformat),
    (Decimal, str, Decimal),
    (
        Money,
        lambda money: {"amount": str(money.amount), "currency": money.currency},
        lambda plain: money_of(plain["amount"], plain["currency"]),
    ),
):
    _converter.register_unstructure_hook(_type, _dump)
    _converter.register_structure_hook(_type, lambda plain, _, load=_load: load(plain))


def to_plain(value: Any, as_type: Any = None) -> Any:
    """A value (dataclass, tuple, …) as dicts, lists, text and numbers."""
    return _converter.unstructure(value, unstructure_as=as_type)


def from_plain(plain: Any, as_type: type[T]) -> T:
    """The value of `as_type` that `to_plain` wrote; unknown keys are ignored."""
    return _converter.structure(plain, as_type)


def to_json(plain: Any) -> str:
    """As JSON, in which it goes over the wire between services and into the tables.

    Takes what `to_plain` takes. Raises TypeError for text that is none (half a sign).
    """
    return orjson.dumps(plain, to_plain, _AS_WE_WRITE).decode()


def canonical_json(plain: Any) -> bytes:
    """The same value always in the same bytes, whatever the order of its keys: for hashing."""
    return orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)


def from_json(text: str | bytes) -> Any:
    """What `to_json` wrote. Raises ValueError for what is not JSON, with NaN and infinity in it,
    or nested more than a thousand levels deep."""
    return orjson.loads(text)


def unstorable(plain: Any) -> str | None:
    """The path (``rows.3.name``) of the first text that a database cannot take; None: all can."""
    try:
        suspicious = b"\\u0000" in orjson.dumps(plain)
    except TypeError:  # half a sign, or a value that is no JSON
        suspicious = True
    return _path_of_unstorable(plain, "") if suspicious else None


def _path_of_unstorable(plain: Any, path: str) -> str | None:
    if isinstance(plain, str):
        return path if _UNSTORABLE.search(plain) else None
    steps: Iterable[tuple[Any, Any]] = ()
    if isinstance(plain, Mapping):
        if any(isinstance(key, str) and _UNSTORABLE.search(key) for key in plain):
            return path
        steps = plain.items()
    elif isinstance(plain, list | tuple):
        steps = enumerate(plain)
    for step, inner in steps:
        found = _path_of_unstorable(inner, f"{path}.{step}" if path else str(step))
        if found is not None:
            return found
    return None
