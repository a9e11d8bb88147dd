"""Contracts from CSV and XLSX. The columns are described in docs/imports.md."""

from collections.abc import Iterator
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from services.imports import sheets
from services.imports.countries import country_code
from services.imports.published import PublishedContract, PublishedPartner, written_money
from services.imports.report import Line, Outcome, of_unreadable
from services.imports.sheets import NumberCell, UnreadableRow
from shared.amounts import DecimalMark, settled_mark
from shared.events.vocabulary import ContractType, Sector

NEEDED = (
    "id",
    "title",
    "partner",
    "partner_country",
    "value",
    "currency",
    "starts_on",
    "ends_on",
    "signed_on",
)
ALSO_READ = ("type", "partner_sector")

Word = TypeVar("Word", bound=StrEnum)


class Reader:
    """Reads signed contracts out of a table, a row each."""

    def __init__(
        self,
        now: datetime,
        today: date,
        sector: Sector | None = None,
        mark: DecimalMark | None = None,
    ) -> None:
        """now: the moment as of which the file speaks; sector: of partners whose row names none.

        mark: before the decimals of amounts; None: as can be told from each amount.
        """
        self._now = now
        self._today = today
        self._sector = sector
        self._mark = mark

    def read(self, path: Path, origin: str = "") -> Iterator[PublishedContract | Line]:
        """origin: by which a later import of the same source is known; default: the file's name."""
        settled = _MarkOfFile(path)
        for row in sheets.rows(path, needed=NEEDED, read=ALSO_READ):
            if isinstance(row, UnreadableRow):
                yield of_unreadable(path, row)
            else:
                yield self._contract(path, origin or path.name, settled, *row)

    def _contract(
        self, path: Path, origin: str, settled: "_MarkOfFile", number: int, row: dict[str, str]
    ) -> PublishedContract | Line:
        place = f"row {number}"
        wrong: list[tuple[str, str]] = []
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
        sector = _word(row, "partner_sector", Sector, self._sector or Sector.UNIVERSITY, wrong)
        return PublishedContract(
            source=path.name,
            place=place,
            origin=f"{origin}/{row['id']}",
            title=row["title"],
            partner=_partner(row, sector),
            value=value,
            starts_on=_date(row, "starts_on", wrong),
            ends_on=_date(row, "ends_on", wrong),
            signed_on=signed_on,
            released_at=self._now,
            type=_word(row, "type", ContractType, ContractType.STATEMENT_OF_WORK, wrong),
            wrong=tuple(wrong),
        )


class _MarkOfFile:
    """The decimal mark that the amounts of a file settle; looked for once, when it is asked."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @cached_property
    def mark(self) -> DecimalMark | None:
        table = sheets.rows(self._path, needed=("value", "currency"))
        return settled_mark(
            (row[1]["value"], row[1]["currency"])
            for row in table
            if not isinstance(row, UnreadableRow) and not isinstance(row[1]["value"], NumberCell)
        )


def _partner(row: dict[str, str], sector: Sector) -> PublishedPartner | None:
    if not row["partner"]:
        return None
    return PublishedPartner(row["partner"], country_code(row["partner_country"]), sector)


def _date(row: dict[str, str], column: str, wrong: list[tuple[str, str]]) -> date | None:
    told = row[column]
    try:
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
    told = "_".join(row.get(column, "").casefold().split())
    try:
        return vocabulary(told) if told else default
    except ValueError:
        wrong.append((column, f"{row[column]!r} is none of {', '.join(vocabulary)}"))
        return default
