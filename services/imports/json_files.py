"""JSON and JSON Lines as publishers serve them, read strictly: in one way, or not at all."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from services.imports.kinds import existing
from shared.errors import Invalid

#: Bytes; more than any publisher's monthly file of one office has.
_LARGEST = 200_000_000
#: Digits from which a whole number takes long to read.
_LONG = 1000
_HALF = re.compile("[\ud800-\udfff]")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class Unreadable:
    """A part of a file that cannot be read, where it stands, and why."""

    place: str
    reason: str


@dataclass(frozen=True)
class Document:
    """What was read; place: "line 3" of JSON Lines, "" where it is the whole file."""

    place: str
    content: Any


class _Wrong(ValueError):
    """Something that JSON allows and nobody can mean."""


def documents(path: Path) -> Iterator[Document | Unreadable]:
    """What stands in the file: one document, or with JSON Lines one in each line.

    A line that cannot be read costs itself alone. Decimals keep every digit; numbers that no
    machine can hold, and NaN and Infinity, are decimals that no reader takes. Raises Invalid.
    """
    text = _text(path)
    try:
        yield Document("", _parsed(text))
        return
    except json.JSONDecodeError as error:
        # A further document after the first: then each stands in a line of its own.
        lines = [(number, each) for number, each in enumerate(text.splitlines(), 1) if each.strip()]
        if error.msg != "Extra data" and not (path.suffix == ".jsonl" and len(lines) > 1):
            raise _invalid(path, _words(error)) from None
    except (ValueError, RecursionError) as error:
        raise _invalid(path, _words(error)) from None
    for number, line in lines:
        try:
            yield Document(f"line {number}", _parsed(line))
        except (ValueError, RecursionError) as error:
            yield Unreadable(f"line {number}", f"The line {_words(error)}.")


def _text(path: Path) -> str:
    size = existing(path).stat().st_size
    if size > _LARGEST:
        raise _invalid(
            path,
            f"has {size / 1e6:,.0f} MB, and at most {_LARGEST / 1e6:,.0f} MB are read; split it",
        )
    content = path.read_bytes()
    if content.startswith(_UTF_16):
        raise _invalid(path, "is in UTF-16, and JSON is in UTF-8; save it again as UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _invalid(path, f"is not text in UTF-8 (byte {error.start + 1})") from None


def _parsed(text: str) -> Any:
    return json.loads(
        text,
        parse_float=_decimal,
        parse_int=lambda digits: int(digits) if len(digits) < _LONG else _decimal(digits),
        parse_constant=_decimal,
        object_pairs_hook=_each_key_once,
    )


def _decimal(written: str) -> Decimal:
    try:
        return Decimal(written)
    except InvalidOperation:  # an exponent of twenty digits
        return Decimal("Infinity")


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    plain = dict(pairs)
    if any(isinstance(each, str) and _HALF.search(each) for pair in pairs for each in pair):
        raise _Wrong("holds an invalid character (unpaired surrogate)")
    if len(plain) == len(pairs):
        return plain
    met: set[str] = set()
    for name, _ in pairs:
        if name in met:
            raise _Wrong(f"has the key {name[:60]!r} twice in one object; which counts is unknown")
        met.add(name)
    return plain


def _words(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"is not JSON (line {error.lineno}: {error.msg})"
    if isinstance(error, RecursionError):
        return "is nested too deeply to be a release"
    return str(error)


def _invalid(path: Path, problem: str) -> Invalid:
    return Invalid(
        f"{path.name} {problem}.", rule="readable-json", field="file", accepted="OCDS 1.1 in JSON"
    )
