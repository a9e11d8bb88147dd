"""The consultancy service on a database of its own, driven by commands, queries and events."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select

from shared.database import Database
from shared.events import Event, event_from
from shared.events.contract import ContractActivated, ContractTerms
from shared.messaging import tables
from shared.work import Actor, Call
from tests.alone import ServiceAlone
from tests.unit.consultancy.story import CONTRACT, PARTNER, TERMS, TODAY

E = TypeVar("E", bound=Event)

OFFICER = Actor(id="carla", roles=frozenset({"partnership_officer"}))
COLLEAGUE = Actor(id="dora", roles=frozenset({"partnership_officer"}))
CONSULTANT = Actor(id="amina", roles=frozenset({"consultant"}))
GUEST = Actor(id="guest", roles=frozenset({"partner_guest"}), scope=PARTNER)


class ConsultancyOffice(ServiceAlone):
    def __init__(self, database: Database) -> None:
        super().__init__("consultancy", database, TODAY)

    def do(self, name: str, /, *, actor: Actor = OFFICER, **body: Any) -> dict[str, Any]:
        plain = {k: str(v) if isinstance(v, UUID | date) else v for k, v in body.items()}
        return dict(self.desk.execute(name, plain, Call(actor=actor))["body"])

    def ask(self, name: str, /, *, actor: Actor = OFFICER, **parameters: Any) -> dict[str, Any]:
        return dict(self.desk.ask(name, parameters, Call(actor=actor))["body"])

    def activates(self, terms: ContractTerms = TERMS, contract_id: UUID = CONTRACT) -> None:
        self.hears(
            ContractActivated(
                contract_id=contract_id,
                reference="CTR-2026-0001",
                partner_id=PARTNER,
                terms=terms,
            )
        )

    def registers(self, name: str = "amina", **changes: Any) -> str:
        body: dict[str, Any] = {
            "name": name.title(),
            "email": f"{name}@example.org",
            "account_id": name,
            "expertise": [{"area": "assessment_design", "level": 4}],
            "languages": ["en", "ar"],
            "day_rates": [
                {"role": "educator", "rate": {"amount": "900.00", "currency": "GBP"}},
            ],
        }
        return str(self.do("register_consultant", **{**body, **changes})["id"])

    def plans(self, *team: str, days: str = "1", **changes: Any) -> dict[str, Any]:
        """A planned engagement with these consultants as educators."""
        body: dict[str, Any] = {
            "contract_id": CONTRACT,
            "area": "assessment_design",
            "title": "Assessment design",
            "mode": "hybrid",
            "starts_on": "2026-02-01",
            "ends_on": "2026-05-31",
            "team": [
                {"consultant_id": each, "role": "educator", "planned_days": days} for each in team
            ],
        }
        return self.do("plan_engagement", **{**body, **changes})

    def confirms(self, *team: str, days: str = "1", **changes: Any) -> str:
        """The id of a confirmed engagement with these consultants as educators."""
        engagement = self.plans(*team, days=days, **changes)
        self.do("confirm_engagement", id=engagement["id"])
        return str(engagement["id"])

    def logs(
        self, engagement: str, consultant: str, *, actor: Actor = CONSULTANT, **changes: Any
    ) -> dict[str, Any]:
        body = {"worked_on": TODAY, "days": "1", "kind": "on_site", **changes}
        return self.do(
            "log_days",
            actor=actor,
            engagement_id=engagement,
            consultant_id=consultant,
            **body,
        )

    def told(self, event: type[E]) -> list[E]:
        """Everything of one type that was published so far, oldest first."""
        log = tables.event_log
        with self.database.reading() as session:
            rows = session.scalars(
                select(log.c.data).where(log.c.type == event.type).order_by(log.c.position)
            )
            found = [event_from(event.type, event.version, each) for each in rows]
        return [each for each in found if isinstance(each, event)]


def with_educator_days(days: int, **changes: Any) -> ContractTerms:
    """The terms with another day budget for educators."""
    educator, *others = TERMS.day_budget
    return replace(TERMS, day_budget=(replace(educator, days=Decimal(days)), *others), **changes)
