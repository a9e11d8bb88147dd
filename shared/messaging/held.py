"""Held events: what a service has received and cannot apply yet, kept with the reason.

States: ``gap`` (an earlier event of its subject has not been applied), ``not-yet`` (a fact of
another source is awaited), ``failed`` (the handler raised; tried again on a schedule) and ``dead``
(will not be tried again by itself). A held event holds back the later ones of its subject only.
"""

import random
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, bindparam, exists, func, insert, or_, select
from sqlalchemy.orm import Session

from shared.errors import Conflict, Invalid, NotFound
from shared.identifiers import new_id
from shared.messaging import progress
from shared.messaging.envelope import Envelope, Unreadable
from shared.messaging.held_state import State
from shared.messaging.reactions import NotYet
from shared.messaging.service_calls import ServiceCalls
from shared.messaging.tables import discarded_events, held_events
from shared.messaging.tables import progress as applied

#: Seconds before each further try of a failed event; when they are used up, it is dead.
RETRY_AFTER: tuple[float, ...] = (1, 10, 60, 600, 3600)

#: Held events that are compared with the log of their source at a time.
COMPARED = 100

#: Part of a delay by which it is changed at random, so that many do not wake at once.
JITTER = 0.2


class Unfinished(Exception):
    """An event was being applied and its process or database ended; or it is applied now."""

    def __init__(self) -> None:
        super().__init__("the process, or its database, ended while this event was being applied")


_OF_SUBJECTS = select(held_events.c.subject, held_events.c.sequence, held_events.c.state).where(
    held_events.c.source == bindparam("source"),
    held_events.c.subject.in_(bindparam("subjects", expanding=True)),
)


def hold_gap(session: Session, envelope: Envelope, now: datetime) -> None:
    """Keep an event whose predecessor is missing. Keeping it twice changes nothing."""
    if find(session, envelope.source, envelope.subject, envelope.sequence) is None:
        _insert(session, envelope, now, state=State.GAP)


def hold_failure(session: Session, envelope: Envelope, error: Exception, now: datetime) -> None:
    """Keep an event whose handler raised, and say when it is tried again.

    With Unfinished, before the handler runs: should it end the process, that attempt has been
    counted. What the handler then raises is of the same attempt.
    """
    row = find(session, envelope.source, envelope.subject, envelope.sequence)
    attempts = _attempts(row, error)
    state, delay = _verdict(error, attempts)
    values = {
        "state": state,
        "attempts": attempts,
        "next_attempt_at": None if delay is None else now + timedelta(seconds=delay),
        "error_class": type(error).__name__,
        "error_text": _text_of(error),
    }
    if row is None:
        _insert(session, envelope, now, **values)
    else:
        session.execute(held_events.update().where(held_events.c.id == row["id"]).values(values))


def hold_raw(session: Session, source: str, raw: bytes, error: Exception, now: datetime) -> None:
    """Keep a message that is not an event at all, among the dead; once, however often it comes."""
    same = select(held_events.c.id).where(
        held_events.c.source == source,
        held_events.c.state == State.DEAD,
        held_events.c.raw == raw,
    )
    if session.scalar(same.limit(1)) is not None:
        return
    session.execute(
        insert(held_events).values(
            id=new_id(),
            source=source,
            subject="?",
            sequence=0,
            type="?",
            state=State.DEAD,
            raw=raw,
            attempts=1,
            held_at=now,
            error_class=type(error).__name__,
            error_text=_text_of(error),
        )
    )


def altered(session: Session, source: str, calls: ServiceCalls) -> list[dict[str, Any]]:
    """The held events of a source that are not what its log says: subject and sequence of each.

    Whoever can write to this database could have changed them. Raises Unavailable.
    """
    statement = select(held_events.c.subject, held_events.c.sequence, held_events.c.envelope)
    statement = statement.where(held_events.c.source == source, held_events.c.envelope.is_not(None))
    found = []
    for part in session.execute(statement.order_by(held_events.c.id)).partitions(COMPARED):
        kept = {(row.subject, row.sequence): row.envelope for row in part}
        logged = {
            (each["subject"], each["subjectsequence"]): each
            for each in calls.written(source, list(kept))
        }
        found += [
            {"source": source, "subject": subject, "sequence": sequence}
            for (subject, sequence), envelope in kept.items()
            if logged.get((subject, sequence)) != envelope
        ]
    return found


def find(session: Session, source: str, subject: str, sequence: int) -> RowMapping | None:
    statement = select(held_events).where(
        held_events.c.source == source,
        held_events.c.subject == subject,
        held_events.c.sequence == sequence,
    )
    return session.execute(statement).mappings().one_or_none()


def of_subjects(
    session: Session, source: str, subjects: Iterable[str]
) -> dict[tuple[str, int], str]:
    """The state of everything held of these subjects, by (subject, sequence)."""
    found = session.execute(_OF_SUBJECTS, {"source": source, "subjects": list(subjects)})
    return {(subject, sequence): state for subject, sequence, state in found}


def behind(session: Session, envelope: Envelope) -> Envelope | None:
    """The event that is held for no other reason than that this one had not been applied."""
    row = find(session, envelope.source, envelope.subject, envelope.sequence + 1)
    if row is None or row["state"] != State.GAP:
        return None
    return Envelope(row["envelope"])


def release(session: Session, source: str, subject: str, sequence: int) -> None:
    """Hold it no longer."""
    session.execute(
        held_events.delete().where(
            held_events.c.source == source,
            held_events.c.subject == subject,
            held_events.c.sequence == sequence,
        )
    )


