"""XLSX: the first visible sheet of a workbook as rows of text, as its cells show it."""

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from xml.parsers import expat

from services.imports.hidden import Hidden, hidden_in
from services.imports.number_formats import currency_shown, shown
from services.imports.tables import (
    LONGEST_CELL,
    MOST_COLUMNS,
    MOST_ROWS,
    Cell,
    DateCell,
    NumberCell,
    Problem,
    RawRow,
    UnreadableRow,
    not_there,
)
from shared.errors import Invalid

#: Limits on what a workbook may unpack to, checked in its directory before anything is unpacked.
_MOST_PARTS = 2_000
_LARGEST_IN_ALL = 150_000_000
_LARGEST_SHEET = 100_000_000
_LARGEST_STYLES = 4_000_000
_LARGEST_OTHER = 20_000_000
#: A part of more than a megabyte that shrinks further than this holds nothing worth reading.
_MOST_SHRUNK = 200

#: What openpyxl raises for a workbook that is not made as it expects.
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    SyntaxError,
    EOFError,
    OSError,
    OverflowError,
    NotImplementedError,
    RuntimeError,
)


def rows(path: Path) -> Iterator[RawRow | UnreadableRow]:
    """The rows of the first visible sheet, with their numbers. Raises Invalid.

    A workbook that turns out to be damaged half way ends with a row that says so.
    """
    check(path)
    with _opened(path, data_only=True) as book:
        sheet = _sheet(book, path)
        formulas = _Formulas(path, sheet.title)
        table = _table(sheet)
        number = 0
        while True:
            try:
                number, cells = next(table)
            except StopIteration:
                return
            except _UNREADABLE:
                reason = "The workbook is damaged from here on; nothing more was read."
                yield UnreadableRow(number + 1, reason)
                return
            yield number, [_text(cell, number, formulas) for cell in enumerate(cells, 1)]


def _table(sheet: Any) -> Iterator[tuple[int, Sequence[Any]]]:
    """The rows with their numbers, as wide as the header and one cell more: a longer one shows."""
    width = next(filter(None, map(_width, sheet.iter_rows(max_col=MOST_COLUMNS))), 0)
    yield from enumerate(sheet.iter_rows(max_col=width or 1), start=1)


def which_sheet(path: Path) -> str:
    """A sentence on which sheet is read; "" where there is only one. Raises Invalid."""
    check(path)
    with _opened(path, data_only=True) as book:
        read = _sheet(book, path)
        if len(book.sheetnames) == 1:
            return ""
        others = [
            each.title + ("" if each.sheet_state == "visible" else " (hidden)")
            for each in (*book.worksheets, *book.chartsheets)
            if each.title != read.title
        ]
        return f"Read from the sheet {read.title!r}; not read: {', '.join(others)}."


def hidden(path: Path) -> Hidden:
    """The rows and columns of the sheet that are not shown, by a filter too. Raises Invalid."""
    check(path)
    with _opened(path, data_only=True) as book:
        part = _sheet(book, path)._worksheet_path.lstrip("/")
    try:
        return hidden_in(path, part)
    except _UNREADABLE:
        return Hidden()  # damaged: the reading of its rows says so


