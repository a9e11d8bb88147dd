"""The finance service on a database of its own, driven by commands, queries and events."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

import services.finance.commands
import services.finance.queries  # noqa: F401
from services.finance.operations import operations
from services.finance.reactions import reactions
from services.finance.store import metadata
from shared.clock import FixedClock
from shared.database import Database
from shared.events import Event
from shared.identifiers import new_id
from shared.messaging import tables
from shared.messaging.envelope import Envelope
from shared.operations import Desk
from shared.work import Actor, Call, UnitOfWork

FINANCE = Actor(id="fin", roles=frozenset({"finance"}))


class FinanceOffice:
    """Stands still on a day until `day` is set."""

    def __init__(self, folder: Path, day: date) -> None:
        self.database = Database(f"sqlite:///{folder}/finance.db")
        metadata.create_all(self.database.engine)
        tables.metadata.create_all(self.database.engine)
        self.day = day

    @property
    def desk(self) -> Desk:
        return Desk(
            operations, UnitOfWork(self.database, FixedClock.at(self.day), ZoneInfo("UTC"), None)
        )

    def hears(self, event: Event) -> None:
        """An event of another service comes in."""
        row = {
            "id": new_id(),
            "subject": "any/1",
            "sequence": 1,
            "type": type(event).type,
            "version": type(event).version,
            "data": event.to_plain(),
            "metadata": {"actor": "somebody"},
            "recorded_at": FixedClock.at(self.day).now(),
        }
        with self.desk.unit_of_work.begin(Call()) as work:
            reactions.apply(work, [Envelope.of_row(event.source(), row)])

    def tells(self) -> list[str]:
        """The types of everything that finance has published so far, oldest first."""
        log = tables.event_log
        with self.database.reading() as session:
            return list(session.scalars(select(log.c.type).order_by(log.c.position)))

    def do(self, name: str, id: UUID | str, **body: Any) -> dict[str, Any]:
        answer = self.desk.execute(name, {"id": str(id), **body}, Call(actor=FINANCE))
        return dict(answer["body"])

    def ask(self, name: str, *, actor: Actor = FINANCE, **parameters: Any) -> dict[str, Any]:
        return dict(self.desk.ask(name, parameters, Call(actor=actor))["body"])

    def tick(self, day: date) -> None:
        self.day = day
        self.desk.tick(FixedClock.at(day))


def guest_of(partner_id: UUID) -> Actor:
    return replace(FINANCE, id="guest", roles=frozenset({"partner_guest"}), scope=partner_id)
