"""What the readers of CSV files and of workbooks have in common: rows, and rows that are none."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from shared.errors import Invalid

#: The longest cell that is read; the longest that a spreadsheet can hold.
LONGEST_CELL = 32_767
#: More than any list of an office has. Empty rows that follow do not matter: spreadsheets format
#: whole columns.
MOST_ROWS = 200_000
#: The last row that a spreadsheet has.
LAST_ROW = 1_048_576
MOST_COLUMNS = 200

Row = tuple[int, dict[str, str]]


class NumberCell(str):
    """A number of a workbook as its cell shows it: digits with a decimal point.

    currency: the code of the one that its cell shows, where that can mean no other; or "".
    """

    __slots__ = ("currency",)

    currency: str

    def __new__(cls, digits: str, currency: str = "") -> "NumberCell":
        made = super().__new__(cls, digits)
        made.currency = currency
        return made


class DateCell(str):
    """A date, a moment or a time of a workbook, in ISO 8601."""

    __slots__ = ()


@dataclass(frozen=True)
class UnreadableRow:
    """A row that cannot be read; those after it can."""

    number: int
    reason: str
    column: str = ""
    #: The row as it stands in the file, shortened, so that it can be found.
    text: str = ""
    #: Whether it could be read but is not, because a workbook hides it.
    is_hidden: bool = False


@dataclass(frozen=True)
class Problem:
    """A cell that cannot be read; it costs its row only where its column is read."""

    reason: str


Cell = str | Problem
RawRow = tuple[int, list[Cell]]


def is_filled(cell: Cell) -> bool:
    return isinstance(cell, Problem) or bool(cell.strip())


def within_limits(
    table: Iterable[RawRow | UnreadableRow],
) -> Iterator[RawRow | UnreadableRow]:
    """The rows as far as they are read, then one that says that more were there."""
    for row in table:
        number = row.number if isinstance(row, UnreadableRow) else row[0]
        if number <= MOST_ROWS:
            yield row
        elif number > LAST_ROW or isinstance(row, UnreadableRow) or any(map(is_filled, row[1])):
            yield UnreadableRow(number, f"Only the first {MOST_ROWS:,} rows are read.")
            return


def not_there(message: str, rule: str) -> Invalid:
    return Invalid(message, rule=rule, field="file", accepted="CSV in UTF-8, or XLSX")
