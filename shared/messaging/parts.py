"""Parts of a source's events, so that several processes of a service read it at the same time.

All events of a subject fall into the same part, and their order holds in it.
"""

import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

#: Subjects fall into so many slots, for ever: an event's slot is the last word of its routing key.
#: No source can be read in more parts than that.
SLOTS = 16


def slot_of(subject: str) -> int:
    return zlib.crc32(subject.encode()) % SLOTS


def routing_key(type_: str, subject: str) -> str:
    """``contract.activated.v1.07``"""
    return f"{type_}.{slot_of(subject):02}"


@dataclass(frozen=True)
class Part:
    """One of `of` parts, counted from 1."""

    number: int
    of: int

    def holds(self, subject: str) -> bool:
        return slot_of(subject) % self.of == self.number - 1

    def name(self, whole: str) -> str:
        """What this part of something is called: ``insight.from.contract.1-of-4``."""
        return whole if self.of == 1 else f"{whole}.{self.number}-of-{self.of}"

    def patterns(self, source: str) -> list[str]:
        """The routing keys of its events."""
        if self.of == 1:
            return [f"{source}.#"]
        return [f"{source}.#.{slot:02}" for slot in range(self.number - 1, SLOTS, self.of)]


WHOLE = Part(1, 1)


def divided_into(of: int) -> list[Part]:
    """All the parts of a source that is read in so many."""
    return [Part(number, of) for number in range(1, of + 1)]


class Share:
    """The parts that this process reads."""

    def __init__(self, parts: Iterable[Part] = (WHOLE,)) -> None:
        self.parts = tuple(parts)
        #: Called when they have become others.
        self.heard_by: list[Callable[[], None]] = []

    def become(self, parts: Iterable[Part]) -> None:
        self.parts = tuple(parts)
        for hear in self.heard_by:
            hear()

    def holds(self, subject: str) -> bool:
        return any(part.holds(subject) for part in self.parts)
