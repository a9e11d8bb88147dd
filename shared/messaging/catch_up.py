"""Catch-up: what a consumer missed, whatever the reason, is fetched from the source's log."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import delete, select

from shared import many_rows
from shared.messaging import held, progress
from shared.messaging.envelope import Envelope
from shared.messaging.inbox import Inbox
from shared.messaging.parts import Part, Share
from shared.messaging.reading_ahead import ReadingAhead, SourceLog
from shared.messaging.tables import first_fetches
from shared.work import Call, Work

log = structlog.get_logger()

#: Events compared at once; where something is missing, what follows in the window is fetched, too.
WINDOW = 1000
#: Events applied in one transaction.
BATCH = 200


_FIRST = select(first_fetches.c.source)


@dataclass(frozen=True)
class Missing:
    """An event that its source has published and that is neither applied nor held here."""

    source: str
    subject: str
    sequence: int


@dataclass(frozen=True)
class Ahead:
    """A subject of which more was applied here than its source has ever logged, as it says now."""

    source: str
    subject: str
    applied: int
    logged: int


class CatchUp:
    """Compares one consumer's progress with one source's log.

    Remembers up to which link nothing is missing, so that a round costs only what is new.
    """

    def __init__(self, inbox: Inbox, source_log: SourceLog, share: Share | None = None) -> None:
        """share: what `run` looks after; all by default."""
        self.inbox = inbox
        self.source_log = ReadingAhead(source_log)
        self.share = share or Share()
        #: Asked before each step: a long catch-up shows that it goes on, and can be broken off.
        self.go_on: Callable[[], bool] = lambda: True
        #: Whether the source was about to publish more when it was asked last.
        self.more_to_come = False
        #: Whether anything fetched was applied since the start.
        self._is_under_way = False

    def run(self) -> int:
        """Fetch and apply what is missing; how many events.

        Afterwards all that was published before is applied or held. What is published meanwhile
        is left to the broker: whoever ran after that would never be done.
        """
        fetched = 0
        source, parts = self.inbox.source, self.share.parts
        while self.go_on() and parts and parts == self.share.parts:
            with self.inbox.unit_of_work.reading(Call()) as work:
                link = progress.link_of(work.session, source, parts)
            window = self.source_log.window(source, link, WINDOW)
            self.more_to_come = window.get("more_to_come", False)  # unsaid by older processes
            if window["until"] == link:
                return fetched
            subjects = {
                subject: last
                for subject, last in window["subjects"].items()
                if self.share.holds(subject)
            }
            fetched += self._fill(link, window, subjects, self.share)
            if not self._note(link, window["until"], subjects, parts):
                return fetched
        return fetched

    def repair(self) -> int:
        """As `run`, from the source's first event on: finds what was lost here later, too."""
        return sum(
            self._fill(link, window, window["subjects"], Share())
            for link, window in self._windows()
        )

    def _fill(
        self, link: int, window: Mapping[str, Any], subjects: Mapping[str, int], share: Share
    ) -> int:
        """Fetch what is missing of these subjects of a window, which begins after `link`, and all
        that follows in it; how many events."""
        missing = self._missing(subjects)
        if not missing:
            return 0
        first: Mapping[str, int] = window.get("first", {})  # unsaid by older processes
        before = min(first.get(each.subject, link + 1) for each in missing) - 1
        return self._fetch(before, window["until"], share)

    def _fetch(self, link: int, until: int, share: Share) -> int:
        began = link
        while link < until:
            plain = self.source_log.events(self.inbox.source, link, until)
            if not plain:
                break  # the source was restored to an earlier state meanwhile
            link += len(plain)  # links have no gaps
            for start in range(0, len(plain), BATCH):
                if not self.go_on():
                    return link - began
                batch = [Envelope(attributes) for attributes in plain[start : start + BATCH]]
                self._apply([each for each in batch if share.holds(each.subject)])
        log.info(
            "caught up",
            consumer=self.inbox.reactions.consumer,
            source=self.inbox.source,
            events=link - began,
        )
        return link - began

    def _apply(self, batch: list[Envelope]) -> None:
        """The first time with care: what the last process died of may be first to come."""
        if self._is_under_way:
            self.inbox.apply(batch)
            return
        source = self.inbox.source
        with self.inbox.unit_of_work.begin(Call()) as work:
            died = bool(work.session.scalar(_FIRST.where(first_fetches.c.source == source)))
            many_rows.insert_new(work.session, first_fetches, [{"source": source}])
        if died:
            self.inbox.apply_warily(batch)
        else:
            self.inbox.apply(batch)
        with self.inbox.unit_of_work.begin(Call()) as work:
            work.session.execute(delete(first_fetches).where(first_fetches.c.source == source))
        self._is_under_way = True

    def _note(
        self, link: int, until: int, subjects: Mapping[str, int], parts: Sequence[Part]
    ) -> bool:
        """Remember that nothing is missing up to the window's end; whether to look further.

        Looks again first: a rebuild may have forgotten everything while the window was fetched,
        and what lies before it would never be asked for again.
        """
        source = self.inbox.source
        with self.inbox.unit_of_work.begin(Call()) as work:
            if progress.link_of(work.session, source, parts, lock=True) != link:
                return True  # forgotten: the round begins anew
            if self._missing_to(work, subjects):
                return False
            progress.save_link(work.session, source, until, parts)
            return _is_full(link, until)

    def missing(self) -> list[Missing]:
        """Every event of the source's whole log that has not come here, from the first on."""
        return [
            missing
            for _, window in self._windows()
            for missing in self._missing(window["subjects"])
        ]

    def ahead(self) -> list[Ahead]:
        """Where the source knows less than was applied here: it was restored to an earlier state.

        What is applied is read before the source is asked, so that nothing under way is mistaken.
        """
        found: list[Ahead] = []
        source, subject = self.inbox.source, ""
        while True:
            with self.inbox.unit_of_work.reading(Call()) as work:
                applied = progress.page(work.session, source, subject, WINDOW)
            if not applied:
                return found
            logged = self.source_log.reached(source, list(applied))
            found += [
                Ahead(source, subject, sequence, logged.get(subject, 0))
                for subject, sequence in applied.items()
                if sequence > logged.get(subject, 0)
            ]
            *_, subject = applied  # the last in the database's own order

    def _windows(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """The source's log from its beginning to its end of now, each with the link before it."""
        link, further = 0, True
        while further:
            window = self.source_log.window(self.inbox.source, link, WINDOW)
            yield link, window
            further = _is_full(link, window["until"])
            link = window["until"]

    def _missing(self, subjects: Mapping[str, int]) -> list[Missing]:
        with self.inbox.unit_of_work.reading(Call()) as work:
            return self._missing_to(work, subjects)

    def _missing_to(self, work: Work, subjects: Mapping[str, int]) -> list[Missing]:
        source = self.inbox.source
        applied = progress.of(work.session, source, subjects)
        kept = held.of_subjects(work.session, source, subjects)
        return [
            Missing(source, subject, sequence)
            for subject, last in subjects.items()
            for sequence in range(applied.get(subject, 0) + 1, last + 1)
            if (subject, sequence) not in kept
        ]


def _is_full(link: int, until: int) -> bool:
    """Whether a window was cut off by its size, and not by the end of the log."""
    return until - link >= WINDOW
