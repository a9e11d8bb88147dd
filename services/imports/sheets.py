"""CSV and XLSX as a stream of rows: each its number in the file and its cells as text by column."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from pathlib import Path

from services.imports import csv_files, kinds, workbooks
from services.imports.tables import (
    Cell,
    NumberCell,
    Problem,
    RawRow,
    Row,
    UnreadableRow,
    is_filled,
    not_there,
    within_limits,
)

__all__ = ["NumberCell", "Row", "UnreadableRow", "rows", "which_sheet"]

#: What a spreadsheet shows in place of a value that it could not calculate.
_ERRORS = ("#REF!", "#N/A", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!")
#: How like a right name of a column (0–1) another must be to be taken for it.
_MEANT_FROM = 0.6
#: How CSV files keep the zeros of an id from spreadsheets: ="00123".
_KEPT_AS_TEXT = re.compile(r'^="([^"]*)"$')


def rows(
    path: Path, *, needed: Sequence[str], read: Sequence[str] = ()
) -> Iterator[Row | UnreadableRow]:
    """The rows under the header, by the numbers that an editor shows; empty ones are left out.

    Columns are known by their names, whatever their order; case and spaces around do not count.
    needed: columns that must be there, alternatives separated by "|"; read: further columns that
    are read. A row that cannot be read is answered as such, and costs only itself. Raises Invalid
    for a file that cannot be read at all, and for a wrong header.
    """
    is_workbook = kinds.is_workbook(path)
    table = within_limits(workbooks.rows(path) if is_workbook else csv_files.rows(path))
    known = {each for one in (*needed, *read) for each in one.split("|")}
    header = _header(path, table, needed, known)
    for row in table:
        told = row if isinstance(row, UnreadableRow) else _by_column(row, header, known)
        if told is not None:
            yield told


def which_sheet(path: Path) -> str:
    """A sentence on which sheet of several is read; "" for anything else. Raises Invalid."""
    return workbooks.which_sheet(path) if kinds.is_workbook(path) else ""


def _by_column(row: RawRow, header: list[str], known: set[str]) -> Row | UnreadableRow | None:
    number, cells = row
    if not any(is_filled(cell) for cell in cells):
        return None
    shown = " | ".join(cell for cell in cells if isinstance(cell, str))[:80]
    if any(is_filled(cell) for cell in cells[len(header) :]):
        return UnreadableRow(
            number,
            f"The row has more cells than the header names columns ({len(header)}). A cell that "
            "contains the separator must be in quotation marks.",
            text=shown,
        )
    told = dict.fromkeys(header, "")
    for column, cell in zip(header, cells, strict=False):
        problem = _problem(cell)
        if problem and column in known:
            return UnreadableRow(number, problem, column, shown)
        if isinstance(cell, NumberCell):
            told[column] = cell
        elif isinstance(cell, str):
            told[column] = _KEPT_AS_TEXT.sub(r"\1", cell.strip())
    return number, told


def _problem(cell: Cell) -> str:
    if isinstance(cell, Problem):
        return cell.reason
    text = _KEPT_AS_TEXT.sub("", cell.strip())
    if text.upper() in _ERRORS:
        return f"The cell holds the error {text}."
    if text.startswith("="):
        return f"The cell holds a formula, not a value: {text[:60]}"
    return ""


def _header(
    path: Path,
    table: Iterator[RawRow | UnreadableRow],
    needed: Sequence[str],
    known: set[str],
) -> list[str]:
    """The names of the columns: the first row that is not empty. Raises Invalid."""
    header: list[str] = []
    for row in table:
        if isinstance(row, UnreadableRow):
            raise not_there(f"The header of {path.name} cannot be read. {row.reason}", "header")
        header = [_column(cell) for cell in row[1]]
        if any(header):
            break
    while header and not header[-1]:
        header.pop()
    _check_header(path, header, needed, known)
    return header


def _column(cell: Cell) -> str:
    if isinstance(cell, Problem):
        return ""
    visible = re.sub("[\u200b-\u200f\u2060\ufeff\u00ad]", "", cell)
    return "_".join(visible.casefold().split())


def _check_header(
    path: Path, header: Sequence[str], needed: Sequence[str], known: set[str]
) -> None:
    missing = [each for each in needed if not set(each.split("|")) & set(header)]
    if missing:
        words = ", ".join(each.replace("|", " or ") for each in missing)
        found = ", ".join(filter(None, header)) or "nothing"
        meant = _meant(header, missing, known)
        raise not_there(
            f"The first row of {path.name} must name the columns; {words} is missing. "
            f"It says: {found[:200]}." + (f" Did you mean {meant}?" if meant else ""),
            "header",
        )
    twice = [each for each, times in Counter(header).items() if times > 1 and each in known]
    if twice:
        raise not_there(
            f"{path.name} has more than one column called {', '.join(twice)}. Which of them counts "
            "cannot be told: rename or remove the others.",
            "header-twice",
        )


def _meant(header: Sequence[str], missing: Sequence[str], known: set[str]) -> str:
    """The columns that may be the missing ones under another name, each with the right name."""
    free = [each for each in header if each and each not in known]
    return " and ".join(filter(None, (_nearest(each.split("|"), free) for each in missing)))


def _nearest(names: Sequence[str], free: Sequence[str]) -> str:
    likeness = {
        (name, each): 1.0 if name in each.split("_") else SequenceMatcher(None, name, each).ratio()
        for name in names
        for each in free
    }
    name, each = max(likeness, key=lambda pair: likeness[pair], default=("", ""))
    return f"{name} for {each[:40]}" if likeness.get((name, each), 0) > _MEANT_FROM else ""
