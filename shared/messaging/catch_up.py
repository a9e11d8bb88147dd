"""Catch-up: what a consumer missed, whatever the reason, is fetched from the source's log."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import structlog

from shared.messaging import held, progress
from shared.messaging.envelope import Envelope
from shared.messaging.inbox import Inbox
from shared.work import Call

log = structlog.get_logger()

#: Events compared at once; a window in which something is missing is fetched whole.
WINDOW = 1000
#: Events applied in one transaction.
BATCH = 200


class SourceLog(Protocol):
    """A source's log as seen from here; calls raise Unavailable while the source is down."""

    def window(self, source: str, after: int, limit: int) -> dict[str, Any]: ...

    def events(self, source: str, after: int, until: int) -> list[dict[str, Any]]: ...


@dataclass(frozen=True)
class Missing:
    """An event that its source has published and that is neither applied nor held here."""

    source: str
    subject: str
    sequence: int


class CatchUp:
    """Compares one consumer's progress with one source's log.

    Remembers up to which link nothing is missing, so that a round costs only what is new.
    """

    def __init__(self, inbox: Inbox, source_log: SourceLog) -> None:
        self.inbox = inbox
        self.source_log = source_log

    def run(self) -> int:
        """Fetch and apply what is missing; how many events. Afterwards all is applied or held."""
        fetched = 0
        source = self.inbox.source
        with self.inbox.unit_of_work.reading(Call()) as work:
            link = progress.link_of(work.session, source)
        while True:
            window = self.source_log.window(source, link, WINDOW)
            until = window["until"]
            if until == link:
                return fetched
            if self._missing(window["subjects"]):
                plain = self.source_log.events(source, link, until)
                for start in range(0, len(plain), BATCH):
                    batch = plain[start : start + BATCH]
                    self.inbox.apply([Envelope(attributes) for attributes in batch])
                fetched += len(plain)
                log.info(
                    "caught up",
                    consumer=self.inbox.reactions.consumer,
                    source=source,
                    events=len(plain),
                )
            with self.inbox.unit_of_work.begin(Call()) as work:
                progress.save_link(work.session, source, until)
            link = until

    def missing(self) -> list[Missing]:
        """Every event of the source's whole log that has not come here, from the first on."""
        found: list[Missing] = []
        link = 0
        while True:
            window = self.source_log.window(self.inbox.source, link, WINDOW)
            if window["until"] == link:
                return found
            found += self._missing(window["subjects"])
            link = window["until"]

    def _missing(self, subjects: Mapping[str, int]) -> list[Missing]:
        source = self.inbox.source
        with self.inbox.unit_of_work.reading(Call()) as work:
            applied = progress.of(work.session, source, subjects)
            kept = held.of_subjects(work.session, source, subjects)
        return [
            Missing(source, subject, sequence)
            for subject, last in subjects.items()
            for sequence in range(applied.get(subject, 0) + 1, last + 1)
            if (subject, sequence) not in kept
        ]
