"""Contracts from CSV and XLSX. The columns are described in docs/imports.md."""

import re
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from services.imports import sheets
from services.imports.countries import country_code
from services.imports.published import PublishedContract, PublishedPartner, written_money
from services.imports.registers import register_entry
from services.imports.report import Line, Outcome, of_unreadable
from services.imports.sheets import Columns, NumberCell, UnreadableRow
from shared.amounts import DecimalMark, settled_mark
from shared.events.vocabulary import ContractType, RenewalType, Sector, Side
from shared.names import clean

COLUMNS = Columns(
    needed=(
        "id",
        "title",
        "partner",
        "partner_country",
        "value",
        "currency",
        "starts_on",
        "ends_on",
        "signed_on",
    ),
    # They may be missing; an empty cell says nothing, and what it is about stays unknown.
    also=(
        "type",
        "partner_sector",
        "partner_identifiers",
        "our_party",
        "parent_id",
        "renewal",
        "notice_days",
        "payment_days",
        "purchase_order",
        "governing_law",
        "owner",
    ),
    names=("title", "partner", "our_party"),
)
#: Before the ids of files that were imported without a name of their own.
_TABLE = "table"
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")

Word = TypeVar("Word", bound=StrEnum)


class Reader:
    """Reads signed contracts out of a table, a row each."""

    def __init__(
        self,
        today: date,
        sector: Sector | None = None,
        mark: DecimalMark | None = None,
    ) -> None:
        """sector: of partners whose row names none.

        mark: before the decimals of amounts; None: as can be told from each amount.
        """
        self._today = today
        self._sector = sector
        self._mark = mark

    def read(self, path: Path, origin: str = "") -> Iterator[PublishedContract | Line]:
        """origin: of the ids, where other sources may use the same; a later import of the same
        source is known by it. Without it the ids alone are.
        """
        settled = _MarkOfFile(path)
        met: dict[str, int] = {}
        for row in sheets.rows(path, COLUMNS):
            if isinstance(row, UnreadableRow):
                yield of_unreadable(path, row)
            else:
                yield self._contract(path, origin, settled, met, *row)

    def _contract(
        self,
        path: Path,
        origin: str,
        settled: "_MarkOfFile",
        met: dict[str, int],
        number: int,
        row: dict[str, str],
    ) -> PublishedContract | Line:
        place = f"row {number}"
        wrong: list[tuple[str, str]] = []
        first = met.setdefault(row["id"], number)
        if row["id"] and first != number:
            wrong.append(("id", f"row {first} has the same id"))
        signed_on = _date(row, "signed_on", wrong)
        if not wrong and (signed_on is None or signed_on > self._today):
            return Line(
                source=path.name,
                place=place,
                name=row["title"],
                outcome=Outcome.SKIPPED,
                field="signed_on",
                reason="Not signed yet; draft it here instead.",
            )
        value, wrong_value = written_money(
            row["value"], row["currency"], mark=self._mark, settled=lambda: settled.mark
        )
        if wrong_value:
            wrong.append(("value", wrong_value))
        if not row["id"]:
            wrong.append(("id", "no id of the contract"))
        sector = _word(row, "partner_sector", Sector, self._sector or Sector.UNKNOWN, wrong)
        return PublishedContract(
            source=path.name,
            place=place,
            origin=_origin(origin, row["id"]),
            origin_is_unique=bool(origin),
            parent_origin=_origin(origin, row["parent_id"]) if row.get("parent_id") else None,
            title=clean(row["title"]),
            partner=_partner(row, sector),
            value=value,
            starts_on=_date(row, "starts_on", wrong),
            ends_on=_date(row, "ends_on", wrong),
            signed_on=signed_on,
            released_at=None,
            type=_word(row, "type", ContractType, ContractType.UNKNOWN, wrong),
            parties=_parties(row),
            stated=_stated(row, wrong),
            wrong=tuple(wrong),
        )


class _MarkOfFile:
    """The decimal mark that the amounts of a file settle; looked for once, when it is asked."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @cached_property
    def mark(self) -> DecimalMark | None:
        table = sheets.rows(self._path, Columns(("value", "currency")))
        return settled_mark(
            (row[1]["value"], row[1]["currency"])
            for row in table
            if not isinstance(row, UnreadableRow) and not isinstance(row[1]["value"], NumberCell)
        )


def _origin(origin: str, id: str) -> str:
    return f"{origin or _TABLE}/{id}"


def _partner(row: dict[str, str], sector: Sector) -> PublishedPartner | None:
    if not row["partner"]:
        return None
    cell = row.get("partner_identifiers", "")
    entries = [each.strip() for each in cell.split(";") if each.strip()]
    return PublishedPartner(
        row["partner"],
        country_code(row["partner_country"]),
        sector,
        identifiers=tuple(register_entry(each) for each in entries),
    )


def _parties(row: dict[str, str]) -> tuple[tuple[str, str | None], ...]:
    """Those that the row names, and no other."""
    sides = ((row.get("our_party", ""), Side.OURS), (row["partner"], Side.THEIRS))
    return tuple((name, side.value) for name, side in sides if name)


def _stated(row: dict[str, str], wrong: list[tuple[str, str]]) -> dict[str, Any]:
    stated: dict[str, Any] = {
        name: row[column]
        for name, column in (
            ("purchase_order", "purchase_order"),
            ("governing_law", "governing_law"),
            ("owner_id", "owner"),
        )
        if row.get(column)
    }
    for column in ("notice_days", "payment_days"):
        written = row.get(column, "")
        if written and not (written.isascii() and written.isdigit()):
            wrong.append((column, f"{written!r} is not a number of days"))
        elif written:
            stated[column] = int(written[:9])
    renewal = _word(row, "renewal", RenewalType, RenewalType.UNKNOWN, wrong)
    return stated | {"renewal": renewal.value}


def _date(row: dict[str, str], column: str, wrong: list[tuple[str, str]]) -> date | None:
    told = row[column]
    try:
        if told and not _DATE.fullmatch(told):
            raise ValueError(told)
        return date.fromisoformat(told) if told else None
    except ValueError:
        wrong.append((column, f"{told!r} is not a date such as 2026-09-01"))
        return None


def _word(
    row: dict[str, str],
    column: str,
    vocabulary: type[Word],
    default: Word,
    wrong: list[tuple[str, str]],
) -> Word:
    told = "_".join(row.get(column, "").casefold().replace("-", " ").split())
    try:
        return vocabulary(told) if told else default
    except ValueError:
        wrong.append((column, f"{row[column]!r} is none of {', '.join(vocabulary)}"))
        return default
