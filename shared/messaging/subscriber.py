"""The subscriber: takes one source's events from the broker, in batches, and hands them on."""

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import structlog
from kombu import Connection

from shared.clock import Clock
from shared.database import is_down
from shared.errors import Unavailable
from shared.messaging import broker, crash_points, held
from shared.messaging.broker import BROKER_ERRORS
from shared.messaging.catch_up import CatchUp
from shared.messaging.envelope import CONTENT_TYPE, Envelope, Unreadable
from shared.messaging.inbox import Inbox
from shared.messaging.incoming import Incoming
from shared.messaging.parts import Share
from shared.messaging.reactions import Reactions
from shared.messaging.reading_ahead import SourceLog
from shared.work import Call, UnitOfWork

log = structlog.get_logger()

BATCH = 200
#: How many may have come unacknowledged: the next batch comes while one is applied.
PREFETCH = 2 * BATCH
#: Seconds between comparisons with the source's log, without cause and after a gap.
CATCH_UP_EVERY = 60.0
GAP_PATIENCE = 5.0
#: How long a comparison waits for a backlog to be taken from the queue, since most of what would
#: be missing is in it; and after how long a silence there is none.
BACKLOG_PATIENCE = 60.0
SILENCE = 0.2
#: Seconds before the next try when the broker or the database is away.
PAUSE = 1.0


class Bell:
    """Rung when one subscriber of a consumer advances: others may hold what waited for it."""

    def __init__(self) -> None:
        self.heard_by: list[Callable[[], None]] = []

    def ring(self) -> None:
        for hear in self.heard_by:
            hear()


