"""Partners from CSV and XLSX: read in a stream, sent to the partner service in batches.

The service decides what becomes of each row; here a row is only read. A dry run is the same, but
for nothing being written: the service is told what its earlier batches would have made.
"""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from services.imports import sheets
from services.imports.asking import Asking
from services.imports.countries import country_code
from services.imports.registers import register_entry
from services.imports.report import Line, Outcome, of_unreadable
from services.imports.sheets import Columns, UnreadableRow
from shared.errors import Invalid
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
COLUMNS = Columns(
    needed=("name", "country_code|country"),
    also=(*_COLUMNS.values(), "aliases", "identifiers"),
    names=("name", "local_name", "aliases"),
)


class PartnerImport:
    """One file on its way into the partner service. A dry run changes nothing."""

    def __init__(
        self,
        asking: Asking,
        path: Path,
        *,
        sector: Sector | None = None,
        origin: str = "",
        dry_run: bool,
    ) -> None:
        """origin: by which a later import of the same source is known; default: the file's name.

        sector: of every partner whose row names none; None: it stays unknown.
        """
        self._asking = asking
        self._path = path
        self._sector = sector
        self._origin = origin or path.name
        self._dry_run = dry_run
        self._earlier = _Earlier()

    def lines(self) -> Iterator[Line]:
        """What became of each row, in the order of the file. Raises Invalid, Unavailable."""
        rows = sheets.rows(self._path, COLUMNS)
        while batch := list(islice(rows, BATCH)):
            yield from self._take(batch)

    def _take(self, batch: list[sheets.Row | UnreadableRow]) -> Iterator[Line]:
        bodies, lines = [], dict[int, Line]()
        rows: dict[int, dict[str, str]] = {}
        for each in batch:
            if isinstance(each, UnreadableRow):
                lines[each.number] = of_unreadable(self._path, each)
                continue
            number, row = each
            rows[number] = row
            try:
                bodies.append(_body(number, row))
            except Invalid as refused:
                lines[number] = self._line(number, row["name"], refused.field, refused.message)
        for body, answer in zip(bodies, self._send(bodies), strict=True):
            number = body["place"]
            self._earlier.remember(body, answer)
            lines[number] = self._line(
                number,
                rows[number]["name"],
                _column_of(answer["field"], rows[number]),
                answer["reason"],
                Outcome(answer["outcome"]),
                answer,
            )
        yield from (lines[number] for number in sorted(lines))

    def _line(
        self,
        number: int,
        name: str,
        field: str,
        reason: str,
        outcome: Outcome = Outcome.REFUSED,
        answer: dict[str, Any] | None = None,
    ) -> Line:
        return Line(
            source=self._path.name,
            place=f"row {number}",
            name=name,
            outcome=outcome,
            field=field,
            reason=reason,
            similar=tuple(answer["similar"]) if answer else (),
            id=answer["partner_id"] if answer else None,
        )

    def _send(self, bodies: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if not bodies:
            return []
        answer = self._asking.execute(
            "partner",
            "import_partners",
            {
                "origin": self._origin,
                "sector": self._sector or Sector.UNKNOWN,
                "dry_run": self._dry_run,
                "rows": bodies,
                **self._earlier.about(bodies),
            },
        )
        rows: list[dict[str, Any]] = answer["rows"]
        return rows


class _Earlier:
    """What the earlier batches of a file were about, as far as it can matter to a further one."""

    def __init__(self) -> None:
        self._met: dict[str, dict[str, int]] = {}
        self._taken: dict[str, dict[str, Any]] = {}

    def remember(self, body: dict[str, Any], answer: dict[str, Any]) -> None:
        if answer["outcome"] == Outcome.REFUSED:
            return
        would_be, id = answer["would_be"], answer["partner_id"]
        for country in _groups(body):
            if id:
                self._met.setdefault(country, {}).setdefault(id, body["place"])
            if would_be:
                place = id or body["place"]
                self._taken.setdefault(country, {}).setdefault(str(place), would_be)

    def about(self, bodies: list[dict[str, Any]]) -> dict[str, Any]:
        groups = {group for body in bodies for group in _groups(body)}
        met: dict[str, int] = {}
        taken: dict[str, Any] = {}
        for group in sorted(groups):
            met |= self._met.get(group, {})
            taken |= self._taken.get(group, {})
        return {"met": met, "taken": list(taken.values())}


def _groups(body: dict[str, Any]) -> list[str]:
    """What rows about the same partner have in common: a country, or having register ids."""
    has_ids = body.get("ror") or body.get("identifiers")
    return [body["country"], *(["register ids"] if has_ids else [])]


def _body(number: int, row: dict[str, str]) -> dict[str, Any]:
    """The row as the partner service takes it; an empty cell says nothing. Raises Invalid."""
    body: dict[str, Any] = {
        name: row[column] for name, column in _COLUMNS.items() if row.get(column)
    }
    body["legal_name"] = row["name"]
    body["country"] = _country(row)
    body["place"] = number
    if aliases := _separated(row.get("aliases", "")):
        body["aliases"] = aliases
    if entries := _separated(row.get("identifiers", "")):
        pairs = [register_entry(each) for each in entries]
        body["identifiers"] = [{"scheme": scheme, "id": id} for scheme, id in pairs]
    return body


def _country(row: dict[str, str]) -> str:
    """The country's code, or what is to be refused. Raises Invalid where two are named."""
    code, name = row.get("country_code", ""), row.get("country", "")
    if not code or not name:
        return country_code(code or name)
    first, second = country_code(code), country_code(name)
    if len(second) == 2 and len(first) == 2 and first != second:
        raise Invalid(
            f"The row names two countries: {code} and {name}.",
            rule="one-country",
            field="country",
            accepted="the same country in both columns, or one of them empty",
        )
    return first


def _separated(cell: str) -> list[str]:
    return [each.strip() for each in cell.split(";") if each.strip()]


def _column_of(field: str, row: dict[str, str]) -> str:
    if field == "country":
        return "country_code" if row.get("country_code") or "country" not in row else "country"
    return _COLUMNS.get(field, field.partition(".")[0])
