"""Applying a source's events to one service's database: each once, in the order of its subject."""

from collections.abc import Callable, Sequence

import structlog

from shared.database import is_down, is_passing
from shared.messaging import held, progress
from shared.messaging.envelope import Envelope
from shared.messaging.reactions import Reactions
from shared.work import Call, UnitOfWork, Work

log = structlog.get_logger()

#: How often a batch that lost a race in the database is run again before it is taken apart.
TRIES = 3


class Inbox:
    """One consumer's side of one source.

    After `apply` returns, every event given to it is applied or held, and committed. Where the
    database is down it raises, nothing of the batch is lost, and it may be given again.
    """

    def __init__(
        self,
        source: str,
        reactions: Reactions,
        unit_of_work: UnitOfWork,
        advanced: Callable[[], None] = lambda: None,
    ) -> None:
        """advanced: called when something was applied; others may have waited for it."""
        self.source = source
        self.reactions = reactions
        self.unit_of_work = unit_of_work
        self.advanced = advanced

    def apply(self, envelopes: Sequence[Envelope]) -> None:
        try:
            self._together(envelopes)
        except Exception as error:
            if is_down(error):
                raise
            for envelope in envelopes:
                self._alone(envelope)
        self.advanced()

    def retry(self, *, not_yet: bool) -> int:
        """Try again what is due; with `not_yet`, also all that awaits another source. How many."""
        with self.unit_of_work.reading(Call()) as work:
            due = held.due(work.session, self.source, work.now, not_yet=not_yet)
        for envelope in due:
            self._alone(envelope)
        if due:
            self.advanced()
        return len(due)

    def keep_unreadable(self, raw: bytes, error: Exception) -> None:
        """Keep a message that is no event, so that somebody may look at it."""
        log.error("message is not an event", source=self.source, error=str(error))
        with self.unit_of_work.begin(Call()) as work:
            held.hold_raw(work.session, self.source, raw, error, work.now)

    def _together(self, envelopes: Sequence[Envelope]) -> None:
        for attempt in range(TRIES):
            try:
                with self.unit_of_work.begin(Call()) as work:
                    self._apply(work, envelopes)
                return
            except Exception as error:
                if not is_passing(error) or attempt == TRIES - 1:
                    raise

    def _alone(self, envelope: Envelope) -> None:
        try:
            self._together([envelope])
        except Exception as error:
            if is_down(error):
                raise
            with self.unit_of_work.begin(Call()) as work:
                held.hold_failure(work.session, envelope, error, work.now)
            log.warning(
                "event held",
                consumer=self.reactions.consumer,
                type=envelope.type,
                subject=envelope.subject,
                sequence=envelope.sequence,
                error=f"{type(error).__name__}: {error}",
            )

    def _apply(self, work: Work, envelopes: Sequence[Envelope]) -> None:
        session, source = work.session, self.source
        subjects = {envelope.subject for envelope in envelopes}
        before = progress.lock(session, source, subjects)
        reached = dict(before)
        waiting = held.of_subjects(session, source, subjects)
        ready: list[Envelope] = []

        for envelope in envelopes:
            subject, last = envelope.subject, reached.get(envelope.subject, 0)
            if envelope.sequence <= last:
                continue  # a duplicate
            if envelope.sequence > last + 1:
                held.hold_gap(session, envelope, work.now)
                continue
            # It may be held itself, when it is tried again; then those behind it follow.
            follower: Envelope | None = envelope
            while follower is not None:
                if (subject, follower.sequence) in waiting:
                    held.release(session, source, subject, follower.sequence)
                ready.append(follower)
                reached[subject] = follower.sequence
                after = follower.sequence + 1
                follower = (
                    held.take(session, source, subject, after)
                    if (subject, after) in waiting
                    else None
                )

        self.reactions.apply(work, ready)
        progress.save(
            session,
            source,
            {
                subject: sequence
                for subject, sequence in reached.items()
                if sequence != before.get(subject, 0)
            },
        )
