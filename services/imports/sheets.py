"""CSV and XLSX as a stream of rows: each its number in the file and its cells as text by column."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from shared.errors import Invalid

Row = tuple[int, dict[str, str]]

_DELIMITERS = ",;\t"


def rows(path: Path, *, needed: Sequence[str]) -> Iterator[Row]:
    """The rows under the header, which is row 1; empty rows are left out.

    Columns are known by their name, whatever their order; case and spaces around it do not count.
    needed: columns that must be there, alternatives separated by "|". Raises Invalid for a file
    that cannot be read, and for a wrong header.
    """
    table = _sheet(path) if path.suffix.lower() == ".xlsx" else _csv(path)
    header = [_column(cell) for cell in next(table, [])]
    _check_header(path, header, needed)
    for number, cells in enumerate(table, start=2):
        told = dict(zip(header, (cell.strip() for cell in cells), strict=False))
        if any(told.values()):
            yield number, dict.fromkeys(header, "") | told


def opened(path: Path) -> Path:
    """The path, where there is a file. Raises Invalid."""
    if not path.is_file():
        raise Invalid(f"There is no file {path}.", rule="file-exists", field="file")
    return path


def _csv(path: Path) -> Iterator[list[str]]:
    try:
        with opened(path).open(encoding="utf-8-sig", newline="") as stream:
            first = stream.readline()
            delimiter = max(_DELIMITERS, key=first.count)
            yield from csv.reader(_again(first, stream), delimiter=delimiter)
    except UnicodeDecodeError:
        raise Invalid(
            f"{path.name} is not text in UTF-8. Save it as CSV UTF-8, or as XLSX.",
            rule="utf-8",
            field="file",
            accepted="CSV in UTF-8, or XLSX",
        ) from None
    except csv.Error as error:
        raise Invalid(
            f"{path.name} is not a CSV file that can be read: {error}.",
            rule="readable-csv",
            field="file",
            accepted="CSV in UTF-8, or XLSX",
        ) from None


def _again(first: str, stream: io.TextIOBase) -> Iterator[str]:
    yield first
    yield from stream


def _sheet(path: Path) -> Iterator[list[str]]:
    """The first sheet of a workbook, read row by row."""
    # Only here: reading workbooks is rare, and loading this takes a third of a second.
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(opened(path), read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, ValueError):
        raise Invalid(
            f"{path.name} is not an XLSX workbook. Save it anew as XLSX, or as CSV UTF-8.",
            rule="readable-xlsx",
            field="file",
            accepted="CSV in UTF-8, or XLSX",
        ) from None
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # some programs write a wrong size, and rows would be lost
        for cells in sheet.iter_rows(values_only=True):
            yield [_text(cell) for cell in cells]
    finally:
        book.close()


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return (cell.date() if cell.time() == datetime.min.time() else cell).isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _column(cell: str) -> str:
    return "_".join(cell.strip().casefold().split())


def _check_header(path: Path, header: Iterable[str], needed: Sequence[str]) -> None:
    header = list(header)
    missing = [each for each in needed if not set(each.split("|")) & set(header)]
    if not missing:
        return
    words = ", ".join(each.replace("|", " or ") for each in missing)
    found = ", ".join(filter(None, header)) or "nothing"
    raise Invalid(
        f"The first row of {path.name} must name the columns; {words} is missing. "
        f"It says: {found[:200]}.",
        rule="header",
        field="file",
        accepted=", ".join(each.replace("|", " or ") for each in needed),
    )
