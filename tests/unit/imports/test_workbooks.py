"""XLSX: cells as they are shown; what is too large, or made to do harm, is not opened."""

import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from services.imports.number_formats import currency_shown, shown
from services.imports.published import written_money
from services.imports.report import Outcome, of_unreadable
from services.imports.sheets import Columns, NumberCell, Row, UnreadableRow, _letters, remarks, rows
from shared.errors import Invalid

NAMES = Columns(("name",), ("aliases", "value"), names=("name", "aliases"))
MIDNIGHT = datetime.fromisoformat("2026-09-01T00:00:00")  # as workbooks have it, without zone

pytestmark = pytest.mark.row("C15")


def saved(folder: Path, *table: list[Any], book: Workbook | None = None) -> Path:
    book = book or Workbook()
    sheet = book.active
    assert sheet is not None
    for row in table:
        sheet.append(row)
    book.save(folder / "list.xlsx")
    return folder / "list.xlsx"


def good(path: Path, needed: list[str]) -> list[Row]:
    """The rows, none of which is refused."""
    return [row for row in rows(path, Columns(needed)) if not isinstance(row, UnreadableRow)]


def repacked(path: Path, **replaced: bytes) -> Path:
    """The workbook with parts put in place of its own, by the last part of their names."""
    with zipfile.ZipFile(path) as archive:
        parts = {each: archive.read(each) for each in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        parts.setdefault("xl/sharedStrings.xml", b"<sst/>")
        for name, content in parts.items():
            word = name.rpartition("/")[2].removesuffix(".xml")
            archive.writestr(name, replaced.get(word, content))
    return path


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (59.970000000000006, "General", "59.97"),
        (0.30000000000000004, "General", "0.3"),
        (59.970000000000006, "0.00", "59.97"),
        (1 / 3, "0.00", "0.33"),
        (2.675, "0.00", "2.68"),
        (125000.5, "#,##0.00", "125000.50"),
        (125000.5, '#,##0.00\\ "€"', "125000.50"),
        (125000.5, "[$£-809]#,##0.00", "125000.50"),
        (-5.5, "#,##0.00_);(#,##0.00)", "-5.50"),
        (0, '0.00;-0.00;"none"', "0"),
        (1234.567, "0.000", "1234.567"),
        (7, "00000", "00007"),
        (0.5, "#.##", "0.5"),
        (0.15, "0%", "15%"),
        (125000, "0.00E+00", "125000"),
        (1e14, "General", "100000000000000"),
        (0.00001, "General", "0.00001"),
        (1234.5, "[<1000]0;0.0", "1234.5"),
    ],
)
def test_a_number_is_read_as_its_cell_shows_it(value, number_format, text):
    assert shown(value, number_format) == text


@pytest.mark.parametrize(
    ("value", "number_format"), [(1e15, "General"), (10**16, "0"), (125000, "#,##0,")]
)
def test_a_number_that_is_not_kept_or_shown_in_full_is_refused(value, number_format):
    with pytest.raises(Invalid):
        shown(value, number_format)


def test_a_number_is_told_from_text_that_looks_like_one(tmp_path):
    path = saved(tmp_path, ["name", "value"], ["a", 125.5], ["b", "125.5"])
    kinds = [type(row["value"]) for _, row in good(path, needed=["name"])]
    assert kinds == [NumberCell, str]


@pytest.mark.parametrize("epoch", [None, CALENDAR_MAC_1904])
def test_dates_are_the_same_in_both_calendars_of_workbooks(tmp_path, epoch):
    book = Workbook()
    if epoch:
        book.epoch = epoch
    path = saved(tmp_path, ["name", "on"], ["a", date(2026, 9, 1)], ["b", MIDNIGHT], book=book)
    assert [row["on"] for _, row in good(path, needed=["name"])] == ["2026-09-01"] * 2


def test_cells_that_hold_errors_cost_their_rows_alone(tmp_path):
    path = saved(tmp_path, ["name", "value"], ["a", "#REF!"], ["b", "=A1*2"], ["c", 5], ["d", None])
    found = list(rows(path, Columns(["name"], ["value"])))
    refused = [each.reason for each in found if isinstance(each, UnreadableRow)]
    assert ["#REF!" in refused[0], "calculate" in refused[1]] == [True, True]
    assert [row[1]["name"] for row in found if isinstance(row, tuple)] == ["c", "d"]


def test_of_several_sheets_the_first_visible_one_is_read_and_named(tmp_path):
    book = Workbook()
    book.create_sheet("Notes")
    hidden = book.create_sheet("Old", 0)
    hidden.sheet_state = "hidden"
    hidden.append(["name"])
    book.active = 1
    path = saved(tmp_path, ["name"], ["A"], book=book)
    assert [row["name"] for _, row in good(path, needed=["name"])] == ["A"]
    assert remarks(path, NAMES) == ["Read from the sheet 'Sheet'; not read: Old (hidden), Notes."]


