"""How far a service has applied each subject of a source."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import bindparam, delete, func, select, text
from sqlalchemy.orm import Session

from shared import many_rows
from shared.database import is_on_sqlite
from shared.messaging.tables import caught_up, held_events, progress

_OF = select(progress.c.subject, progress.c.sequence).where(
    progress.c.source == bindparam("source"),
    progress.c.subject.in_(bindparam("subjects", expanding=True)),
)
_LOCK = _OF.order_by(progress.c.subject).with_for_update()


def of(session: Session, source: str, subjects: Iterable[str]) -> dict[str, int]:
    """The last sequence applied for each subject; a subject never seen is left out."""
    return _found(session, _OF, source, subjects)


def page(session: Session, source: str, after: str, limit: int) -> dict[str, int]:
    """As `of`, for the next subjects in the order of the database's choice after a subject."""
    statement = (
        select(progress.c.subject, progress.c.sequence)
        .where(progress.c.source == source, progress.c.subject > after)
        .order_by(progress.c.subject)
        .limit(limit)
    )
    return dict(session.execute(statement).all())


def total(session: Session, source: str) -> int:
    """How many events of a source have been applied."""
    statement = select(func.sum(progress.c.sequence)).where(progress.c.source == source)
    return int(session.scalar(statement) or 0)


def lock(session: Session, source: str, subjects: Iterable[str]) -> dict[str, int]:
    """As `of`, with the subjects locked until the end of the transaction.

    So that several processes may share a queue: the rows are locked in the order of their
    subjects, which keeps two batches from waiting for each other in a circle. SQLite has one
    writer and needs no locks.
    """
    wanted = sorted(set(subjects))
    if is_on_sqlite(session):
        return of(session, source, wanted)
    found = _found(session, _LOCK, source, wanted)
    unseen = [subject for subject in wanted if subject not in found]
    rows = [{"source": source, "subject": each, "sequence": 0} for each in unseen]
    if many_rows.insert_new(session, progress, rows) < len(unseen):
        found |= _found(session, _LOCK, source, unseen)  # another process saw them first
    return found


def save(session: Session, source: str, reached: Mapping[str, int]) -> None:
    """Set how far the subjects have been applied."""
    many_rows.upsert(
        session,
        progress,
        [
            {"source": source, "subject": subject, "sequence": sequence}
            for subject, sequence in sorted(reached.items())
        ],
    )


def forget(session: Session) -> None:
    """Forget how far every source was read, and what is held: catch-up brings it all again.

    To be called before the transaction writes anything else. Whoever is applying events ends first,
    and nobody begins before the transaction has ended.
    """
    if not is_on_sqlite(session):
        session.execute(text(f"lock table {progress}, {caught_up} in exclusive mode"))
    for table in (progress, caught_up, held_events):
        session.execute(delete(table))


def _found(
    session: Session, statement: Any, source: str, subjects: Iterable[str]
) -> dict[str, int]:
    wanted = {"source": source, "subjects": list(subjects)}
    return dict(session.execute(statement, wanted).all())


def link_of(session: Session, source: str, *, lock: bool = False) -> int:
    """Up to which link of the source's log nothing is missing here.

    lock: keeps `forget` from beginning until the end of the transaction.
    """
    statement = select(caught_up.c.link).where(caught_up.c.source == source)
    return session.scalar(statement.with_for_update() if lock else statement) or 0


def save_link(session: Session, source: str, link: int) -> None:
    changed = session.execute(
        caught_up.update().where(caught_up.c.source == source).values(link=link)
    )
    if not changed.rowcount:  # type: ignore[attr-defined]
        session.execute(caught_up.insert().values(source=source, link=link))
