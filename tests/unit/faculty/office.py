"""The faculty-development service on a database of its own, driven by commands and events."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select

from shared.database import Database
from shared.events.contract import ContractActivated, ContractTerms
from shared.events.vocabulary import ContractType
from shared.messaging import tables
from shared.work import Actor, Call
from tests.alone import ServiceAlone
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


class FacultyOffice(ServiceAlone):
    def __init__(self, database: Database) -> None:
        super().__init__("faculty", database, date(2026, 2, 2))

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

    def hears_of_partner(self) -> None:
        """A contract of the partner becomes active."""
        self.hears(ACTIVATED)

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
