"""How far a service has applied each subject of a source."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import bindparam, delete, func, select, text
from sqlalchemy.orm import Session

from shared import many_rows
from shared.database import UNANSWERED, is_on_sqlite
from shared.messaging.parts import WHOLE, Part
from shared.messaging.tables import caught_up, held_events, progress

_OF = select(progress.c.subject, progress.c.sequence).where(
    progress.c.source == bindparam("source"),
    progress.c.subject.in_(bindparam("subjects", expanding=True)),
)
_LOCK = _OF.order_by(progress.c.subject).with_for_update().execution_options(**UNANSWERED)


def of(session: Session, source: str, subjects: Iterable[str]) -> dict[str, int]:
    """The last sequence applied for each subject; a subject never seen is left out."""
    found = session.execute(_OF, {"source": source, "subjects": list(subjects)})
    return dict(found.all())


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


def lock(session: Session, source: str, subjects: Iterable[str]) -> None:
    """Keep all others from applying events of these subjects until the end of the transaction.

    So that several processes may share a queue: the rows are locked in the order of their
    subjects, which keeps two batches from waiting for each other in a circle. SQLite has one
    writer and needs no locks.
    """
    if is_on_sqlite(session):
        return
    wanted = sorted(set(subjects))
    rows = [{"source": source, "subject": each, "sequence": 0} for each in wanted]
    many_rows.insert_new(session, progress, rows)
    # What stands in the rows is for the next statement to read: this one sees what was there
    # before it had to wait.
    session.execute(_LOCK, {"source": source, "subjects": wanted})


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


def link_of(
    session: Session, source: str, parts: Sequence[Part] = (WHOLE,), *, lock: bool = False
) -> int:
    """Up to which link of the source's log nothing of these parts is missing here.

    lock: keeps `forget` from beginning until the end of the transaction.
    """
    names = [part.name(source) for part in parts]
    statement = select(caught_up.c.link).where(caught_up.c.source.in_(names))
    links = session.scalars(statement.with_for_update() if lock else statement).all()
    return min(links, default=0) if len(links) == len(names) else 0


def save_link(session: Session, source: str, link: int, parts: Sequence[Part] = (WHOLE,)) -> None:
    rows = [{"source": part.name(source), "link": link} for part in parts]
    many_rows.upsert(session, caught_up, rows)
