"""Signed heads: where the chain of an event log stood at a moment, under a key kept elsewhere.

A chain alone can be computed anew by whoever can write to the database. A head that was signed
before then no longer fits; the key and a journal of the heads lie outside the database, and copies
of them wherever the office keeps them.
"""

import json
import os
import threading
from collections.abc import Sequence
from dataclasses import asdict
from functools import cached_property
from pathlib import Path

import structlog
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from shared import many_rows
from shared.clock import Clock
from shared.database import Database, is_down
from shared.keys import PublicKey, SigningKey
from shared.messaging.log_head import Head, read, signed, signing_key, trusted_keys
from shared.messaging.tables import event_log, log_heads
from shared.settings import Settings

log = structlog.get_logger()

#: In the data folder: the folder of the journals.
JOURNALS = "heads"
#: Heads in one answer to whoever checks them.
ANSWER = 2000
#: Seconds before the next try where the database is away.
PAUSE = 10.0


def journal_of(settings: Settings, service: str) -> "Journal | None":
    """Where a service's heads are noted outside its database; None where that is not set up."""
    if settings.heads_dir:
        return Journal(settings.heads_dir, service)
    return Journal(settings.data_dir / JOURNALS, service) if settings.is_embedded else None


def known(database: Database, journal: "Journal | None") -> list[Head]:
    """Every head of a service in its database and its journal, by link. Raises OSError for a
    journal that cannot be read.
    """
    with database.reading() as session:
        rows = session.execute(select(log_heads)).mappings()
        stored = [Head(**{str(name): value for name, value in row.items()}) for row in rows]
    together = dict.fromkeys([*stored, *(journal.heads() if journal else ())])
    return sorted(together, key=lambda head: (head.link, head.signed_at, head.signature))


def forget(url: str) -> None:
    """Take every signed head out of a database that is to be copied without its key."""
    database = Database(url)
    try:
        with database.transaction() as session:
            session.execute(delete(log_heads))
    finally:
        database.close()


def hashes(database: Database, links: Sequence[int]) -> dict[int, str]:
    """The hashes that the log has now at these links; a link that it lacks is left out."""
    statement = select(event_log.c.link, event_log.c.hash)
    with database.reading() as session:
        found = session.execute(statement.where(event_log.c.link.in_(links))).all()
        return {row.link: row.hash for row in found}


class Journal:
    """The heads of one service in a file outside its database, a line of JSON each."""

    def __init__(self, folder: Path, service: str) -> None:
        self.path = folder / f"{service}.jsonl"

    def append(self, head: Head) -> None:
        """On the disk when this returns. Raises OSError."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(json.dumps(asdict(head)) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def heads(self) -> list[Head]:
        """In the order of signing; none where there is no file. Raises OSError.

        A line that a crash left half written is no head.
        """
        if not self.path.exists():
            return []
        found = []
        for line in self.path.read_text(encoding="utf-8").splitlines():
            try:
                found += read([line])
            except ValueError:
                log.error("heads: a line of the journal is no signed head", path=str(self.path))
        return found


class HeadSigner:
    """Signs the head of a service's log at intervals, where the log has grown, until it is stopped;
    where the interval is 0, only when it is asked to.

    Refuses, and says so in the log, where the chain no longer leads to the head that was signed
    last: signing on would cover up what happened.
    """

    def __init__(
        self, service: str, database: Database, settings: Settings, clock: Clock, every: float
    ) -> None:
        """every: seconds between two heads."""
        self.service = service
        self.database = database
        self.clock = clock
        self.every = every
        self._settings = settings
        self.journal = journal_of(settings, service)
        self._trusted = trusted_keys(settings)
        #: Whether the log no longer led to its last head when that was looked at last.
        self.found_altered = False
        self._last: Head | None = None
        self._stopping = threading.Event()

    @cached_property
    def key(self) -> SigningKey:
        """Made where there is none yet, once there is something to sign."""
        key = signing_key(self._settings)
        self._trusted[key.public.id] = key.public
        return key

    def run(self) -> None:
        if not self.every:
            self._stopping.wait()
            return
        pause = min(self.every, PAUSE)
        while not self._stopping.wait(pause):
            pause = self.every if self._sign() else min(self.every, PAUSE)
        if self.database.is_sqlite:  # at hand until the end; a server might keep us waiting
            self._sign()

    def stop(self) -> None:
        self._stopping.set()

    def sign(self) -> Head | None:
        """A new head where the log has grown since the last; None where it has not, or where it
        was altered.
        """
        newest = self.newest()
        last = newest[0] if newest else None
        with self.database.transaction() as session:
            reached = _link(session, None)
            self.found_altered = bool(last and _link(session, last.link) != (last.link, last.hash))
            if last and self.found_altered:
                log.error(
                    "heads: the event log was altered; nothing is signed",
                    service=self.service,
                    link=last.link,
                )
                return None
            if reached is None or (last and reached[0] == last.link):
                return None
            head = signed(self.service, *reached, self.clock.now().isoformat(), self.key)
            if self.journal:
                self.journal.append(head)
            many_rows.insert_new(session, log_heads, [asdict(head)])
        self._last = head
        return head

    def newest(self) -> tuple[Head, PublicKey] | None:
        """The head of the highest link that this process knows, and the key that signed it."""
        self._last = self._last or self._newest_known()
        return (self._last, self._trusted[self._last.key]) if self._last else None

    def _newest_known(self) -> Head | None:
        """Of the heads that are rightly signed, the one of the highest link."""
        mine = [
            head
            for head in known(self.database, self.journal)
            if head.key in self._trusted and head.is_signed_by(self._trusted[head.key])
        ]
        return mine[-1] if mine else None

    def _sign(self) -> bool:
        try:
            self.sign()
        except Exception as error:
            if is_down(error):
                log.warning("heads: database away", service=self.service)
            elif isinstance(error, OSError):
                log.error("heads: the journal cannot be written", path=error.filename)
            else:
                log.exception("heads: not signed", service=self.service)
            return False
        return True


def _link(session: Session, number: int | None) -> tuple[int, str] | None:
    """Number and hash of a link, or of the last one."""
    statement = select(event_log.c.link, event_log.c.hash).where(event_log.c.link.is_not(None))
    if number is None:
        statement = statement.order_by(event_log.c.link.desc()).limit(1)
    else:
        statement = statement.where(event_log.c.link == number)
    row = session.execute(statement).one_or_none()
    return (row.link, row.hash) if row else None