def test_a_workbook_with_one_sheet_needs_no_remark(tmp_path):
    assert remarks(saved(tmp_path, ["name"]), NAMES) == []


@pytest.mark.parametrize(
    ("part", "size"),
    [("sheet1", 110_000_000), ("sharedStrings", 110_000_000), ("styles", 5_000_000)],
)
def test_a_small_file_that_unpacks_to_much_is_not_opened(tmp_path, part, size):
    path = repacked(saved(tmp_path, ["name"], ["A"]), **{part: b"<x>" + b" " * size})
    assert path.stat().st_size < 300_000
    with pytest.raises(Invalid) as refused:
        list(rows(path, Columns(["name"])))
    assert refused.value.rule == "workbook-size"


def test_a_part_packed_beyond_reason_is_not_opened(tmp_path):
    path = repacked(saved(tmp_path, ["name"], ["A"]), sheet1=b"<x>" + b" " * 9_000_000)
    with pytest.raises(Invalid) as refused:
        list(rows(path, Columns(["name"])))
    assert refused.value.rule == "workbook-size"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("part", ["sheet1", "sharedStrings", "workbook", "styles"])
def test_a_workbook_that_declares_entities_is_not_opened(tmp_path, part, encoding):
    bomb = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE x [<!ENTITY a "ha">]><x>&a;</x>'
    path = repacked(saved(tmp_path, ["name"], ["A"]), **{part: bomb.encode(encoding)})
    with pytest.raises(Invalid) as refused:
        list(rows(path, Columns(["name"])))
    assert refused.value.rule == "workbook-entities"


@pytest.mark.parametrize("part", ["workbook", "styles"])
def test_a_damaged_workbook_is_refused_in_words(tmp_path, part):
    path = repacked(saved(tmp_path, ["name"], ["A"]), **{part: b"<broken"})
    with pytest.raises(Invalid) as refused:
        list(rows(path, Columns(["name"])))
    assert refused.value.rule == "readable-xlsx"


def test_a_sheet_damaged_half_way_gives_the_rows_before(tmp_path):
    path = saved(tmp_path, ["name"], ["A"], ["B"])
    with zipfile.ZipFile(path) as archive:
        whole = archive.read("xl/worksheets/sheet1.xml")
    path = repacked(path, sheet1=whole[: whole.index(b'<row r="3"')] + b"<row r='3'><c")
    first, end = rows(path, Columns(["name"]))
    assert first == (2, {"name": "A"})
    assert isinstance(end, UnreadableRow)


def test_a_row_number_beyond_all_rows_ends_the_reading(tmp_path):
    path = saved(tmp_path, ["name"], ["A"], ["B"])
    with zipfile.ZipFile(path) as archive:
        whole = archive.read("xl/worksheets/sheet1.xml")
    path = repacked(path, sheet1=whole.replace(b'r="3"', b'r="99999999999"'))
    *_, end = rows(path, Columns(["name"]))
    assert isinstance(end, UnreadableRow)


@pytest.mark.parametrize(
    ("parts", "what"),
    [
        ({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}, "OpenDocument"),
        ({"xl/workbook.xml": b"", "xl/vbaProject.bin": b""}, "macros"),
        ({"xl/workbook.bin": b""}, "binary"),
        ({"word/document.xml": b""}, "Word"),
        ({"Index/Document.iwa": b""}, "Numbers"),
        ({"list.csv": b""}, "ZIP"),
    ],
)
@pytest.mark.parametrize("name", ["list.xlsx", "list.csv", "list.ods"])
def test_an_archive_of_another_kind_is_named(tmp_path, parts, what, name):
    path = tmp_path / name
    with zipfile.ZipFile(path, "w") as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    with pytest.raises(Invalid) as refused:
        list(rows(path, Columns(["name"])))
    assert what in refused.value.message


def test_a_workbook_called_csv_is_read_all_the_same(tmp_path):
    path = saved(tmp_path, ["name"], ["A"]).rename(tmp_path / "list.csv")
    assert [row["name"] for _, row in good(path, needed=["name"])] == ["A"]


def new_book() -> tuple[Workbook, Any]:
    book = Workbook()
    return book, book.active


def refused_and_skipped(path: Path) -> list[tuple[int, str, bool]]:
    found = [each for each in rows(path, NAMES) if isinstance(each, UnreadableRow)]
    return [(each.number, each.reason, each.is_hidden) for each in found]


def with_rows_and_columns_hidden(folder: Path) -> Path:
    book, sheet = new_book()
    sheet.append(["name", "region", "value"])
    for number in range(2, 10):
        sheet.append([f"University {number}", "north", number])
    for number in (3, 5, 6, 7):
        sheet.row_dimensions[number].hidden = True
    sheet.row_dimensions[9].hidden = True
    for letter in "BC":
        sheet.column_dimensions[letter].hidden = True
    return saved(folder, book=book)


