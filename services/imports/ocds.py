"""Open Contracting Data Standard 1.1: releases, wherever a publisher puts them, and merged."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from services.imports.kinds import existing
from shared.errors import Invalid

Plain = dict[str, Any]


@dataclass(frozen=True)
class Release:
    """One release, and what all releases of its OCID up to it say together."""

    told: Plain
    merged: Plain

    @property
    def ocid(self) -> str:
        return words(self.told.get("ocid"))

    @property
    def published_at(self) -> datetime | None:
        return moment(self.told.get("date"))


def releases(path: Path) -> Iterator[Release]:
    """The releases of a file in the order of their dates, each merged with those before it.

    Takes release packages, record packages and single releases, compiled ones too. Raises Invalid
    for a file that is none of these.
    """
    found = sorted(_found(path, _read(path)), key=_when)
    merged: dict[str, Plain] = {}
    for told in found:
        ocid = words(told.get("ocid"))
        merged[ocid] = _merge(merged.get(ocid, {}), told)
        yield Release(told, merged[ocid])


def listed(value: Any) -> list[Plain]:
    """The objects of an array; none where it is something else."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def inner(value: Any) -> Plain:
    """An object; an empty one where it is something else."""
    return value if isinstance(value, dict) else {}


def words(value: Any) -> str:
    """Text (or a number that serves as an id) with its spaces in order; "" for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return " ".join(str(value).split())


def moment(value: Any) -> datetime | None:
    """An aware moment; one without an offset is taken for UTC, as the standard advises."""
    try:
        read = datetime.fromisoformat(words(value))
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def day(value: Any, zone: ZoneInfo) -> date | None:
    """The date in the office's zone; a date without time stays what it is."""
    text = words(value)
    try:
        if len(text) == len("2026-03-13"):
            return date.fromisoformat(text)
        read = datetime.fromisoformat(text)
        return (read.astimezone(zone) if read.tzinfo else read).date()
    except (ValueError, OverflowError):
        return None


def _read(path: Path) -> Any:
    try:
        # Decimals, so that an amount keeps every digit.
        return json.loads(existing(path).read_text("utf-8-sig"), parse_float=Decimal)
    except UnicodeDecodeError:
        problem = "is not text in UTF-8"
    except json.JSONDecodeError as error:
        problem = f"is not JSON (line {error.lineno}: {error.msg})"
    except RecursionError:
        problem = "is nested too deeply to be a release"
    raise Invalid(
        f"{path.name} {problem}.", rule="readable-json", field="file", accepted="OCDS 1.1 in JSON"
    )


def _found(path: Path, document: Any) -> list[Plain]:
    plain = inner(document)
    if isinstance(plain.get("releases"), list):
        return listed(plain["releases"])
    if isinstance(plain.get("records"), list):
        return [each for record in listed(plain["records"]) for each in _of_record(record)]
    if words(plain.get("ocid")):
        return [plain]
    raise Invalid(
        f"{path.name} is JSON, but not OCDS: it has neither releases, nor records, nor an ocid.",
        rule="ocds",
        field="file",
        accepted="a release package, a record package or a release of OCDS 1.1",
    )


def _of_record(record: Plain) -> list[Plain]:
    compiled = inner(record.get("compiledRelease"))
    return [compiled] if compiled else listed(record.get("releases"))


def _when(release: Plain) -> datetime:
    return moment(release.get("date")) or datetime.min.replace(tzinfo=UTC)


def _merge(before: Plain, told: Plain) -> Plain:
    """Objects are merged, arrays too where their objects have ids; null takes away; else replaced.

    Source: https://standard.open-contracting.org/1.1/en/schema/merging/
    """
    merged = dict(before)
    for name, value in told.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, dict):
            merged[name] = _merge(inner(merged.get(name)), value)
        elif _has_ids(value):
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
