"""Whose turn it is among the events that came together."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, bindparam, literal, null, select, union_all
from sqlalchemy.orm import Session

from shared.messaging import held, progress
from shared.messaging.envelope import Envelope
from shared.messaging.tables import discarded_events, held_events
from shared.messaging.tables import progress as progress_table


def _of_subjects(table: Table, state: ColumnElement[Any]) -> Select[Any]:
    return select(table.c.subject, table.c.sequence, state).where(
        table.c.source == bindparam("source"),
        table.c.subject.in_(bindparam("subjects", expanding=True)),
    )


#: As a state in `_STANDING`: somebody decided never to apply it, which outlasts a rebuild.
_DISCARDED = "discarded"

#: How far each subject has been applied, and what is held of it with its state.
_STANDING = union_all(
    _of_subjects(progress_table, null().label("state")),
    _of_subjects(held_events, held_events.c.state),
    _of_subjects(discarded_events, literal(_DISCARDED)),
)


class Turns:
    """Whose turn it is in one transaction, the subjects being locked until its end."""

    def __init__(self, session: Session, source: str, envelopes: Sequence[Envelope]) -> None:
        subjects = {envelope.subject for envelope in envelopes}
        self._session = session
        self._source = source
        progress.lock(session, source, subjects)
        self._before: dict[str, int] = {}
        self._held: dict[tuple[str, int], str] = {}
        self._discarded: set[tuple[str, int]] = set()
        wanted = {"source": source, "subjects": list(subjects)}
        for subject, sequence, state in session.execute(_STANDING, wanted):
            if state is None:
                self._before[subject] = sequence
            elif state == _DISCARDED:
                self._discarded.add((subject, sequence))
            else:
                self._held[subject, sequence] = state
        self._reached = dict(self._before)
        #: What came before its turn, by place.
        self.early: dict[tuple[str, int], Envelope] = {}

    @property
    def moved(self) -> dict[str, int]:
        """The subjects that advanced, with how far."""
        return {
            subject: sequence
            for subject, sequence in self._reached.items()
            if sequence != self._before.get(subject, 0)
        }

    def of(self, envelope: Envelope) -> list[Envelope]:
        """The event if it is its turn; nothing if it is a duplicate, held already, or early."""
        place = (envelope.subject, envelope.sequence)
        last = self._reached.get(envelope.subject, 0)
        if envelope.sequence <= last:
            self._release(place)
            return []
        if envelope.sequence > last + 1:
            if place not in self._held:
                self.early[place] = envelope
            return []
        if self._held.get(place, held.State.GAP) != held.State.GAP:
            return []  # held for a reason of its own, and tried again in its own time
        self._release(place)
        self._reached[envelope.subject] = envelope.sequence
        return [] if place in self._discarded else [envelope]

    def with_followers(self, envelope: Envelope) -> list[Envelope]:
        """As `of`, and what waited for it: here, or held before."""
        ready = found = self.of(envelope)
        while found:
            following = self._follower(found[0])
            found = self.of(following) if following is not None else []
            ready = ready + found
        return ready

    def forget_held(self, envelope: Envelope) -> None:
        """Treat a held event as if it came now."""
        place = (envelope.subject, envelope.sequence)
        if place in self._held:
            self._held[place] = held.State.GAP

    def _follower(self, envelope: Envelope) -> Envelope | None:
        place = (envelope.subject, envelope.sequence + 1)
        if self._held.get(place) == held.State.GAP:
            return held.behind(self._session, envelope)
        return self.early.pop(place, None)

    def _release(self, place: tuple[str, int]) -> None:
        if self._held.pop(place, None) is not None:
            held.release(self._session, self._source, *place)
