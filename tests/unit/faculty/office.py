"""The faculty-development service on a database of its own, driven by commands and events."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

import services.faculty.commands
import services.faculty.queries  # noqa: F401
from services.faculty.domain.policy import Policy
from services.faculty.operations import operations
from services.faculty.reactions import reactions
from services.faculty.store import metadata
from shared.clock import FixedClock
from shared.database import Database
from shared.events import Event
from shared.events.contract import ContractActivated, ContractTerms
from shared.events.vocabulary import ContractType
from shared.identifiers import new_id
from shared.messaging import tables
from shared.messaging.envelope import Envelope
from shared.operations import Desk
from shared.work import Actor, Call, UnitOfWork
from tests.unit.faculty.examples import CONTRACT, PARTNER

LEAD = Actor(id="lead", roles=frozenset({"programme_lead"}))
TERMS = ContractTerms(
    version=1,
    type=ContractType.STATEMENT_OF_WORK,
    title="Faculty development",
    starts_on=date(2026, 1, 1),
    ends_on=date(2026, 12, 31),
)
ACTIVATED = ContractActivated(
    contract_id=CONTRACT, reference="CTR-2026-0001", partner_id=PARTNER, terms=TERMS
)
DESIGN: dict[str, Any] = {
    "contract_id": str(CONTRACT),
    "kind": "workshop",
    "title": "Teaching on the ward round",
    "capacity": 2,
    "outcomes": [
        {
            "statement": "Give feedback that changes practice",
            "domains": ["teaching_and_facilitating_learning"],
        }
    ],
    "sessions": [
        {
            "title": "Day one",
            "starts_at": "2026-03-02T09:00:00+02:00",
            "ends_at": "2026-03-02T13:00:00+02:00",
            "mandatory": True,
        },
        {
            "title": "Day two",
            "starts_at": "2026-03-03T09:00:00+02:00",
            "ends_at": "2026-03-03T10:00:00+02:00",
        },
    ],
    "contributors": [
        {"name": "Dr Rania Haddad", "kind": "clinician"},
        {"name": "Omar Saleh", "kind": "learner"},
    ],
}


def guest_of(partner_id: UUID) -> Actor:
    return Actor(id="guest", roles=frozenset({"partner_guest"}), scope=partner_id)


class FacultyOffice:
    """Stands still at a day's noon until `day` is set."""

    def __init__(self, database: Database) -> None:
        """database: with the messaging tables; the service's own are made here."""
        self.database = database
        metadata.create_all(database.engine)
        self.day = date(2026, 2, 2)

    @property
    def desk(self) -> Desk:
        clock = FixedClock.at(self.day)
        return Desk(operations, UnitOfWork(self.database, clock, ZoneInfo("UTC"), Policy()))

    def hears(self, *events: Event) -> None:
        """Events of other services come in, in this order."""
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
                    "recorded_at": datetime(2026, 2, 2, tzinfo=UTC),
                },
            )
            for number, event in enumerate(events, start=1)
        ]
        with self.desk.unit_of_work.begin(Call()) as work:
            reactions.apply(work, envelopes)

    def told(self, type_: str) -> list[dict[str, Any]]:
        """The events of this type published so far, each with its data and its actor."""
        log = tables.event_log
        with self.database.reading() as session:
            rows = session.execute(
                select(log.c.data, log.c["metadata"])
                .where(log.c.type == f"faculty.{type_}")
                .order_by(log.c.position)
            )
            return [{**row.data, "actor": row.metadata["actor"]} for row in rows]

    def do(self, name: str, /, *, actor: Actor = LEAD, **body: Any) -> dict[str, Any]:
        return dict(self.desk.execute(name, body, Call(actor=actor))["body"])

    def ask(self, name: str, *, actor: Actor = LEAD, **parameters: Any) -> dict[str, Any]:
        return dict(self.desk.ask(name, parameters, Call(actor=actor))["body"])

    def tick(self, day: date) -> None:
        self.day = day
        self.desk.tick(FixedClock.at(day))

    def person(self, number: int, **details: Any) -> str:
        """A registered participant; returns the id."""
        registered = self.do(
            "register_participant",
            **{
                "name": f"Participant {number}",
                "email": f"participant{number}@example.org",
                "profession": "nurse educator",
                **details,
            },
        )
        return str(registered["id"])

    def enrolling(self, **changed: Any) -> str:
        """A programme whose enrolment is open; returns the id."""
        self.hears(ACTIVATED)
        programme = str(self.do("design_programme", **{**DESIGN, **changed})["id"])
        self.do("publish_programme", id=programme)
        self.do("open_enrolment", id=programme)
        return programme

    def delivered(self, people: int) -> tuple[str, Sequence[str]]:
        """A programme that so many attended from first to last; ids of it and of them."""
        programme = self.enrolling(capacity=people)
        persons = [self.person(number) for number in range(people)]
        for person in persons:
            self.do("enrol", id=programme, participant_id=person)
        self.do("start_programme", id=programme)
        self.day = date(2026, 3, 4)
        for session in self.ask("get_programme", id=programme)["sessions"]:
            self.do(
                "record_attendance",
                id=programme,
                session_id=session["id"],
                present_ids=persons,
            )
        self.do("deliver_programme", id=programme)
        return programme, persons
