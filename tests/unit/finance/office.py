"""The finance service on a database of its own, driven by commands, queries and events."""

from datetime import date
from typing import Any
from uuid import UUID

from shared.database import Database
from shared.work import Actor, Call
from tests.alone import ServiceAlone

FINANCE = Actor(id="fin", roles=frozenset({"finance"}))


class FinanceOffice(ServiceAlone):
    def __init__(self, database: Database, day: date) -> None:
        super().__init__("finance", database, day)

    def do(self, name: str, id: UUID | str, **body: Any) -> dict[str, Any]:
        answer = self.desk.execute(name, {"id": str(id), **body}, Call(actor=FINANCE))
        return dict(answer["body"])

    def ask(self, name: str, *, actor: Actor = FINANCE, **parameters: Any) -> dict[str, Any]:
        return dict(self.desk.ask(name, parameters, Call(actor=actor))["body"])
