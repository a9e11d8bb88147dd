"""Plain values to and from JSON-able structures: one form for the databases and the event logs.

Money is ``{"amount": "125000.00", "currency": "GBP"}``, dates and moments are ISO 8601, UUIDs and
decimals are text, tuples are lists. Meant for values that we wrote ourselves and trust; what comes
from outside goes through marshmallow first (`shared.schemas`).
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from cattrs import Converter

from shared.money import Money

T = TypeVar("T")

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
