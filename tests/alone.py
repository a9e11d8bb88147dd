"""One service on a database of its own, without broker and web, driven from inside the test."""

from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from services.platform import metadata_of, service_class
from shared.clock import Clock, FixedClock
from shared.database import Database
from shared.desk import Desk
from shared.events import Event
from shared.events.vocabulary import Role
from shared.identifiers import new_id
from shared.messaging import tables
from shared.messaging.envelope import Envelope
from shared.work import Actor, Call, UnitOfWork

ZONE = ZoneInfo("Europe/London")


def guest_of(partner_id: UUID | str) -> Actor:
    """Somebody of a partner, who sees what is that partner's."""
    return Actor("guest", frozenset({Role.PARTNER_GUEST}), scope=UUID(str(partner_id)))


def desk_of(service: str, database: Database, clock: Clock) -> Desk:
    """A service's desk with the defaults of its policy, on a database that has its tables."""
    parts = service_class(service).runtime.parts
    return Desk(parts.operations, UnitOfWork(database, clock, ZONE, parts.policy()))


def make_tables(service: str, database: Database) -> None:
    tables.metadata.create_all(database.engine)
    metadata_of(service).create_all(database.engine)


class ServiceAlone:
    """Stands still at a day's noon until `day` is set. Its tables are made where there are none."""

    def __init__(self, service: str, database: Database, day: date) -> None:
        self.service = service
        self.database = database
        self.day = day
        make_tables(service, database)

    @property
    def desk(self) -> Desk:
        return desk_of(self.service, self.database, FixedClock.at(self.day))

    @property
    def unit_of_work(self) -> UnitOfWork:
        return self.desk.unit_of_work

    def hears(self, *events: Event) -> None:
        """Events of other services come in together, in this order."""
        reactions = service_class(self.service).runtime.parts.reactions
        envelopes = [
            Envelope.of_row(
                event.source(),
                {
                    "id": new_id(),
                    "subject": "any/1",
                    "sequence": number,
                    "type": type(event).type,
                    "version": type(event).version,
                    "data": event.to_plain(),
                    "metadata": {"actor": "somebody"},
                    "recorded_at": FixedClock.at(self.day).now(),
                },
            )
            for number, event in enumerate(events, start=1)
        ]
        with self.unit_of_work.begin(Call()) as work:
            reactions.apply(work, envelopes)

    def tells(self) -> list[str]:
        """The types of everything published so far, oldest first, without the service's name."""
        log = tables.event_log
        with self.database.reading() as session:
            types = session.scalars(select(log.c.type).order_by(log.c.position))
            return [each.removeprefix(f"{self.service}.") for each in types]

    def logged(self, type_: str) -> list[dict[str, Any]]:
        """What the events of a type say, oldest first."""
        log = tables.event_log
        with self.database.reading() as session:
            found = select(log.c.data).where(log.c.type == type_).order_by(log.c.position)
            return list(session.scalars(found))

    def tick(self, day: date) -> None:
        """It becomes that day, and what time drives is done."""
        self.day = day
        self.desk.tick(FixedClock.at(day))