def due(session: Session, source: str, now: datetime, *, not_yet: bool) -> list[Envelope]:
    """The events to try again now, oldest first; with `not_yet`, all that await another source.

    Among them those behind a gap that is none any more: its process died, or it was discarded.
    """
    state = held_events.c.state
    waits = state.in_([State.FAILED, State.NOT_YET]) & (held_events.c.next_attempt_at <= now)
    its_turn = (state == State.GAP) & exists().where(
        applied.c.source == held_events.c.source,
        applied.c.subject == held_events.c.subject,
        applied.c.sequence == held_events.c.sequence - 1,
    )
    statement = (
        select(held_events.c.envelope)
        .where(
            held_events.c.source == source,
            or_(waits, its_turn, state == State.NOT_YET) if not_yet else or_(waits, its_turn),
        )
        .order_by(held_events.c.held_at, held_events.c.sequence)
        .limit(500)
    )
    return [Envelope(plain) for plain in session.scalars(statement)]


def next_attempt(session: Session, source: str) -> datetime | None:
    """When the next event of a source is due to be tried again."""
    statement = select(func.min(held_events.c.next_attempt_at)).where(
        held_events.c.source == source,
        held_events.c.state.in_([State.FAILED, State.NOT_YET]),
    )
    return session.scalar(statement)


def counts(session: Session) -> dict[str, dict[str, int]]:
    """How many are held, by source and state."""
    statement = select(held_events.c.source, held_events.c.state, func.count()).group_by(
        held_events.c.source, held_events.c.state
    )
    counted: dict[str, dict[str, int]] = {}
    for source, state, number in session.execute(statement):
        counted.setdefault(source, {})[state] = number
    return counted


def shown(session: Session, id: UUID) -> dict[str, Any]:
    """One held event with its contents. Raises NotFound."""
    row = session.execute(select(held_events).where(held_events.c.id == id)).mappings().first()
    if row is None:
        raise NotFound(f"No event {id} is held here.", rule="held", field="id")
    return {**row, "raw": row["raw"] and row["raw"].decode("utf-8", "replace")}


def retry(
    session: Session,
    ids: Iterable[UUID] | None,
    now: datetime,
    which: ColumnElement[bool] | None = None,
) -> int:
    """Make held events due at once, dead ones too; how many.

    All of them, but for `ids` where they are given, and `which` (`shared.messaging.causes`).
    """
    statement = held_events.update().where(
        held_events.c.state.in_([State.DEAD, State.FAILED, State.NOT_YET]),
        held_events.c.envelope.is_not(None),
    )
    if ids is not None:
        statement = statement.where(held_events.c.id.in_(list(ids)))
    if which is not None:
        statement = statement.where(which)
    changed = session.execute(statement.values(state=State.FAILED, attempts=0, next_attempt_at=now))
    return int(changed.rowcount)  # type: ignore[attr-defined]


def discard(session: Session, id: UUID, *, reason: str, by: str, now: datetime) -> None:
    """Decide never to apply a held event: recorded for ever, and its subject may go on.

    Raises NotFound, Invalid without a reason, and Conflict while earlier events of its subject are
    missing. What waited behind it is due at once.
    """
    if not reason.strip():
        raise Invalid(
            "Say why this event will never be applied; it is kept for whoever asks later.",
            rule="reason-given",
            field="reason",
        )
    row: Mapping[str, Any] = shown(session, id)
    source, subject, sequence = row["source"], row["subject"], row["sequence"]
    progress.lock(session, source, [subject])
    last = progress.of(session, source, [subject]).get(subject, 0)
    if sequence > last + 1:
        raise Conflict(
            f"Event {last + 1} of {subject} has not come yet. Once it has, look again at this one.",
            rule="discard-in-order",
            field="id",
        )
    kept = ("id", "source", "subject", "sequence", "type", "envelope")
    session.execute(
        insert(discarded_events).values(
            {name: row[name] for name in kept}
            | {"envelope": row["envelope"] or {"raw": ascii(row["raw"])}}
            | {"reason": reason, "discarded_by": by, "discarded_at": now}
        )
    )
    session.execute(held_events.delete().where(held_events.c.id == id))
    if sequence == last + 1:
        progress.save(session, source, {subject: sequence})


def _insert(session: Session, envelope: Envelope, now: datetime, **values: Any) -> None:
    session.execute(
        insert(held_events).values(
            {
                "id": new_id(),
                "source": envelope.source,
                "subject": envelope.subject,
                "sequence": envelope.sequence,
                "type": envelope.type,
                "envelope": dict(envelope.attributes),
                "attempts": 0,
                "held_at": now,
            }
            | values
        )
    )


def _attempts(row: RowMapping | None, error: Exception) -> int:
    """Which attempt it is that ends, or with Unfinished begins, like this."""
    if row is None:
        return 1
    if not isinstance(error, Unfinished):
        return int(row["attempts"]) + (row["error_class"] != Unfinished.__name__)
    if row["state"] == State.NOT_YET:  # having waited for others says nothing against it
        return min(int(row["attempts"]) + 1, len(RETRY_AFTER))
    return int(row["attempts"]) + 1


def _verdict(error: Exception, attempts: int) -> tuple[State, float | None]:
    """The state after a failure, and the seconds until the next try."""
    if isinstance(error, Unreadable):
        return State.DEAD, None
    if isinstance(error, NotYet):
        return State.NOT_YET, _jittered(RETRY_AFTER[min(attempts, len(RETRY_AFTER)) - 1])
    if attempts > len(RETRY_AFTER):
        return State.DEAD, None
    return State.FAILED, _jittered(RETRY_AFTER[attempts - 1])


def _jittered(seconds: float) -> float:
    return seconds * random.uniform(1 - JITTER, 1 + JITTER)


def _text_of(error: Exception) -> str:
    """What it says, as text that every database can take."""
    return str(error).encode("utf-8", "replace").decode().replace("\x00", "?")[:2000]
