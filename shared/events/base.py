"""How an event is defined: once, as a plain value; its schema is made from it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, TypeVar, dataclass_transform

from marshmallow import Schema

from shared.events.reading import Unusual, reader_of
from shared.schemas import schema_for
from shared.values import to_plain


class Event:
    """A fact of the past, in business words, with the state that its readers need."""

    #: ``<service>.<what happened>``; the part before the dot is the service that owns it.
    type: ClassVar[str]
    version: ClassVar[int]

    @classmethod
    def source(cls) -> str:
        return cls.type.partition(".")[0]

    def to_plain(self) -> dict[str, Any]:
        plain: dict[str, Any] = to_plain(self)
        return plain


_published: dict[tuple[str, int], type[Event]] = {}
E = TypeVar("E", bound=Event)


@dataclass_transform(kw_only_default=True, frozen_default=True)
def event(type_: str, version: int = 1) -> Callable[[type[E]], type[E]]:
    """Publish a class as version `version` of the event `type_`."""

    def publish(cls: type[E]) -> type[E]:
        made = dataclass(frozen=True, kw_only=True)(cls)
        made.type, made.version = type_, version
        if _published.setdefault((type_, version), made) is not made:
            raise ValueError(f"{type_} version {version} is defined twice")
        return made

    return publish


def published() -> dict[tuple[str, int], type[Event]]:
    """Every event of the language by type and version, in order of definition."""
    return dict(_published)


@cache
def schema_of(type_: str, version: int) -> Schema:
    """The schema of an event. Raises KeyError where the language has no such event."""
    value_class: type = _published[type_, version]
    return schema_for(value_class)()


def event_from(type_: str, version: int, plain: dict[str, Any]) -> Event:
    """The event that `Event.to_plain` wrote, validated.

    Raises KeyError where the language has no such event, ValidationError where it does not fit.
    """
    value_class: type = _published[type_, version]
    try:
        read: Event = reader_of(value_class)(plain)
    except Unusual:
        read = schema_of(type_, version).load(plain)
    return read