class Subscriber:
    """Consumes one source for one consumer until it is stopped.

    Acknowledges a batch only after everything in it is committed as applied or held. While the
    database is down it acknowledges nothing and comes back by itself; the broker, or catch-up,
    brings the events again.
    """

    def __init__(
        self,
        source: str,
        reactions: Reactions,
        unit_of_work: UnitOfWork,
        source_log: SourceLog,
        uri: str,
        clock: Clock,
        bell: Bell,
        share: Share | None = None,
    ) -> None:
        """share: which part of the source's events to read; the whole by default."""
        self.source = source
        self.share = share or Share()
        self.uri = uri
        self.clock = clock
        self.consumer = reactions.consumer
        self.inbox = Inbox(source, reactions, unit_of_work, bell.ring)
        self.catch_up = CatchUp(self.inbox, source_log, self.share)
        self.catch_up.go_on = self.inbox.go_on = self._goes_on
        #: When the subscriber last went round; liveness looks at it.
        self.last_round = time.monotonic()
        #: What is read now.
        self._parts = self.share.parts
        #: Whether another source has brought something since held events were looked at.
        self._rung = False
        self._awaiting_others = False
        #: Whether the broker refused the queue when it was last asked.
        self._is_refused = False
        #: Whether the queue may hold more than the last batch; and when something came last.
        self._behind = True
        self._heard_at = 0.0
        #: Whether this is the first comparison since the queue was bound.
        self._is_first_look = True
        #: Set when there is something to do.
        self._awake = threading.Event()
        self._catch_up_at = 0.0
        self._retry_at = 0.0
        self._stopping = threading.Event()
        bell.heard_by.append(self._hear)
        self.share.heard_by.append(self._awake.set)

    def run(self) -> None:
        while not self._stopping.is_set():
            try:
                if self._is_refused:
                    self._do_without_queue()
                with broker.connect(self.uri) as connection:
                    self._consume(connection)
            except broker.QUEUE_REFUSED as error:
                self._is_refused = True
                self._come_back("queue refused", error)
            except BROKER_ERRORS as error:
                self._come_back("broker away", error)
            except Exception as error:
                if is_down(error):
                    self._come_back("database away", error)
                else:
                    log.exception("subscriber failed", consumer=self.consumer, source=self.source)
                    self._come_back("failed", error)

    def stop(self) -> None:
        self._stopping.set()
        self._awake.set()

    def look_now(self) -> None:
        """Look after held events and completeness at once, not when it is due."""
        self._retry_at = self._catch_up_at = 0.0
        self._awake.set()

    def _hear(self) -> None:
        self._rung = True
        if self._awaiting_others:
            self._awake.set()

    def _consume(self, connection: Connection) -> None:
        self._parts = self.share.parts
        queues = broker.queues_of(self.consumer, self.source, self._parts)
        with Incoming(connection, queues, PREFETCH, self._opened, self._awake) as incoming:
            # The queue is bound: from here on nothing can slip past.
            self._is_refused = False
            self._catch_up_at = self._heard_at = time.monotonic()
            self._is_first_look = self._behind = True
            while not self._is_over():
                self._look_after(incoming)
                batch = incoming.take(BATCH, self._patience(connection))
                if batch:
                    self._apply(batch)
                    crash_points.reach("applied")
                    incoming.acknowledge(batch[-1][0])
                    crash_points.reach("acknowledged")
                self.last_round = time.monotonic()
                if batch:
                    self._heard_at = self.last_round
                self._behind = incoming.has_more or self._may_follow(batch)

    def _do_without_queue(self) -> None:
        """Fetch what is missing from the source's log, and retry what is held.

        RabbitMQ 3.10 may refuse a queue that was deleted until the broker is restarted.
        """
        if time.monotonic() < self._catch_up_at:
            return
        self._catch_up_at = time.monotonic() + GAP_PATIENCE
        self.inbox.retry(not_yet=True)
        with suppress(Unavailable):
            self.catch_up.run()

    def _goes_on(self) -> bool:
        """A step of something long: that is no standing still."""
        self.last_round = time.monotonic()
        return not self._stopping.is_set()

    def _patience(self, connection: Connection) -> float:
        """Seconds to wait for a message: until something else is due."""
        due = min(self._retry_at, self._compare_at()) - time.monotonic()
        longest = SILENCE if self._behind else broker.longest_wait(connection)
        return 0.0 if self._is_rung() else min(max(due, 0.0), longest)

    def _opened(self, message: Any) -> Envelope | Unreadable:
        """What a message says; its event is validated while the database is at work."""
        try:
            envelope = self._read(message)
        except Unreadable as error:
            return error
        if self.inbox.reactions.handles(envelope.type):
            with suppress(Unreadable):  # raised again where it is applied, and holds it
                _ = envelope.event
        return envelope

    def _read(self, message: Any) -> Envelope:
        if message.content_type != CONTENT_TYPE:
            raise Unreadable(f"its content type is {message.content_type!r}, not {CONTENT_TYPE}")
        envelope = Envelope.parse(message.body)
        if envelope.source != self.source:
            raise Unreadable(f"it says that it comes from {envelope.source!r}")
        return envelope

    def _apply(self, batch: Sequence[tuple[Any, Envelope | Unreadable]]) -> None:
        envelopes: list[Envelope] = []
        again: list[Envelope] = []
        for message, opened in batch:
            if isinstance(opened, Envelope):
                (again if _came_before(message) else envelopes).append(opened)
            else:
                raw = message.body
                self.inbox.keep_unreadable(raw if isinstance(raw, bytes) else raw.encode(), opened)
        if again:
            self.inbox.apply_warily(again)
        if envelopes:
            self.inbox.apply(envelopes)
        if self.inbox.holding:
            self._plan_retries()

    def _look_after(self, incoming: Incoming[Any]) -> None:
        """What is due besides new messages: held events and the comparison with the source."""
        now = time.monotonic()
        rung = self._is_rung()
        if now >= self._retry_at or rung:
            self._rung = False
            self.inbox.retry(not_yet=rung)
            self._plan_retries()
        if now >= self._compare_at():
            self._catch_up_at = now + CATCH_UP_EVERY  # before: while it runs, `look_now` may ask
            try:
                if self.catch_up.run():
                    incoming.bind()
                if self._is_first_look and self.catch_up.more_to_come:
                    # It may have been published before the queue was bound, and not be marked.
                    self._catch_up_at = time.monotonic() + GAP_PATIENCE
                self._is_first_look = False
            except Unavailable:
                # The call took its time; what has arrived must not wait for the next one.
                self._catch_up_at = time.monotonic() + GAP_PATIENCE
            self._plan_retries()

    def _is_over(self) -> bool:
        """Whether it is to read no more, or other parts."""
        return self._stopping.is_set() or self._parts != self.share.parts

    def _may_follow(self, batch: Sequence[Any]) -> bool:
        """Whether more may be on its way: behind a full batch, until the queue has been silent.

        That nothing came is no silence: somebody may have ended the wait.
        """
        if batch:
            return len(batch) >= BATCH
        return self._behind and self.last_round - self._heard_at < SILENCE

    def _is_rung(self) -> bool:
        """Whether what awaits another source may go on."""
        return self._awaiting_others and self._rung

    def _compare_at(self) -> float:
        """When to compare with the source: later, while the queue may have what is missing."""
        return self._catch_up_at + (BACKLOG_PATIENCE if self._behind else 0.0)

    def _plan_retries(self) -> None:
        """When to look at held events next; a gap shortens the wait for catch-up."""
        with self.inbox.unit_of_work.reading(Call()) as work:
            due = held.next_attempt(work.session, self.source)
            counted = held.counts(work.session).get(self.source, {})
        self.inbox.holding = bool(counted)
        self._awaiting_others = held.State.NOT_YET in counted
        now = time.monotonic()
        self._retry_at = (
            now + CATCH_UP_EVERY
            if due is None
            else now + max(0.0, (due - self.clock.now()).total_seconds())
        )
        if counted.get(held.State.GAP):
            self._catch_up_at = min(self._catch_up_at, now + GAP_PATIENCE)

    def _come_back(self, what: str, error: Exception) -> None:
        log.warning(
            f"subscriber: {what}", consumer=self.consumer, source=self.source, error=str(error)
        )
        self.last_round = time.monotonic()
        self._stopping.wait(PAUSE)


def _came_before(message: Any) -> bool:
    """Whether two or more had it and did not acknowledge it: it may be what ended them.

    The first may have lost its connection only, with hundreds of others under way.
    """
    if not message.delivery_info.get("redelivered"):
        return False
    return int(message.headers.get("x-delivery-count", 2)) >= 2
