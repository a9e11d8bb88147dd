"""The partner service on a database of its own, driven by commands and queries."""

from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

import services.partner.commands
import services.partner.queries  # noqa: F401
from services.partner.domain.policy import Policy
from services.partner.operations import operations
from services.partner.store import metadata
from shared.clock import FixedClock
from shared.database import Database
from shared.messaging import tables
from shared.operations import Desk
from shared.work import Actor, Call, UnitOfWork

OFFICER = Actor(id="officer-1", roles=frozenset({"partnership_officer"}))


class PartnerOffice:
    """Stands still on a day."""

    def __init__(self, folder: Path, day: date) -> None:
        self.database = Database(f"sqlite:///{folder}/partner.db")
        metadata.create_all(self.database.engine)
        tables.metadata.create_all(self.database.engine)
        unit = UnitOfWork(self.database, FixedClock.at(day), ZoneInfo("UTC"), Policy())
        self.desk = Desk(operations, unit)

    def tells(self) -> list[str]:
        """The types of everything that has been logged so far, oldest first."""
        log = tables.event_log
        with self.database.reading() as session:
            return list(session.scalars(select(log.c.type).order_by(log.c.position)))

    def do(self, name: str, **body: Any) -> dict[str, Any]:
        return dict(self.desk.execute(name, body, Call(actor=OFFICER))["body"])

    def shows(self, id: str) -> dict[str, Any]:
        return dict(self.desk.ask("get_partner", {"id": id}, Call(actor=OFFICER))["body"])

    def listed(self, **wanted: Any) -> list[dict[str, Any]]:
        return list(self.desk.ask("list_partners", wanted, Call(actor=OFFICER))["body"]["items"])

    def imports(self, *rows: dict[str, Any], **batch: Any) -> list[dict[str, Any]]:
        """What becomes of rows of one file; `batch` overrides the rest of the body."""
        body = {"origin": "list.csv", "rows": list(rows)} | batch
        return list(self.do("import_partners", **body)["rows"])


def row(name: str, country: str = "JO", **told: Any) -> dict[str, Any]:
    return {"legal_name": name, "country": country} | told
