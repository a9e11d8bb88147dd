"""The partner service on a database of its own, driven by commands and queries."""

from datetime import date
from typing import Any

from shared.database import Database
from shared.work import Actor, Call
from tests.alone import ServiceAlone

OFFICER = Actor(id="officer-1", roles=frozenset({"partnership_officer"}))
#: Reviews what an officer proposed, the finance check too.
REVIEWER = Actor(id="reviewer-1", roles=frozenset({"partnership_manager", "finance"}))


class PartnerOffice(ServiceAlone):
    def __init__(self, database: Database, day: date) -> None:
        super().__init__("partner", database, day)

    def do(self, name: str, /, *, by: Actor = OFFICER, **body: Any) -> dict[str, Any]:
        return dict(self.desk.execute(name, body, Call(actor=by))["body"])

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
