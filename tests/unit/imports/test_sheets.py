"""CSV and XLSX as rows of text by column."""

from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

from services.imports.countries import country_code
from services.imports.sheets import rows
from shared.errors import Invalid


def written(folder: Path, content: str | bytes, name: str = "list.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.row("P1")
def test_rows_carry_the_number_that_a_spreadsheet_shows(tmp_path):
    path = written(tmp_path, "name,country\nA,JO\n\n,\nB,EG\n")
    assert list(rows(path, needed=["name"])) == [
        (2, {"name": "A", "country": "JO"}),
        (5, {"name": "B", "country": "EG"}),
    ]


@pytest.mark.row("P1")
@pytest.mark.parametrize("content", ["\ufeffName ; Country\nA;JO\n", "COUNTRY\tname\nJO\tA\n"])
def test_the_delimiter_and_the_order_of_the_columns_do_not_matter(tmp_path, content):
    assert list(rows(written(tmp_path, content), needed=["name", "country"])) == [
        (2, {"name": "A", "country": "JO"})
    ]


@pytest.mark.row("P1")
def test_a_row_that_is_too_short_has_empty_cells(tmp_path):
    assert list(rows(written(tmp_path, "name,country\nA\n"), needed=["name"])) == [
        (2, {"name": "A", "country": ""})
    ]


@pytest.mark.row("P1")
def test_a_wrong_header_is_refused_and_says_what_is_expected(tmp_path):
    with pytest.raises(Invalid) as refused:
        list(rows(written(tmp_path, "nom,pays\nA,JO\n"), needed=["name", "country_code|country"]))
    assert "name, country_code or country is missing" in refused.value.message
    assert "nom, pays" in refused.value.message


@pytest.mark.row("P1")
@pytest.mark.parametrize(
    ("content", "name", "word"),
    [
        ("name\nZürich".encode("utf-16-le"), "list.csv", "UTF-8"),
        (b"no workbook", "list.xlsx", "XLSX"),
        (b"", "list.csv", "missing"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(tmp_path, content, name, word):
    with pytest.raises(Invalid) as refused:
        list(rows(written(tmp_path, content, name), needed=["name"]))
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
    assert list(rows(tmp_path / "list.xlsx", needed=["name"])) == [
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
