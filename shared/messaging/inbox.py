"""Applying a source's events to one service's database: each once, in the order of its subject."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import structlog

from shared.database import is_down
from shared.messaging import held, progress
from shared.messaging.envelope import Envelope
from shared.messaging.reactions import Reactions
from shared.messaging.turns import Turns
from shared.work import Call, UnitOfWork, Work

log = structlog.get_logger()


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
        #: Called before each of several events that are applied one by one, which may take long.
        self.go_on: Callable[[], object] = lambda: None
        #: Whether something may be held here, so that retries must be planned.
        self.holding = True
        #: Entered for each batch; measures how long it takes.
        self.timing: Callable[[], AbstractContextManager[Any]] = nullcontext

    def apply(self, envelopes: Sequence[Envelope]) -> None:
        with self.timing():
            self._apply_batch(envelopes)

    def _apply_batch(self, envelopes: Sequence[Envelope]) -> None:
        try:
            applied = self._together(envelopes)
        except Exception as error:
            if is_down(error):
                raise
            applied = sum([self._alone(envelope) for envelope in envelopes])
        if applied:
            self.advanced()

    def apply_warily(self, envelopes: Sequence[Envelope]) -> int:
        """As `apply`, for events that may have ended a process before; how many were applied.

        One by one, and each noted before it is tried: one that ends this process too is then found
        held, and tried again in its own time. Otherwise it would come again at every start, and
        the process would never get further.
        """
        applied = sum([self._alone(envelope, wary=True) for envelope in envelopes])
        if applied:
            self.advanced()
        return applied

    def retry(self, *, not_yet: bool) -> int:
        """Try again what is due; with `not_yet`, also all that awaits another source. How many."""
        with self.unit_of_work.reading(Call()) as work:
            due = held.due(work.session, self.source, work.now, not_yet=not_yet)
        if sum([self._alone(envelope, again=True, wary=True) for envelope in due]):
            self.advanced()
        return len(due)

    def keep_unreadable(self, raw: bytes, error: Exception) -> None:
        """Keep a message that is no event, so that somebody may look at it."""
        log.error("message is not an event", source=self.source, error=str(error))
        with self.unit_of_work.begin(Call()) as work:
            held.hold_raw(work.session, self.source, raw, error, work.now)

    def _together(self, envelopes: Sequence[Envelope]) -> int:
        """Apply in one transaction, with what was held behind them; how many were applied."""

        def apply(work: Work) -> int:
            turns = Turns(work.session, self.source, envelopes)
            ready = [each for envelope in envelopes for each in turns.with_followers(envelope)]
            return self._apply(work, turns, ready)

        return self.unit_of_work.run(Call(), apply)

    def _alone(self, envelope: Envelope, *, again: bool = False, wary: bool = False) -> int:
        """Apply or hold one event, then those that waited for it, each in its own transaction.

        Separately, so that one which cannot be applied does not take back those before it.
        again: whether to try it although it is held. wary: as in `apply_warily`.
        """
        self.go_on()
        again = (wary and self._noted(envelope, again=again)) or again
        applied = 0
        following: Envelope | None = envelope
        while following is not None:
            if not self._one(following, again=again or applied > 0):
                return applied
            applied += 1
            with self.unit_of_work.reading(Call()) as work:
                following = held.behind(work.session, following)
        return applied

    def _one(self, envelope: Envelope, *, again: bool) -> int:
        def apply(work: Work) -> int:
            turns = Turns(work.session, self.source, [envelope])
            if again:
                turns.forget_held(envelope)
            return self._apply(work, turns, turns.of(envelope))

        try:
            return self.unit_of_work.run(Call(), apply)
        except Exception as error:
            if is_down(error):
                raise
            self._hold(envelope, error)
            return 0

    def _noted(self, envelope: Envelope, *, again: bool) -> bool:
        """Hold an event whose turn it is, as if it had ended the process; whether that was done."""
        with self.unit_of_work.begin(Call()) as work:
            if envelope.sequence != self._last(work, envelope.subject) + 1:
                return False
            row = held.find(work.session, self.source, envelope.subject, envelope.sequence)
            if row is not None and row["state"] != held.State.GAP and not again:
                return False  # held for a reason of its own, and tried again in its own time
            held.hold_failure(work.session, envelope, held.Unfinished(), work.now)
        self.holding = True
        return True

    def _hold(self, envelope: Envelope, error: Exception) -> None:
        with self.unit_of_work.begin(Call()) as work:
            if envelope.sequence <= self._last(work, envelope.subject):
                return  # another process applied it meanwhile
            held.hold_failure(work.session, envelope, error, work.now)
        self.holding = True
        log.warning(
            "event held",
            consumer=self.reactions.consumer,
            type=envelope.type,
            subject=envelope.subject,
            sequence=envelope.sequence,
            error=f"{type(error).__name__}: {error}",
        )

    def _last(self, work: Work, subject: str) -> int:
        """The sequence that was applied last; it stays so until the end of the transaction."""
        progress.lock(work.session, self.source, [subject])
        return progress.of(work.session, self.source, [subject]).get(subject, 0)

    def _apply(self, work: Work, turns: Turns, ready: Sequence[Envelope]) -> int:
        for envelope in turns.early.values():
            held.hold_gap(work.session, envelope, work.now)
            self.holding = True
        self.reactions.apply(work, ready)
        progress.save(work.session, self.source, turns.moved)
        return len(ready)
