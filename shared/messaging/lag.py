"""How far a service is behind what others have published."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import func, select

from shared.messaging import progress
from shared.messaging.tables import held_events
from shared.work import Call, UnitOfWork


class SourceEnd(Protocol):
    """The end of a source's log; a call raises Unavailable while the source is down."""

    def beyond(self, source: str, link: int, deadline: float | None = None) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Lag:
    """One source as a service has it. What is held has been received, and is not behind."""

    source: str
    published: int
    applied: int
    held: int
    #: For how long the next event has been there to be received; 0 where there is none.
    seconds: float

    @property
    def events(self) -> int:
        return max(0, self.published - self.applied - self.held)


def of(
    source: str,
    unit_of_work: UnitOfWork,
    source_end: SourceEnd,
    deadline: float | None = None,
) -> Lag:
    """Events are counted, not compared: `shared.messaging.catch_up` says which ones are missing.

    deadline: seconds that the source has to answer. Raises Unavailable.
    """
    with unit_of_work.reading(Call()) as work:
        applied = progress.total(work.session, source)
        held = work.session.scalar(
            select(func.count())
            .select_from(held_events)
            .where(held_events.c.source == source, held_events.c.envelope.is_not(None))
        )
        now = work.now
    found = source_end.beyond(source, applied + (held or 0), deadline)
    since = found["since"]
    waiting = (now - datetime.fromisoformat(since)).total_seconds() if since else 0.0
    return Lag(source, found["published"], applied, held or 0, max(0.0, waiting))