def test_hidden_rows_are_not_imported_but_named(tmp_path):
    path = with_rows_and_columns_hidden(tmp_path)
    assert [number for number, _ in good(path, ["name"])] == [2, 4, 8]
    hidden = refused_and_skipped(path)
    assert [(number, is_hidden) for number, _, is_hidden in hidden] == [
        (3, True), (5, True), (6, True), (7, True), (9, True),
    ]  # fmt: skip
    assert "Show it" in hidden[0][1]
    assert of_unreadable(path, UnreadableRow(3, "", is_hidden=True)).outcome is Outcome.SKIPPED


def test_what_is_hidden_is_said_before_the_rows(tmp_path):
    assert remarks(with_rows_and_columns_hidden(tmp_path), NAMES) == [
        "Hidden and not read: rows 3, 5–7, 9. Show them to import them.",
        "Hidden, but read: column C (value).",
    ]


def test_a_hidden_header_still_names_the_columns_and_empty_hidden_rows_do_not_matter(tmp_path):
    book, sheet = new_book()
    sheet.append(["name"])
    sheet.append(["A"])
    sheet.row_dimensions[1].hidden = sheet.row_dimensions[5].hidden = True
    path = saved(tmp_path, book=book)
    assert list(rows(path, NAMES)) == [(2, {"name": "A"})]


@pytest.mark.parametrize("spelt", [b'hidden="true"', b"hidden='1'", b'hidden = "1"', b'ht="0"'])
def test_rows_are_hidden_however_a_program_writes_it(tmp_path, spelt):
    cell = b'<c r="A%d" t="inlineStr"><is><t>%s</t></is></c>'
    xml = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1">' + cell % (1, b"name") + b"</row>"
        b'<row r="2" ' + spelt + b">" + cell % (2, b"A") + b"</row>"
        b"<row>" + cell % (3, b"B") + b"</row></sheetData></worksheet>"
    )
    path = repacked(saved(tmp_path, ["name"]), sheet1=xml)
    assert [each[0] for each in refused_and_skipped(path)] == [2]
    assert [number for number, _ in good(path, ["name"])] == [3]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (42, "The cell A2 holds the number 42, not a name."),
        (1910.5, "the number 1910.5"),
        (date(2026, 3, 4), "the date or time 2026-03-04"),
        (time(9, 30), "the date or time 09:30:00"),
        (timedelta(hours=30), "the date or time 1 day, 6:00:00"),
        (True, "the truth value TRUE"),
        ("FALSE", "the truth value FALSE"),
    ],
)
def test_a_name_that_is_none_is_refused_with_its_cell(tmp_path, value, said):
    path = saved(tmp_path, ["name", "value"], [value, 5], ["42", True], ["École 42", 42])
    ((number, reason, _),) = refused_and_skipped(path)
    assert (number, said in reason) == (2, True)
    assert [row["name"] for _, row in good(path, ["name"])][-2:] == ["42", "École 42"]


def test_every_column_of_names_is_looked_at(tmp_path):
    path = saved(tmp_path, ["value", "name", "aliases"], [1, "A", 7])
    assert "C2" in refused_and_skipped(path)[0][1]
    assert _letters(28) == "AB"


def test_a_number_that_is_none_is_refused(tmp_path):
    with pytest.raises(Invalid):
        shown(float("nan"), "0.00")


@pytest.mark.parametrize(
    ("number_format", "currency"),
    [
        ('#,##0.00\\ "€"', "EUR"),
        ("[$€-2] #,##0.00", "EUR"),
        ("[$CHF-807] #,##0.00", "CHF"),
        ('#,##0.00 "JOD"', "JOD"),
        ("[$₹-4009] #,##0", "INR"),
        ("[$£-809]#,##0.00", ""),
        ("$#,##0.00", ""),
        ("[Red]#,##0.00", ""),
        ('0 "MIN"', ""),
        ("General", ""),
    ],
)
def test_the_currency_that_a_cell_shows(number_format, currency):
    assert currency_shown(number_format) == currency


@pytest.mark.parametrize(
    ("beside", "reason"),
    [
        ("EUR", ""),
        ("eur ", ""),
        ("GBP", "The cell shows 1000.50 EUR, and the currency is GBP."),
        ("", "the value has no currency"),
    ],
)
def test_an_amount_that_shows_another_currency_is_refused(tmp_path, beside, reason):
    book, sheet = new_book()
    sheet.append(["name", "value"])
    sheet.append(["A", 1000.5])
    sheet["B2"].number_format = "[$€-2] #,##0.00"
    ((_, row),) = good(saved(tmp_path, book=book), ["name"])
    assert written_money(row["value"], beside, settled=lambda: None)[1] == reason
