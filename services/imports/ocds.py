"""Open Contracting Data Standard 1.0 and 1.1: releases, wherever a publisher puts them, merged."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from services.imports.json_files import Document, Unreadable, documents
from shared.errors import Invalid

Plain = dict[str, Any]

#: A date or a moment; only the date is looked at, as its publisher wrote it.
_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ]\d{2}:\d{2}.*)?")
#: Arrays of objects that a later release replaces whole, although their objects have ids.
_REPLACED_WHOLE = frozenset(["additionalIdentifiers", "additionalClassifications", "changes"])


@dataclass(frozen=True)
class Release:
    """One release, and what all releases of its OCID up to it say together."""

    told: Plain
    merged: Plain
    #: Ids of contracts of which a release of the same moment, further on in the file, speaks too.
    superseded: frozenset[str] = field(default_factory=frozenset)

    @property
    def ocid(self) -> str:
        return words(self.told.get("ocid"))

    @property
    def published_at(self) -> datetime | None:
        return moment(self.told.get("date"))


def releases(path: Path) -> Iterator[Release | Unreadable]:
    """The releases of a file in the order of their dates, each merged with those before it; first
    what is none, and why.

    Takes release packages, record packages, records, lists, JSON Lines and single releases,
    compiled ones too. Raises Invalid for a file that is none of these.
    """
    found: list[Plain] = []
    for each in _found(path):
        if isinstance(each, Unreadable):
            yield each
        else:
            found.append(each)
    found.sort(key=_when)
    later = Counter(key for each in found for key in _contracts(each))
    merged: dict[str, Plain] = {}
    for told in found:
        own = _contracts(told)
        later.subtract(own)
        ocid = words(told.get("ocid"))
        merged[ocid] = _merge(merged.get(ocid, {}), told)
        superseded = frozenset(id for _, _, id in (key for key in own if later[key] > 0))
        yield Release(told, merged[ocid], superseded)


def listed(value: Any) -> list[Plain]:
    """The objects of an array, or the only one where no array is round it; else none."""
    entries = value if isinstance(value, list) else [value]
    return [each for each in entries if isinstance(each, dict)]


def inner(value: Any) -> Plain:
    """An object; an empty one where it is something else."""
    return value if isinstance(value, dict) else {}


def words(value: Any) -> str:
    """Text (or a number that serves as an id) with its spaces in order; "" for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return " ".join(str(value).split())


def text(value: Any) -> str:
    """Text with its spaces in order; "" for anything else, numbers too."""
    return words(value) if isinstance(value, str) else ""


def shown(value: Any) -> str:
    """What cannot be read, as its file has it: text in quotation marks, a number in digits."""
    if isinstance(value, str):
        return repr(words(value)[:60])
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | Decimal):
        return f"the number {str(value).replace('E+', 'e').replace('E', 'e')}"[:60]
    return "an object" if isinstance(value, dict) else "a list"


def by_id(objects: Any, identifier: Any) -> Plain | None:
    """The object of an array with this id."""
    wanted = words(identifier)
    return next((each for each in listed(objects) if words(each.get("id")) == wanted), None)


def moment(value: Any) -> datetime | None:
    """An aware moment; one without an offset is taken for UTC, as the standard advises."""
    try:
        read = datetime.fromisoformat(words(value))
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def day(value: Any) -> date | None:
    """The date as its publisher wrote it, whatever the offset; None where it cannot be read."""
    match = _DATE.fullmatch(words(value))
    try:
        return date.fromisoformat(match[1]) if match else None
    except ValueError:
        return None


def _found(path: Path) -> Iterator[Plain | Unreadable]:
    for document in documents(path):
        if isinstance(document, Unreadable):
            yield document
        else:
            yield from _in_document(path, document)


def _in_document(path: Path, document: Document) -> Iterator[Plain | Unreadable]:
    if not isinstance(document.content, list) or not document.content:
        yield from _of_document(path, document.content, document.place)
        return
    for number, each in enumerate(document.content, 1):
        yield from _of_document(path, each, f"{document.place} entry {number}".strip())


def _of_document(path: Path, document: Any, place: str) -> Iterator[Plain | Unreadable]:
    plain = inner(document)
    if "compiledRelease" in plain or "versionedRelease" in plain:
        yield from _of_record(plain, place)
    elif isinstance(plain.get("records"), list):
        yield from _of_package(plain["records"], "record", _of_record)
    elif isinstance(plain.get("releases"), list):
        yield from _of_package(plain["releases"], "release", _of_release)
    elif words(plain.get("ocid")) or {"contracts", "awards", "tender"} & set(plain):
        yield from _of_release(plain, place)
    elif place:
        yield Unreadable(place, "It is neither a release, nor a record, nor a package of them.")
    else:
        raise Invalid(
            f"{path.name} is JSON, but not OCDS: neither releases, nor records, nor an ocid.",
            rule="ocds",
            field="file",
            accepted="a release package, a record package or a release of OCDS 1.1",
        )


