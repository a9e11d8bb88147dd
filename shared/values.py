"""Plain values to and from JSON-able structures: one form for the databases and the event logs.

Money is ``{"amount": "125000.00", "currency": "GBP"}``, dates and moments are ISO 8601, UUIDs and
decimals are text, tuples are lists. Meant for values that we wrote ourselves and trust; what comes
from outside goes through marshmallow first (`shared.schemas`).
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from cattrs import Converter

from shared.money import Money

T = TypeVar("T")

#: Text that JSON can write and PostgreSQL cannot store: the sign zero, and halves of signs.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

_converter = Converter()

for _type, _dump, _load in (
    (UUID, str, UUID),
    (date, date.isoformat, date.fromisoformat),
    (datetime, datetime.isoformat, datetime.fromisoformat),
    (Decimal, str, Decimal),
    (
        Money,
        lambda money: {"amount": str(money.amount), "currency": money.currency},
        lambda plain: Money.of(plain["amount"], plain["currency"]),
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


def unstorable(plain: Any, path: str = "") -> str | None:
    """The path (``rows.3.name``) of the first text that a database cannot take; None: all can."""
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
        found = unstorable(inner, f"{path}.{step}" if path else str(step))
        if found is not None:
            return found
    return None
