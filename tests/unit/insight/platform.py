"""The insight service on a database of its own, hearing what the others publish."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.insight.reactions import reactions
from services.insight.store import READ_MODELS
from shared.database import Database
from shared.events import Event
from shared.identifiers import new_id
from shared.messaging.envelope import Envelope
from shared.messaging.inbox import Inbox
from shared.work import Actor, Call
from tests.alone import ServiceAlone

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TODAY = START.date()
#: Reads everything.
AUDITOR = Actor(id="reader", roles=frozenset({"auditor"}))
ADMINISTRATOR = Actor(id="admin", roles=frozenset({"administrator"}))


def reader(*roles: str, partner_id: UUID | None = None) -> Actor:
    return Actor(id="reader", roles=frozenset(roles), scope=partner_id)


class Logs:
    """Everybody's event logs: what was published, with its place in the order of its subject."""

    def __init__(self) -> None:
        self.published: list[Envelope] = []
        self._sequences: Counter[str] = Counter()

    def publish(self, subject: str, event: Event, actor: str = "officer") -> Envelope:
        self._sequences[subject] += 1
        row = {
            "id": new_id(),
            "subject": subject,
            "sequence": self._sequences[subject],
            "type": type(event).type,
            "version": type(event).version,
            "data": event.to_plain(),
            "metadata": {"actor": actor, "correlation": f"request-{len(self.published)}"},
            "recorded_at": START + timedelta(minutes=len(self.published)),
        }
        envelope = Envelope.of_row(event.source(), row)
        self.published.append(envelope)
        return envelope


class Insight(ServiceAlone):
    def __init__(self, home: Path | Database, day: date = TODAY) -> None:
        """home: the database, or the folder in which to make one."""
        if isinstance(home, Path):
            home = Database(f"sqlite:///{home}/insight.db")
        super().__init__("insight", home, day)

    def hear(self, envelopes: list[Envelope]) -> None:
        """Each source's events in their order, as its subscriber brings them; then what waited."""
        inboxes = {}
        for source in reactions.sources:
            inboxes[source] = Inbox(source, reactions, self.unit_of_work)
            batch = [each for each in envelopes if each.source == source]
            if batch:
                inboxes[source].apply(batch)
        for inbox in inboxes.values():
            inbox.retry(not_yet=True)

    def ask(self, name: str, *, by: Actor = AUDITOR, **wanted: Any) -> Any:
        return self.desk.ask(name, wanted, Call(actor=by))["body"]

    def sentences(self, name: str = "get_timeline", **wanted: Any) -> list[str]:
        """Newest first."""
        return [each["sentence"] for each in self.ask(name, **wanted)["items"]]

    def rebuild(self) -> None:
        self.desk.execute("rebuild", {}, Call(actor=ADMINISTRATOR))

    def state(self) -> dict[str, list[Any]]:
        """Every row of every read model."""
        with self.database.reading() as session:
            return {
                table.name: sorted(session.execute(select(table)).all(), key=repr)
                for table in READ_MODELS
            }