def check(path: Path) -> None:
    """Raises Invalid for a workbook that would unpack to too much, or that declares entities."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            _check_sizes(path, parts)
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    with archive.open(part) as stream:
                        _check_prolog(path, stream)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError):
        raise _unreadable(path) from None


def _check_sizes(path: Path, parts: list[zipfile.ZipInfo]) -> None:
    in_all = sum(part.file_size for part in parts)
    reason = ""
    if len(parts) > _MOST_PARTS:
        reason = f"it has {len(parts):,} parts, and at most {_MOST_PARTS:,} are opened"
    elif in_all > _LARGEST_IN_ALL:
        reason = _too_large("it", in_all, _LARGEST_IN_ALL)
    for part in parts:
        largest = _largest(part.filename)
        if part.file_size > largest:
            reason = reason or _too_large(part.filename, part.file_size, largest)
        shrunk = part.file_size / max(1, part.compress_size)
        if part.file_size > 1_000_000 and shrunk > _MOST_SHRUNK:
            reason = reason or f"{part.filename} is packed {shrunk:,.0f} to 1, as no real list is"
    if reason:
        raise not_there(
            f"{path.name} was not opened: {reason}. Copy the list alone into a new workbook.",
            "workbook-size",
        )


def _largest(name: str) -> int:
    if name.startswith("xl/worksheets/") or name == "xl/sharedStrings.xml":
        return _LARGEST_SHEET
    return _LARGEST_STYLES if name == "xl/styles.xml" else _LARGEST_OTHER


def _too_large(what: str, size: int, largest: int) -> str:
    return f"{what} unpacks to {size / 1e6:,.0f} MB, and at most {largest / 1e6:,.0f} MB is read"


def _check_prolog(path: Path, stream: Any) -> None:
    """Read up to the first element: a document type, with its entities, comes before it."""
    parser = expat.ParserCreate()
    begun: list[str] = []

    def refuse(*_: Any) -> None:
        raise not_there(
            f"{path.name} was not opened: it declares a document type, as no program for "
            "spreadsheets does. Save it again as XLSX, or as CSV UTF-8.",
            "workbook-entities",
        )

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda name, _: begun.append(name)
    try:
        while not begun and (piece := stream.read(4096)):
            parser.Parse(piece)
    except expat.ExpatError:
        raise _unreadable(path) from None


@contextmanager
def _opened(path: Path, *, data_only: bool) -> Iterator[Any]:
    # Only here: reading workbooks is rare, and loading this takes a third of a second.
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    # As a stream: by its name alone openpyxl would refuse a workbook called .csv.
    with path.open("rb") as stream:
        try:
            book = load_workbook(stream, read_only=True, data_only=data_only)
        except (InvalidFileException, *_UNREADABLE):
            raise _unreadable(path) from None
        try:
            yield book
        finally:
            book.close()


def _sheet(book: Any, path: Path) -> Any:
    visible = [each for each in book.worksheets if each.sheet_state == "visible"]
    if not visible:
        raise not_there(f"{path.name} has no visible sheet with cells.", "readable-xlsx")
    sheet = visible[0]
    sheet.reset_dimensions()  # some programs write a wrong size, and rows would be lost
    return sheet


class _Formulas:
    """Where a sheet has formulas; looked for once, when a cell turns out to be empty."""

    def __init__(self, path: Path, sheet: str) -> None:
        self._path = path
        self._sheet = sheet
        self._places: set[tuple[int, int]] | None = None

    def __contains__(self, place: tuple[int, int]) -> bool:
        if self._places is None:
            try:
                self._places = set(self._found())
            except _UNREADABLE:
                self._places = set()  # damaged: the reading of its rows says so
        return place in self._places

    def _found(self) -> Iterator[tuple[int, int]]:
        with _opened(self._path, data_only=False) as book:
            sheet = book[self._sheet]
            sheet.reset_dimensions()
            for cells in sheet.iter_rows(max_col=MOST_COLUMNS, max_row=MOST_ROWS):
                for cell in cells:
                    if cell.data_type == "f":
                        yield cell.row, cell.column


def _width(cells: Sequence[Any]) -> int:
    """One more than the filled cells of the header, so that a row that is longer shows."""
    filled = [at for at, cell in enumerate(cells, 1) if cell.value is not None]
    return max(filled, default=-1) + 1


def _text(place: tuple[int, Any], row: int, formulas: _Formulas) -> Cell:
    column, cell = place
    value = cell.value
    if cell.data_type == "e":
        return Problem(f"The cell holds the error {value}.")
    if value is None:
        if (row, column) in formulas:
            return Problem("The formula has no result: open the workbook, calculate, save it.")
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, date | time | timedelta):
        return _as_date(value)
    if isinstance(value, int | float):
        try:
            number_format = cell.number_format
            return NumberCell(shown(value, number_format), currency_shown(number_format))
        except Invalid as refused:
            return Problem(refused.message)
    text = str(value)
    if len(text) > LONGEST_CELL:
        return Problem(f"The cell has more than {LONGEST_CELL:,} characters.")
    return text


def _as_date(value: date | time | timedelta) -> DateCell:
    """In ISO 8601; a moment at midnight is a date."""
    if isinstance(value, timedelta):
        return DateCell(value)
    if isinstance(value, datetime) and value.time() == time.min:
        return DateCell(value.date().isoformat())
    return DateCell(value.isoformat())


def _unreadable(path: Path) -> Invalid:
    return not_there(
        f"{path.name} is damaged, or not an XLSX workbook. Save it again as XLSX, or as CSV UTF-8.",
        "readable-xlsx",
    )