def _of_package(entries: list[Any], word: str, read: Any) -> Iterator[Plain | Unreadable]:
    if not entries:
        yield Unreadable("package", f"The package holds no {word}.")
    for place, each in enumerate(entries, 1):
        if isinstance(each, dict):
            yield from read(each, f"{word} {place}")
        else:
            yield Unreadable(f"{word} {place}", "It is not an object: { … }.")


def _of_record(record: Plain, place: str) -> Iterator[Plain | Unreadable]:
    """What a record says in all, else each of its releases."""
    compiled = inner(record.get("compiledRelease"))
    versioned = inner(record.get("versionedRelease"))
    if not compiled and versioned:
        compiled = _latest(versioned)
        dates = [words(each.get("date")) for each in listed(record.get("releases"))]
        compiled.setdefault("date", max([*dates, *_dates(versioned)], default=""))
    if compiled:
        yield from _of_release({"ocid": record.get("ocid")} | compiled, place)
        return
    entries = listed(record.get("releases"))
    if not entries:
        yield Unreadable(words(record.get("ocid")) or place, "The record holds no release.")
    for number, each in enumerate(entries, 1):
        yield from _of_release(each, f"{words(record.get('ocid')) or place} release {number}")


def _of_release(release: Plain, place: str) -> Iterator[Plain | Unreadable]:
    if words(release.get("ocid")):
        yield release
    elif words(release.get("url")):
        address = words(release["url"])[:200]
        reason = f"Only a link to a release stands here. Download it and import that: {address}"
        yield Unreadable(place, reason)
    else:
        title = words(inner(release.get("tender")).get("title")) or words(release.get("id"))
        told = f" ({title[:100]})" if title else ""
        yield Unreadable(place or "release", f"The release{told} has no ocid.")


def _latest(versioned: Plain) -> Plain:
    """A versioned release as it stood in the end."""
    return {name: _last(value) for name, value in versioned.items()}


def _last(value: Any) -> Any:
    if isinstance(value, dict):
        return _latest(value)
    versions = listed(value) if isinstance(value, list) else []
    if versions and all("value" in each and "releaseDate" in each for each in versions):
        return max(versions, key=lambda each: words(each["releaseDate"]))["value"]
    return [_latest(each) for each in versions] if versions else value


def _dates(value: Any) -> Iterator[str]:
    """The dates of all versions in a versioned release."""
    if isinstance(value, dict):
        yield from filter(None, [words(value.get("releaseDate"))])
        for each in value.values():
            yield from _dates(each)
    elif isinstance(value, list):
        for each in value:
            yield from _dates(each)


def _contracts(release: Plain) -> list[tuple[str, datetime, str]]:
    """Of which contracts a release speaks, with its OCID and date; each once."""
    ocid, when = words(release.get("ocid")), _when(release)
    ids = dict.fromkeys(words(each.get("id")) for each in listed(release.get("contracts")))
    return [(ocid, when, id) for id in ids]


def _when(release: Plain) -> datetime:
    return moment(release.get("date")) or datetime.min.replace(tzinfo=UTC)


def _merge(before: Plain, told: Plain) -> Plain:
    """Objects are merged, arrays too where their objects have ids; null takes away; else replaced.
    An empty array says nothing of the objects before it.

    Source: https://standard.open-contracting.org/1.1/en/schema/merging/
    """
    merged = dict(before)
    for name, value in told.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, dict):
            merged[name] = _merge(inner(merged.get(name)), value)
        elif value == [] and listed(merged.get(name)) and name not in _REPLACED_WHOLE:
            continue
        elif name not in _REPLACED_WHOLE and _has_ids(value):
            merged[name] = _merge_by_id(listed(merged.get(name)), value)
        else:
            merged[name] = value
    return merged


def _has_ids(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(each, dict) and words(each.get("id")) for each in value)
    )


def _merge_by_id(before: list[Plain], told: list[Plain]) -> list[Plain]:
    merged = {words(each.get("id")): each for each in before}
    for each in told:
        identifier = words(each["id"])
        merged[identifier] = _merge(merged.get(identifier, {}), each)
    return list(merged.values())
