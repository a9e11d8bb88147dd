"""How lists are searched and put in order: by keys that a record's owner stores beside it.

Databases fold case and order text by rules of their own, each differently. So both keys are made
here, and compared sign by sign: what one store finds, and where, the other does too.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from sqlalchemy import Column, ColumnElement, Select, String, Text, case, event, func, or_

from shared import names
from shared.columns import sort_key

Statement = TypeVar("Statement", bound=Select[*tuple[Any, ...]])

#: Letters that are often written as two, where a keyboard lacks them.
_AS_TWO = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"}
)  # ß, æ, œ and þ are two letters in any case
#: What is left out as often as it is written: king's or kings, U.C.L. or UCL, Al-Quds or Alquds.
_LEFT_OUT = re.compile("['.-]")
#: What stands round words that are pasted, and not in names.
_AROUND = "\"',.;:!?*()[]{}<>"
_HYPHENS = re.compile("[-/]")
_DIGITS = re.compile("[0-9]+")
#: Numbers of references are compared with so many digits.
_ZEROS = "0" * 10

#: What writes the keys of a record, by its class.
_WRITERS: dict[type, Callable[[Any], None]] = {}


def key_columns() -> tuple[Column[str], Column[str]]:
    """The columns of a table whose records `keep` makes easy to find and to sort."""
    return Column("found_as", Text, nullable=False), Column("sorted_as", sort_key(), nullable=False)


def keep(
    mapped: type, *, name: Callable[[Any], str], found_by: Callable[[Any], tuple[str | None, ...]]
) -> None:
    """Write the keys of every record of a mapped class whenever the record is written.

    name: what the list is sorted by; found_by: the texts that people may look for.
    """

    def write(record: Any) -> None:
        record.sorted_as = names.order_key(name(record))
        record.found_as = found_key(*found_by(record))

    _WRITERS[mapped] = write
    for moment in ("before_insert", "before_update"):
        event.listen(mapped, moment, lambda _mapper, _connection, record: write(record))


def write_keys(records: Iterable[Any]) -> None:
    """For records that are written in bulk, of which the mapper tells nobody."""
    for record in records:
        write = _WRITERS.get(type(record))
        if write:
            write(record)


def found_key(*texts: str | None) -> str:
    """What is looked through: each text in the ways in which it may be looked for."""
    ways: dict[str, None] = {}
    for text in filter(None, texts):
        ways.update(dict.fromkeys(_ways(text)))
    return "\n".join(ways)


def searched(statement: Statement, text: str | None, *keys: ColumnElement[str]) -> Statement:
    """Only rows that have every word of the text, in any order, each in one of the keys.

    Case, accents, scripts' own forms and punctuation within words do not count. No sign means
    more than itself. A text without any word narrows nothing.
    """
    return statement.where(*(_has(word, keys) for word in _words(text or "")))


def reference_order(reference: ColumnElement[Any], prefix: str) -> ColumnElement[str]:
    """References such as CTR-2026-0042 by year and number: 10000 comes after 9999."""
    before = len(f"{prefix}-2026-")
    number = func.substr(reference, before + 1, type_=String)
    zeros = func.substr(_ZEROS, func.length(reference) - before + 1, type_=String)
    return func.substr(reference, 1, before, type_=String).concat(zeros).concat(number)


def ranked(
    state: ColumnElement[Any], ranks: Mapping[Any, int], then: ColumnElement[Any]
) -> ColumnElement[str]:
    """Rows by the rank of their state (one digit), and within it by another text."""
    rank = case({value: str(rank) for value, rank in ranks.items()}, value=state, else_="9")
    return rank.concat(then)


def _ways(text: str) -> tuple[str, ...]:
    """A text as it is looked for: folded; with ä as ae; without apostrophes, dots and hyphens."""
    folded = as_two = names.found(text)
    if not text.isascii():
        as_two = names.found(names.same(text).translate(_AS_TWO))
    closed_up = (_LEFT_OUT.sub("", folded), _LEFT_OUT.sub("", as_two))
    return tuple(filter(None, (folded, as_two, *closed_up)))


def _words(text: str) -> list[str]:
    """As written. Names are found with a hyphen or a space; a reference stays whole."""
    found: dict[str, None] = {}
    for word in names.same(text).split():
        parts = [word] if _DIGITS.search(word) else _HYPHENS.sub(" ", word).split() or [word]
        for part in parts:
            found[part.strip(_AROUND) or part] = None
    return [each for each in found if _ways(each)]  # some are accents alone


def _has(word: str, keys: tuple[ColumnElement[str], ...]) -> ColumnElement[bool]:
    ways = dict.fromkeys(_ways(word))
    return or_(*(key.contains(way, autoescape=True) for key in keys for way in ways))
