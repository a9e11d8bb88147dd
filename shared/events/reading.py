"""The quick way from an event's JSON to the event: for what is as we write it ourselves.

An event is validated by its schema (`shared.events.base.schema_of`); that costs more than all else
that a consumer does with most events. What stands here takes exactly what the schema takes in the
form in which our own services write it, and leaves everything else to the schema to judge.
"""

import dataclasses
import re
import types
import typing
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any
from uuid import UUID

from shared.errors import Invalid
from shared.identifiers import uuid_of
from shared.money import Money
from shared.values import money_of

Read = Callable[[Any], Any]

#: A decimal number as we write it; others, such as negative ones, are for the schema to judge.
_NUMBER = re.compile(r"[0-9]{1,15}(\.[0-9]{1,6})?")


class Unusual(Exception):
    """Not as we write it ourselves: let the schema judge."""


@cache
def reader_of(value_class: type) -> Read:
    """A function from JSON to an instance of a dataclass; it raises Unusual."""
    hints = typing.get_type_hints(value_class)
    readers = tuple(
        (each.name, _reader(hints[each.name]), _is_needed(each))
        for each in dataclasses.fields(value_class)
    )

    def read(plain: Any) -> Any:
        if type(plain) is not dict:
            raise Unusual
        values = {}
        for name, reader, is_needed in readers:
            if name in plain:
                values[name] = reader(plain[name])
            elif is_needed:
                raise Unusual
        return value_class(**values)

    return read


def _is_needed(field: "dataclasses.Field[Any]") -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _reader(hint: Any) -> Read:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        (inner,) = [each for each in arguments if each is not type(None)]
        return _optional(_reader(inner))
    if origin is tuple:
        return _tuple(_reader(arguments[0]))
    if hint in (str, int, bool):
        return _exactly(hint)
    if hint is UUID:
        return _text(uuid_of, 36)
    if hint is date:
        return _text(date.fromisoformat, 10)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _word(hint)
    if dataclasses.is_dataclass(hint) and hint.__module__.startswith("shared.events."):
        return reader_of(typing.cast(type, hint))
    if hint is Decimal:
        return _number
    if hint is Money:
        return _money
    return _leave  # moments: the schema knows


def _exactly(kind: type) -> Read:
    def read(plain: Any) -> Any:
        if type(plain) is not kind:
            raise Unusual
        return plain

    return read


def _text(make: Callable[[str], Any], length: int) -> Read:
    def read(plain: Any) -> Any:
        if type(plain) is not str or len(plain) != length:
            raise Unusual
        try:
            return make(plain)
        except ValueError:
            raise Unusual from None

    return read


def _word(vocabulary: type[Enum]) -> Read:
    words = {each.value: each for each in vocabulary}

    def read(plain: Any) -> Any:
        if type(plain) is not str or plain not in words:
            raise Unusual
        return words[plain]

    return read


def _tuple(each: Read) -> Read:
    def read(plain: Any) -> Any:
        if type(plain) is not list:
            raise Unusual
        return tuple([each(item) for item in plain])

    return read


def _optional(inner: Read) -> Read:
    return lambda plain: None if plain is None else inner(plain)


def _number(plain: Any) -> Decimal:
    if type(plain) is not str or not _NUMBER.fullmatch(plain):
        raise Unusual
    return Decimal(plain)


def _money(plain: Any) -> Money:
    if type(plain) is not dict or len(plain) != 2:
        raise Unusual
    amount, currency = plain.get("amount"), plain.get("currency")
    if type(amount) is not str or type(currency) is not str or not _NUMBER.fullmatch(amount):
        raise Unusual
    try:
        return money_of(amount, currency)
    except Invalid:
        raise Unusual from None


def _leave(_: Any) -> Any:
    raise Unusual
