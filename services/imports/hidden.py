"""What a workbook does not show of a sheet, as the XML of the sheet says it."""

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.parsers import expat

from services.imports.tables import MOST_COLUMNS

#: What hides a row or a column.
_HIDING = re.compile(rb"""hidden|(?:ht|width)=["']0[."']""")


@dataclass(frozen=True)
class Hidden:
    """Rows and columns of a sheet that its workbook does not show, by their numbers from 1."""

    rows: frozenset[int] = frozenset()
    columns: frozenset[int] = frozenset()


def hidden_in(path: Path, part: str) -> Hidden:
    """What a sheet hides. part: where it stands in the archive.

    Raises BadZipFile, KeyError or ValueError for a damaged one.
    """
    with zipfile.ZipFile(path) as archive:
        with archive.open(part) as stream:
            if not _mentions_hiding(stream):
                return Hidden()
        with archive.open(part) as stream:
            return _parsed(stream)


def _mentions_hiding(stream: Any) -> bool:
    """A quick look before the slow one: most sheets hide nothing."""
    before = b""
    while piece := stream.read(1 << 20):
        if _HIDING.search(before + piece):
            return True
        before = piece[-20:]
    return False


def _parsed(stream: Any) -> Hidden:
    rows, columns = set[int](), set[int]()
    latest = 0

    def look(name: str, told: dict[str, str]) -> None:
        nonlocal latest
        kind = name.rpartition(":")[2]
        if kind == "row":
            latest = int(told.get("r", latest + 1))
            if _is_hidden(told, "ht"):
                rows.add(latest)
        elif kind == "col" and _is_hidden(told, "width"):
            first, last = int(told["min"]), int(told["max"])
            columns.update(range(first, min(last, MOST_COLUMNS) + 1))

    parser = expat.ParserCreate()
    parser.StartElementHandler = look
    try:
        while piece := stream.read(1 << 16):
            parser.Parse(piece)
    except expat.ExpatError as error:
        raise ValueError(str(error)) from error
    return Hidden(frozenset(rows), frozenset(columns))


def _is_hidden(told: dict[str, str], size: str) -> bool:
    """Whether a row or a column is marked as hidden, or has no height or width."""
    return told.get("hidden") in ("1", "true") or (size in told and float(told[size]) == 0)
