"""CSV: the rows of a text file, each read by itself, so that a bad one costs only itself."""

import csv
import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from services.imports.tables import (
    LONGEST_CELL,
    Cell,
    Problem,
    RawRow,
    UnreadableRow,
    not_there,
)

_DELIMITERS = ",;\t|"
#: The longest line that is read.
_LONGEST_LINE = 1_000_000
#: Lines over which a quoted cell may run.
_LONGEST_QUOTED = 50
#: Bytes that are not UTF-8, as Python's decoder marks them.
_UNDECODED = re.compile("[\udc80-\udcff]")

Line = tuple[int, str]


def rows(path: Path) -> Iterator[RawRow | UnreadableRow]:
    """The rows with the numbers of their first lines. Raises Invalid for what is not text.

    A row is refused alone: where its bytes are not UTF-8, where a quotation mark that it opens is
    not closed, where a character follows a closing one, and where it holds a NUL.
    """
    with path.open(encoding=_encoding(path), errors="surrogateescape", newline="") as stream:
        lines = _Lines(stream)
        delimiter = _delimiter(lines)
        width = 0
        for number, line in lines:
            row = _read(number, line, lines, delimiter, width)
            width = width or (len(row[1]) if isinstance(row, tuple) else 0)
            yield row


class _Lines:
    """The lines of a file with their numbers; those looked at ahead can be put back."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._waiting: deque[Line] = deque()
        self._number = 0

    def __iter__(self) -> Iterator[Line]:
        while line := self.next():
            yield line

    def next(self) -> Line | None:
        if self._waiting:
            return self._waiting.popleft()
        text = self._stream.readline(_LONGEST_LINE)
        if not text:
            return None
        self._number += 1
        if len(text) == _LONGEST_LINE:
            rest = text
            while rest and not rest.endswith(("\n", "\r")):
                rest = self._stream.readline(_LONGEST_LINE)
        return self._number, text

    def put_back(self, lines: list[Line]) -> None:
        self._waiting.extendleft(reversed(lines))


def _encoding(path: Path) -> str:
    with path.open("rb") as stream:
        start = stream.read(4096)
    if start.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        raise not_there(f"{path.name} is text in UTF-32. Save it as CSV UTF-8.", "utf-8")
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if start.count(0) > len(start) // 4:
        raise not_there(
            f"{path.name} looks like text in UTF-16 without a byte order mark. "
            "Save it as CSV UTF-8, or as XLSX.",
            "utf-8",
        )
    return "utf-8-sig"


def _delimiter(lines: _Lines) -> str:
    """What parts the cells: as a line `sep=;` says, else what the header has most of."""
    line = lines.next()
    while line and not line[1].strip():
        line = lines.next()
    if line is None:
        return ","
    said = re.fullmatch(r'"?sep=(.)"?', line[1].strip("\r\n"), re.IGNORECASE)
    if said:
        return said[1]
    lines.put_back([line])
    outside = re.sub(r'"[^"]*"', "", line[1])
    return max(_DELIMITERS, key=outside.count)


def _read(
    number: int, line: str, lines: _Lines, delimiter: str, width: int
) -> RawRow | UnreadableRow:
    reason = _unreadable(line)
    if reason:
        return UnreadableRow(number, reason, text=_shortened(line))
    if '"' not in line:
        return number, [_cell(each) for each in line.rstrip("\r\n").split(delimiter)]
    cells, reason = _quoted(line, lines, delimiter, width)
    if reason:
        return UnreadableRow(number, reason, text=_shortened(line))
    return number, [_cell(each) for each in cells]


def _unreadable(line: str) -> str:
    if len(line) >= _LONGEST_LINE:
        return f"The line has more than {_LONGEST_LINE:,} characters."
    if "\x00" in line:
        return "The row contains an invalid character (NUL)."
    undecoded = _UNDECODED.search(line)
    if undecoded:
        read_as = line.encode("utf-8", "surrogateescape").decode("cp1252", "replace")
        around = read_as[max(0, undecoded.start() - 15) : undecoded.start() + 15].strip()
        return (
            f"The row is not text in UTF-8. In Windows-1252 it would read {around!r}: if that is "
            "right, save the file as CSV UTF-8, or as XLSX."
        )
    return ""


def _quoted(line: str, lines: _Lines, delimiter: str, width: int) -> tuple[list[str], str]:
    """The cells of a row with quotation marks, which may run on; or why it cannot be read.

    Lines that turn out to be rows of their own are put back.
    """
    text, ahead = line, list[Line]()
    while True:
        try:
            cells = next(
                csv.reader([text], delimiter=delimiter, strict=True, skipinitialspace=True), []
            )
        except csv.Error as error:
            if "unexpected end" not in str(error):
                break
        else:
            if _are_rows(ahead[:-1], delimiter, width):
                break
            return cells, ""
        following = lines.next() if len(ahead) < _LONGEST_QUOTED else None
        if following is None:
            break
        ahead.append(following)
        text += following[1]
    lines.put_back(ahead)
    return [], _why_not(line, delimiter)


def _are_rows(between: list[Line], delimiter: str, width: int) -> bool:
    """Whether the lines inside a quoted cell look like rows that a forgotten mark swallowed."""
    return bool(between) and all(text.count(delimiter) + 1 >= width > 1 for _, text in between)


def _why_not(line: str, delimiter: str) -> str:
    try:
        next(csv.reader([line], delimiter=delimiter, strict=True, skipinitialspace=True), [])
    except csv.Error as error:
        if "field larger" in str(error):
            return f"A cell has more than {LONGEST_CELL:,} characters."
        if "unexpected end" not in str(error):
            return (
                "Text follows a closing quotation mark. Put the whole cell in quotation marks, and "
                "double those inside it."
            )
    return "A quotation mark is opened and not closed."


def _cell(text: str) -> Cell:
    if len(text) > LONGEST_CELL:
        return Problem(f"The cell has more than {LONGEST_CELL:,} characters.")
    return text


def _shortened(line: str) -> str:
    """The line as it can be shown: without what cannot be, and not too long."""
    return _UNDECODED.sub("\ufffd", line).replace("\x00", "\ufffd").strip()[:80]
