"""Partners from CSV and XLSX: read in a stream, sent to the partner service in batches."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from services.imports import sheets
from services.imports.asking import Asking
from services.imports.countries import country_code
from services.imports.report import Line, Outcome, of_unreadable
from services.partner.domain.institution import matching_name
from shared.events.vocabulary import Sector

#: Rows in one transaction of the partner service.
BATCH = 500

#: Columns of the file by the field of the partner service.
_COLUMNS = {
    "legal_name": "name",
    "local_name": "local_name",
    "sector": "sector",
    "ror": "ror",
    "website": "website",
}


class PartnerImport:
    """One file on its way into the partner service. A dry run changes nothing."""

    def __init__(
        self, asking: Asking, path: Path, *, sector: Sector, origin: str = "", dry_run: bool
    ) -> None:
        """origin: by which a later import of the same source is known; default: the file's name.

        sector: of every new partner whose row names none.
        """
        self._asking = asking
        self._path = path
        self._sector = sector
        self._origin = origin or path.name
        self._dry_run = dry_run
        #: Where in the file a partner was met first, by country and name as compared.
        self._met: dict[tuple[str, str], int] = {}
        #: What a dry run would have created, by country.
        self._taken: dict[str, list[dict[str, Any]]] = {}

    def lines(self) -> Iterator[Line]:
        """What became of each row, in the order of the file. Raises Invalid, Unavailable."""
        rows = sheets.rows(
            self._path,
            needed=("name", "country_code|country"),
            read=(*_COLUMNS.values(), "aliases"),
        )
        while batch := list(islice(rows, BATCH)):
            yield from self._take(batch)

    def _take(self, batch: list[sheets.Row | sheets.UnreadableRow]) -> Iterator[Line]:
        readable = [row for row in batch if not isinstance(row, sheets.UnreadableRow)]
        bodies = {number: _body(row) for number, row in readable}
        sent = [number for number, _ in readable if _key(bodies[number]) not in self._met]
        answers = dict(zip(sent, self._send([bodies[each] for each in sent]), strict=True))
        for each in batch:
            if isinstance(each, sheets.UnreadableRow):
                yield of_unreadable(self._path, each)
                continue
            number, row = each
            body, answer = bodies[number], answers.get(number)
            first = self._met.get(_key(body))
            if first is None and answer is not None:
                yield self._line(number, row, body, answer)
            else:
                yield self._repeated(number, row, first)

    def _line(
        self, number: int, row: dict[str, str], body: dict[str, Any], answer: dict[str, Any]
    ) -> Line:
        outcome = Outcome(answer["outcome"])
        if outcome is not Outcome.REFUSED:
            self._met[_key(body)] = number
        if outcome is Outcome.CREATED and self._dry_run:
            kept = ("legal_name", "country", "ror")
            taken: dict[str, Any] = {name: body[name] for name in kept if name in body}
            self._taken.setdefault(body["country"], []).append(taken)
        return Line(
            source=self._path.name,
            place=f"row {number}",
            name=row["name"],
            outcome=outcome,
            field=_column_of(answer["field"], row),
            reason=answer["reason"],
            similar=tuple(answer["similar"]),
            id=answer["partner_id"],
        )

    def _repeated(self, number: int, row: dict[str, str], first: int | None) -> Line:
        return Line(
            source=self._path.name,
            place=f"row {number}",
            name=row["name"],
            outcome=Outcome.DUPLICATE,
            field="name",
            reason=f"Row {first} has the same name and country.",
        )

    def _send(self, bodies: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if not bodies:
            return []
        countries = {body["country"] for body in bodies}
        answer = self._asking.execute(
            "partner",
            "import_partners",
            {
                "origin": self._origin,
                "sector": self._sector.value,
                "dry_run": self._dry_run,
                "taken": [each for country in countries for each in self._taken.get(country, ())],
                "rows": bodies,
            },
        )
        rows: list[dict[str, Any]] = answer["rows"]
        return rows


def _body(row: dict[str, str]) -> dict[str, Any]:
    """The row as the partner service takes it; an empty cell says nothing."""
    body: dict[str, Any] = {
        name: row[column] for name, column in _COLUMNS.items() if row.get(column)
    }
    body["legal_name"] = row["name"]
    body["country"] = country_code(row.get("country_code") or row.get("country") or "")
    aliases = [each.strip() for each in row.get("aliases", "").split(";")]
    return body | {"aliases": [each for each in aliases if each]}


def _key(body: dict[str, Any]) -> tuple[str, str]:
    return body["country"], matching_name(body["legal_name"])


def _column_of(field: str, row: dict[str, str]) -> str:
    if field == "country":
        return "country_code" if "country_code" in row else "country"
    return _COLUMNS.get(field, field)
