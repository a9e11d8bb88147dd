"""The relay: takes what a service has logged to the broker, and marks it when the broker has it."""

import threading
import time
from collections.abc import Sequence
from typing import Any

import structlog
from sqlalchemy import RowMapping

from shared import tracing
from shared.clock import Clock
from shared.database import Database, is_down
from shared.messaging import broker, crash_points
from shared.messaging.broker import BROKER_ERRORS, ConfirmedPublisher
from shared.messaging.envelope import Envelope
from shared.messaging.outgoing import Outgoing, sole_owner

log = structlog.get_logger()

BATCH = 500
#: Seconds between sweeps. Commits wake the relay at once; the sweep is what can be relied on.
SWEEP = 0.5
#: Seconds from the beginning of one round to that of the next for each fact in it, and at most. So
#: what is recorded alone leaves at once; from 200 facts a second on, rounds become few and large,
#: and with them the transactions of those who hear of it. Each fact then costs a third.
SPACING = 0.005
LONGEST_SPACING = 0.05
#: The same where the database belongs to this process: so every commit does wake the relay, and
#: those who hear of it share the process, which few large transactions cost less than many.
SWEEP_OF_SOLE_OWNER = 30.0
SPACING_OF_SOLE_OWNER = LONGEST_SPACING
#: Seconds before the next try when the broker or the database is away, and from one try to the
#: next of what the broker refuses: where one queue is full, all others get it with each try.
PAUSE = 1.0


class Relay:
    """Publishes a service's event log, oldest first, until it is stopped.

    At least once: an event is marked only after the broker has confirmed it, so a crash between
    the two publishes it again. A row that is refused holds back its own subject alone.
    One relay is active per database: see `shared.messaging.outgoing`.
    """

    def __init__(self, service: str, database: Database, uri: str, clock: Clock) -> None:
        self.service = service
        self.database = database
        self.uri = uri
        self.clock = clock
        #: When the relay last went round; liveness looks at it.
        self.last_round = time.monotonic()
        self._wake = threading.Event()
        self._stopping = False
        database.recorded.append(self._wake.set)

    def run(self) -> None:
        while not self._stopping:
            try:
                with (
                    sole_owner(self.database) as outgoing,
                    broker.connect(self.uri) as connection,
                ):
                    if outgoing is None:
                        self._rest(SWEEP)
                    else:
                        self._relay(outgoing, connection)
            except BROKER_ERRORS as error:
                log.warning("relay: broker away", service=self.service, error=str(error))
                self._rest(PAUSE)
            except Exception as error:
                if not is_down(error):
                    log.exception("relay: failed", service=self.service)
                else:
                    log.warning("relay: database away", service=self.service)
                self._rest(PAUSE)

    def stop(self) -> None:
        self._stopping = True
        self._wake.set()

    def _relay(self, outgoing: Outgoing, connection: Any) -> None:
        publisher = ConfirmedPublisher(connection, self.service)
        is_sole = self.database.is_sqlite
        sweep = SWEEP_OF_SOLE_OWNER if is_sole else SWEEP
        spacing = SPACING_OF_SOLE_OWNER if is_sole else SPACING
        held_back: set[str] = set()
        again_at = 0.0
        while outgoing.published or not self._stopping:
            self._wake.clear()
            began = time.monotonic()
            if began >= again_at:
                if held_back:
                    publisher.renew()
                    held_back.clear()
                again_at = began + PAUSE
            rows = outgoing.next(0 if self._stopping else BATCH, held_back)
            outgoing.note(self._publish(rows, publisher, held_back), self.clock.now())
            self.last_round = time.monotonic()
            if len(rows) < BATCH:
                publisher.stay_connected()
                pause = min(len(rows) * spacing, LONGEST_SPACING)
                self._wait(began + pause, 0 if outgoing.published else sweep)

    def _publish(
        self, rows: Sequence[RowMapping], publisher: ConfirmedPublisher, held_back: set[str]
    ) -> Sequence[RowMapping]:
        """Those of the rows that the broker has, and that may be marked.

        held_back: subjects with a row that was refused of late; those refused now join it.
        """
        if not rows:
            return ()
        envelopes = [Envelope.of_row(self.service, row) for row in rows]
        since = tracing.now()
        taken = publisher.publish(envelopes)
        tracing.published(self.service, envelopes, taken, since)
        crash_points.reach("published")
        return _in_order(rows, taken, held_back)

    def _wait(self, until: float, longest: float) -> None:
        """Until a moment in any case, then for a commit, for so many seconds at most."""
        time.sleep(max(0.0, until - time.monotonic()))
        self._wake.wait(longest)

    def _rest(self, seconds: float) -> None:
        self.last_round = time.monotonic()
        self._wake.clear()
        if not self._stopping:
            self._wake.wait(seconds)


def _in_order(
    rows: Sequence[RowMapping], taken: Sequence[bool], held_back: set[str]
) -> list[RowMapping]:
    """The rows that the broker took, without those that overtook a refused one of their subject.

    The subjects of refused ones are added to `held_back`.
    """
    published = []
    for row, confirmed in zip(rows, taken, strict=True):
        if not confirmed:
            held_back.add(row["subject"])
        elif row["subject"] not in held_back:
            published.append(row)
    return published
