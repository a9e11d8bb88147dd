"""CSV and XLSX as a stream of rows: each its number in the file and its cells as text by column."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from pathlib import Path

from services.imports import csv_files, kinds, workbooks
from services.imports.hidden import Hidden
from services.imports.tables import (
    Cell,
    DateCell,
    NumberCell,
    Problem,
    RawRow,
    Row,
    UnreadableRow,
    is_filled,
    not_there,
    within_limits,
)

__all__ = ["NumberCell", "Row", "UnreadableRow", "remarks", "rows"]

#: What a spreadsheet shows in place of a value that it could not calculate.
_ERRORS = ("#REF!", "#N/A", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!")
#: How like a right name of a column (0–1) another must be to be taken for it.
_MEANT_FROM = 0.6
#: Ranges of hidden rows that are named; more would not be read.
_RANGES_SHOWN = 20
#: How CSV files keep the zeros of an id from spreadsheets: ="00123".
_KEPT_AS_TEXT = re.compile(r'^="([^"]*)"$')


@dataclass(frozen=True)
class Columns:
    """The columns of a kind of file.

    needed: those that must be there, alternatives separated by "|"; also: further ones that are
    read; names: those of them that hold names or titles.
    """

    needed: Sequence[str]
    also: Sequence[str] = ()
    names: Sequence[str] = ()

    @cached_property
    def read(self) -> frozenset[str]:
        return frozenset(each for one in (*self.needed, *self.also) for each in one.split("|"))


def rows(path: Path, columns: Columns) -> Iterator[Row | UnreadableRow]:
    """The rows under the header, by the numbers that an editor shows; empty ones are left out.

    Columns are known by their names, whatever their order; case and spaces around do not count.
    A row that cannot be read is answered as such, and costs only itself; so is one that a workbook
    hides. Raises Invalid for a file that cannot be read at all, and for a wrong header.
    """
    is_workbook = kinds.is_workbook(path)
    hidden = workbooks.hidden(path) if is_workbook else Hidden()
    table = within_limits(workbooks.rows(path) if is_workbook else csv_files.rows(path))
    _, header = _header(path, table, columns)
    for row in table:
        if isinstance(row, UnreadableRow):
            yield row
        elif any(map(is_filled, row[1])):
            yield _skipped(row) if row[0] in hidden.rows else _by_column(row, header, columns)


def remarks(path: Path, columns: Columns) -> list[str]:
    """Sentences on what of a workbook is read and what is not. Raises Invalid."""
    if not kinds.is_workbook(path):
        return []
    found, hidden = [workbooks.which_sheet(path)], workbooks.hidden(path)
    number, header = _header(path, workbooks.rows(path), columns)
    under = [each for each in hidden.rows if each > number]
    if under:
        found.append(f"Hidden and not read: {_ranges(under, 'row')}. Show them to import them.")
    unseen = [at for at in hidden.columns if at <= len(header) and header[at - 1] in columns.read]
    if unseen:
        called = ", ".join(header[at - 1] for at in sorted(unseen))
        found.append(f"Hidden, but read: {_ranges(unseen, 'column')} ({called}).")
    return list(filter(None, found))


def _skipped(row: RawRow) -> UnreadableRow:
    number, cells = row
    reason = "The workbook hides this row, perhaps by a filter. Show it and import again."
    return UnreadableRow(number, reason, text=_shown(cells), is_hidden=True)


def _ranges(numbers: Iterable[int], word: str) -> str:
    """Numbers of rows in words, or of columns: row 5; rows 5, 7–9; columns B–D."""
    found: list[list[int]] = []
    for each in sorted(numbers):
        if found and found[-1][-1] == each - 1:
            found[-1][1:] = [each]
        else:
            found.append([each])
    name = str if word == "row" else _letters
    said = ", ".join("–".join(map(name, each)) for each in found[:_RANGES_SHOWN])
    more = " and more" if len(found) > _RANGES_SHOWN else ""
    is_one = len(found) == 1 and len(found[0]) == 1
    return f"{word if is_one else word + 's'} {said}{more}"


def _letters(column: int) -> str:
    """What a spreadsheet calls a column: 1 is A, 27 is AA."""
    before, last = divmod(column - 1, 26)
    return (_letters(before) if before else "") + chr(ord("A") + last)


def _shown(cells: Sequence[Cell]) -> str:
    return " | ".join(cell for cell in cells if isinstance(cell, str))[:80]


def _by_column(row: RawRow, header: list[str], columns: Columns) -> Row | UnreadableRow:
    number, cells = row
    shown = _shown(cells)
    if any(is_filled(cell) for cell in cells[len(header) :]):
        return UnreadableRow(
            number,
            f"The row has more cells than the header names columns ({len(header)}). A cell that "
            "contains the separator must be in quotation marks.",
            text=shown,
        )
    told = dict.fromkeys(header, "")
    for at, (column, cell) in enumerate(zip(header, cells, strict=False), 1):
        problem = _problem(cell) if column in columns.read else ""
        if not problem and column in columns.names and (what := _not_a_name(cell)):
            problem = (
                f"The cell {_letters(at)}{number} holds {what}, not a name. Write the name as text."
            )
        if problem:
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


def _not_a_name(cell: Cell) -> str:
    """What a cell holds that is no name, in words; "" for anything else."""
    if isinstance(cell, NumberCell):
        return f"the number {cell}"
    if isinstance(cell, DateCell):
        return f"the date or time {cell}"
    # Spreadsheets write yes and no so into CSV.
    return f"the truth value {cell}" if cell in ("TRUE", "FALSE") else ""


def _header(
    path: Path, table: Iterator[RawRow | UnreadableRow], columns: Columns
) -> tuple[int, list[str]]:
    """The names of the columns, with the number of their row: the first that is not empty.

    Raises Invalid.
    """
    number, header = 0, list[str]()
    for row in table:
        if isinstance(row, UnreadableRow):
            raise not_there(f"The header of {path.name} cannot be read. {row.reason}", "header")
        number, header = row[0], [_column(cell) for cell in row[1]]
        if any(header):
            break
    while header and not header[-1]:
        header.pop()
    _check_header(path, header, columns)
    return number, header


def _column(cell: Cell) -> str:
    if isinstance(cell, Problem):
        return ""
    visible = re.sub("[\u200b-\u200f\u2060\ufeff\u00ad]", "", cell)
    return "_".join(visible.casefold().split())


def _check_header(path: Path, header: Sequence[str], columns: Columns) -> None:
    known = columns.read
    missing = [each for each in columns.needed if not set(each.split("|")) & set(header)]
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


def _meant(header: Sequence[str], missing: Sequence[str], known: frozenset[str]) -> str:
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
