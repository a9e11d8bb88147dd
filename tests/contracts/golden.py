"""Golden samples: one event of every type and version, as it stands on the wire.

A sample is written once and never changed: it stands for the events that are in the logs already.
"""

import dataclasses
import hashlib
import json
import sys
import typing
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Any, Union
from uuid import UUID

from shared.events import Event, published
from shared.events.vocabulary import Role
from shared.messaging.envelope import Envelope
from shared.money import Money

SAMPLES = Path(__file__).parent / "samples"

_MOMENT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


def path_of(type_: str, version: int) -> Path:
    return SAMPLES / f"{type_}.v{version}.json"


def read(type_: str, version: int) -> dict[str, Any]:
    """The CloudEvents object of a sample."""
    plain: dict[str, Any] = json.loads(path_of(type_, version).read_text(encoding="utf-8"))
    return plain


def missing() -> list[tuple[str, int]]:
    return [key for key in published() if not path_of(*key).exists()]


def write_missing() -> list[Path]:
    """Write the samples that there are not; those that there are stay as they are."""
    SAMPLES.mkdir(exist_ok=True)
    written = []
    for type_, version in missing():
        path = path_of(type_, version)
        envelope = envelope_of(sample_of(published()[type_, version]))
        content = json.dumps(dict(envelope.attributes), indent=2, ensure_ascii=False)
        path.write_text(content + "\n", encoding="utf-8")
        written.append(path)
    return written


def sample_of(event: type[Event]) -> Event:
    """An event with something in every field, the same each time."""
    made: Event = _value(event, event.type)
    return made


def envelope_of(event: Event) -> Envelope:
    service, _, what = event.type.partition(".")
    row = {
        "id": _uuid(f"{what} event"),
        "subject": f"{service}/{_uuid('subject')}",
        "sequence": 1,
        "type": event.type,
        "version": event.version,
        "data": event.to_plain(),
        "metadata": {
            "actor": str(Role.ADMINISTRATOR),
            "correlation": str(_uuid("correlation")),
            "causation": str(_uuid("causation")),
            "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        },
        "recorded_at": _MOMENT,
    }
    return Envelope.of_row(service, row)


def _value(hint: Any, name: str) -> Any:
    """A value that fits a type hint; `name` makes it like others of the same name."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (Union, UnionType):
        return _value(next(each for each in arguments if each is not type(None)), name)
    if origin is tuple:
        return (_value(arguments[0], name),)
    if origin is dict:
        return {"key": _value(arguments[1], name)}
    if dataclasses.is_dataclass(hint) and hint is not Money:
        hints = typing.get_type_hints(hint)
        names = [each.name for each in dataclasses.fields(hint)]
        return typing.cast(type, hint)(**{name: _value(hints[name], name) for name in names})
    return _simple(hint, name)


def _simple(hint: Any, name: str) -> Any:
    if isinstance(hint, type) and issubclass(hint, Enum):
        return list(hint)[_number(name) % len(hint)]
    made = {
        UUID: _uuid,
        bool: lambda _: True,
        int: lambda name: _number(name) % 5 + 1,
        str: lambda name: f"{name.replace('_', ' ')} – جامعة",
        Decimal: lambda name: Decimal(_number(name) % 40 + 1) / 4,
        date: lambda name: (_MOMENT + timedelta(days=_number(name) % 300)).date(),
        datetime: lambda _: _MOMENT,
        Money: lambda name: Money(_number(name) % 10_000_000, "JOD"),
        Any: lambda name: {"name": name},
    }
    return made[hint](name)


def _number(name: str) -> int:
    return int(hashlib.sha256(name.encode()).hexdigest()[:8], 16)


def _uuid(name: str) -> UUID:
    return UUID(hashlib.sha256(name.encode()).hexdigest()[:32])


if __name__ == "__main__":
    for each in write_missing():
        sys.stdout.write(f"written: {each.name}\n")
