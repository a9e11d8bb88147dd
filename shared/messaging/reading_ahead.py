"""Reading a source's log while what was read before is still being applied."""

import threading
from collections.abc import Sequence
from typing import Any, Protocol

import structlog

from shared.errors import Refusal

log = structlog.get_logger()


class SourceLog(Protocol):
    """A source's log as seen from here; calls raise Unavailable while the source is down."""

    def window(self, source: str, after: int, limit: int) -> dict[str, Any]: ...

    def events(self, source: str, after: int, until: int) -> list[dict[str, Any]]: ...

    def reached(self, source: str, subjects: Sequence[str]) -> dict[str, int]: ...


class ReadingAhead:
    """A source's log of which the next events are asked for as soon as some have come.

    What is published stays as it is, so it may be asked for at any time. Holds one answer.
    """

    def __init__(self, source_log: SourceLog) -> None:
        self._log = source_log
        self._next: _Asked | None = None

    def window(self, source: str, after: int, limit: int) -> dict[str, Any]:
        return self._log.window(source, after, limit)

    def reached(self, source: str, subjects: Sequence[str]) -> dict[str, int]:
        return self._log.reached(source, subjects)

    def events(self, source: str, after: int, until: int) -> list[dict[str, Any]]:
        asked, self._next = self._next, None
        found = asked.answer(source, after) if asked is not None else []
        found = found[: until - after] or self._log.events(source, after, until)
        if found:
            last = after + len(found)
            self._next = _Asked(self._log, source, last, last + until - after)
        return found


class _Asked(threading.Thread):
    """A question that is under way."""

    def __init__(self, source_log: SourceLog, source: str, after: int, until: int) -> None:
        super().__init__(daemon=True)
        self._log = source_log
        self._question = source, after, until
        self._found: list[dict[str, Any]] = []
        self.start()

    def run(self) -> None:
        try:
            self._found = self._log.events(*self._question)
        except Refusal as refusal:  # it is asked again by who needs it, and shows there
            log.debug("reading ahead: no answer", source=self._question[0], error=str(refusal))

    def answer(self, source: str, after: int) -> list[dict[str, Any]]:
        """What was found; nothing where this was not the question."""
        if (source, after) != self._question[:2]:
            return []
        self.join()
        return self._found
