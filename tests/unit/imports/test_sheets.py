"""CSV and XLSX as rows of text by column."""

import os
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

from services.imports import tables
from services.imports.countries import country_code
from services.imports.sheets import Columns, UnreadableRow, rows
from shared.errors import Invalid


def written(folder: Path, content: str | bytes, name: str = "list.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.row("P1")
def test_rows_carry_the_number_that_a_spreadsheet_shows(tmp_path):
    path = written(tmp_path, "name,country\nA,JO\n\n,\nB,EG\n")
    assert list(rows(path, Columns(["name"]))) == [
        (2, {"name": "A", "country": "JO"}),
        (5, {"name": "B", "country": "EG"}),
    ]


@pytest.mark.row("P1")
@pytest.mark.parametrize("content", ["\ufeffName ; Country\nA;JO\n", "COUNTRY\tname\nJO\tA\n"])
def test_the_delimiter_and_the_order_of_the_columns_do_not_matter(tmp_path, content):
    assert list(rows(written(tmp_path, content), Columns(["name", "country"]))) == [
        (2, {"name": "A", "country": "JO"})
    ]


@pytest.mark.row("P1")
def test_a_row_that_is_too_short_has_empty_cells(tmp_path):
    assert list(rows(written(tmp_path, "name,country\nA\n"), Columns(["name"]))) == [
        (2, {"name": "A", "country": ""})
    ]


@pytest.mark.row("P1")
def test_a_wrong_header_is_refused_and_says_what_is_expected(tmp_path):
    with pytest.raises(Invalid) as refused:
        list(rows(written(tmp_path, "nom,pays\nA,JO\n"), Columns(["name", "country_code|country"])))
    assert "name, country_code or country is missing" in refused.value.message
    assert "nom, pays" in refused.value.message


@pytest.mark.row("P1")
@pytest.mark.parametrize(
    ("content", "name", "word"),
    [
        ("name\nZürich".encode("utf-16-le"), "list.csv", "UTF-8"),
        (b"no workbook", "list.xlsx", "XLSX"),
        (b" \n", "list.csv", "missing"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(tmp_path, content, name, word):
    with pytest.raises(Invalid) as refused:
        list(rows(written(tmp_path, content, name), Columns(["name"])))
    assert word in refused.value.message


@pytest.mark.row("P1")
def test_a_workbook_is_read_as_a_table_of_the_same_text(tmp_path):
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["name", "value", "starts_on"])
    sheet.append(["الجامعة", 125000.0, date(2026, 9, 1)])
    sheet.append([None, None, None])
    sheet.append(["B", 0.5, None])
    book.save(tmp_path / "list.xlsx")
    assert list(rows(tmp_path / "list.xlsx", Columns(["name"]))) == [
        (2, {"name": "الجامعة", "value": "125000", "starts_on": "2026-09-01"}),
        (4, {"name": "B", "value": "0.5", "starts_on": ""}),
    ]


@pytest.mark.row("P1")
@pytest.mark.parametrize(
    ("told", "code"),
    [
        ("JO", "JO"),
        ("jo", "JO"),
        ("Jordan", "JO"),
        ("United Kingdom", "GB"),
        ("UK", "GB"),
        ("XK", "XK"),
        ("Kosovo", "XK"),
        ("Viet Nam", "VN"),
        ("Atlantis", "Atlantis"),
        ("", ""),
    ],
)
def test_a_country_is_known_by_its_code_and_its_names(told, code):
    assert country_code(told) == code


@pytest.mark.row("P1")
@pytest.mark.parametrize(
    ("header", "meant"),
    [
        ("nmae,country", "name for nmae"),
        ("Institution name;Country", "name for institution_name"),
        ("name,contry", "country for contry"),
        ("title,nation", ""),
    ],
)
def test_a_wrong_header_is_answered_with_the_nearest_right_names(tmp_path, header, meant):
    path = written(tmp_path, f"{header}\nA,JO\n")
    with pytest.raises(Invalid) as refused:
        list(rows(path, Columns(["name", "country_code|country"], ["website"])))
    assert (f"Did you mean {meant}?" in refused.value.message) == bool(meant)


@pytest.mark.row("P1")
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b'[{"name": "A"}]', "is JSON"),
        ("name,country\nA,JO\n".encode("utf-32"), "UTF-32"),
        (
            bytes.fromhex("d0cf11e0a1b11ae1")
            + b"\0" * 9000
            + "EncryptedPackage".encode("utf-16-le"),
            "protected by a password",
        ),
    ],
)
def test_a_file_of_another_kind_is_named(tmp_path, content, words):
    with pytest.raises(Invalid, match=words):
        list(rows(written(tmp_path, content), Columns(["name"])))


@pytest.mark.row("P1")
def test_what_is_no_file_is_named(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    for name, words in [
        ("", "is a folder"),
        ("pipe.csv", "is a pipe or a device"),
        ("a" * 300, "cannot be opened"),
        ("a\0b", "cannot be opened"),
        ("absent.csv", "There is no file"),
        ("pipe.csv/list.csv", "There is no file"),
    ]:
        with pytest.raises(Invalid, match=words):
            list(rows(tmp_path / name, Columns(["name"])))


@pytest.mark.row("P1")
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize(("last", "refused"), [("", 0), ("Far University", 1)])
def test_empty_rows_beyond_the_limit_do_not_matter_and_filled_ones_do(
    tmp_path, monkeypatch, kind, last, refused
):
    monkeypatch.setattr(tables, "MOST_ROWS", 3)
    path = tmp_path / f"list.{kind}"
    if kind == "csv":
        path.write_text(f"name,country\nA,JO\n,\n,\n,\n{last},\n")
    else:
        book = Workbook()
        sheet = book.worksheets[0]
        sheet.append(["name", "country"])
        sheet.append(["A", "JO"])
        sheet.cell(row=6, column=1, value=last or None).number_format = "0.00"
        book.save(path)
    read = list(rows(path, Columns(["name"])))
    assert read[0] == (2, {"name": "A", "country": "JO"})
    beyond = [row.number for row in read if isinstance(row, UnreadableRow)]
    assert (len(read), beyond) == (1 + refused, [6] * refused)
