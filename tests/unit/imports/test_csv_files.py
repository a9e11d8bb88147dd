"""CSV as people save it: a bad row costs itself alone."""

from pathlib import Path

import pytest

from services.imports.sheets import Columns, UnreadableRow, rows
from shared.errors import Invalid

pytestmark = pytest.mark.row("C15")

NEEDED = ("name", "country_code")


def read(folder: Path, content: str | bytes, name: str = "list.csv", needed=NEEDED) -> list:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(rows(path, Columns(needed, ("website",))))


def names(found: list) -> list[str]:
    """The names that go in; of a refused row its number."""
    return [
        f"row {each.number} refused" if isinstance(each, UnreadableRow) else each[1]["name"]
        for each in found
    ]


def test_an_unclosed_quotation_mark_costs_the_row_where_it_opens(tmp_path):
    found = read(
        tmp_path,
        'name,country_code,website\n"Open Quote University,GB,\nSecond,GB,\nThird,GB,\n'
        '"Fourth",GB,\nFifth,GB,\n',
    )
    assert names(found) == ["row 2 refused", "Second", "Third", "Fourth", "Fifth"]
    assert "not closed" in found[0].reason
    assert "Open Quote University" in found[0].text


def test_an_unclosed_quotation_mark_on_the_last_row_costs_that_row(tmp_path):
    found = read(tmp_path, 'name,country_code\nFirst,GB\n"Last,GB\n')
    assert names(found) == ["First", "row 3 refused"]


def test_a_mark_that_a_later_row_happens_to_close_swallows_no_rows(tmp_path):
    found = read(tmp_path, 'name,country_code\n"A,GB\nB,GB\nC,GB\nD","GB"\n')
    assert names(found)[:3] == ["row 2 refused", "B", "C"]


def test_a_cell_may_run_over_lines_and_the_next_row_keeps_its_line_number(tmp_path):
    found = read(tmp_path, 'name,country_code,notes\nA,GB,"one\ntwo\nthree"\nB,GB,\n')
    assert [number for number, _ in found] == [2, 5]
    assert found[0][1]["notes"] == "one\ntwo\nthree"


def test_a_row_longer_than_its_header_is_refused_with_a_word_on_quoting(tmp_path):
    found = read(tmp_path, "country_code,name\nGB,Hospital of St Anne, Northgate\nGB,Other\n")
    assert names(found) == ["row 2 refused", "Other"]
    assert "quotation marks" in found[0].reason


def test_empty_cells_beyond_the_header_do_no_harm(tmp_path):
    assert names(read(tmp_path, "name,country_code, ,\nA,GB,,,,\n")) == ["A"]


def test_text_after_a_closing_quotation_mark_is_refused(tmp_path):
    found = read(tmp_path, 'name,country_code\n"A" and B,GB\nC,GB\n')
    assert names(found) == ["row 2 refused", "C"]


def test_quotation_marks_inside_a_name_stay(tmp_path):
    found = read(tmp_path, 'name,country_code\nUniversity "Al-Azhar",EG\n"The ""X"" Trust", GB\n')
    assert names(found) == ['University "Al-Azhar"', 'The "X" Trust']


@pytest.mark.parametrize(
    ("bad", "word"),
    [
        (b"Nul\x00School,JO", "NUL"),
        ("Universität,DE".encode("cp1252"), "Windows-1252"),
        (b"A" * 40_000 + b",JO", "32,767"),
        (b"A" * 1_500_000 + b",JO", "1,000,000"),
        (b'"' + b"A" * 200_000 + b'",JO', "32,767"),
        (b"#REF!,JO", "#REF!"),
        (b"=1+1,JO", "formula"),
    ],
)
def test_what_cannot_be_read_costs_its_row_alone(tmp_path, bad, word):
    found = read(tmp_path, b"name,country_code\nFirst,JO\n" + bad + b"\nLast,JO\n")
    assert names(found) == ["First", "row 3 refused", "Last"]
    assert word in found[1].reason


def test_bytes_of_windows_1252_are_shown_as_they_would_read(tmp_path):
    found = read(tmp_path, b"name,country_code\nUniversit\xe9 de Test,FR\n")
    assert "Université de Test" in found[0].reason


def test_a_problem_in_a_column_that_is_not_read_costs_nothing(tmp_path):
    assert names(read(tmp_path, "name,country_code,total\nA,GB,#REF!\n")) == ["A"]


def test_zeros_kept_the_way_of_spreadsheets_are_read(tmp_path):
    assert names(read(tmp_path, 'name,country_code\n="00123",GB\n')) == ["00123"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encodings_line_ends_and_delimiters_of_common_programs(tmp_path, encoding, end, delimiter):
    table = end.join(["name,country_code,website", "Zürich,CH,", "", "東京,JP,", ""])
    found = read(tmp_path, table.replace(",", delimiter).encode(encoding))
    assert [(number, row["name"]) for number, row in found] == [(2, "Zürich"), (4, "東京")]


def test_a_line_that_names_the_separator_is_no_header(tmp_path):
    assert names(read(tmp_path, "sep=;\nname;country_code\nA, B;GB\n")) == ["A, B"]


def test_empty_rows_above_the_header_are_passed_over(tmp_path):
    assert [number for number, _ in read(tmp_path, "\n,,\nname,country_code\nA,GB\n")] == [4]


def test_two_columns_of_one_name_are_refused(tmp_path):
    with pytest.raises(Invalid) as refused:
        read(tmp_path, "name,country_code,Name\nA,GB,B\n")
    assert refused.value.rule == "header-twice"


def test_two_columns_of_one_name_that_are_not_read_do_no_harm(tmp_path):
    assert names(read(tmp_path, "name,country_code,notes,notes\nA,GB,x,y\n")) == ["A"]


def test_utf_16_without_its_mark_is_named(tmp_path):
    with pytest.raises(Invalid) as refused:
        read(tmp_path, "name,country_code\nA,GB\n".encode("utf-16-le"))
    assert "UTF-16" in refused.value.message


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"%PDF-1.7", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "XLS"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"<html><table>", "web page"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"PK\x03\x04 broken", "damaged"),
    ],
)
@pytest.mark.parametrize("name", ["list.csv", "list.xlsx", "list.xls"])
def test_a_file_of_another_kind_is_named_whatever_its_name_says(tmp_path, content, what, name):
    with pytest.raises(Invalid) as refused:
        read(tmp_path, content, name)
    assert what in refused.value.message
