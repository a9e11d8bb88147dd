"""OCDS files: where releases stand in them, and what they say together."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.imports.ocds import day, releases
from shared.errors import Invalid

LONDON = ZoneInfo("Europe/London")


@pytest.fixture
def file(tmp_path: Path):
    def write(document: Any) -> Path:
        path = tmp_path / "release.json"
        path.write_text(document if isinstance(document, str) else json.dumps(document))
        return path

    return write


def release(ocid: str = "ocds-1", date: str = "2026-01-01T00:00:00Z", **told: Any) -> dict:
    return {"ocid": ocid, "id": f"{ocid}-{date}", "date": date, **told}


@pytest.mark.row("C15")
@pytest.mark.parametrize(
    "document",
    [
        {"releases": [release()]},
        {"records": [{"ocid": "ocds-1", "compiledRelease": release()}]},
        {"records": [{"ocid": "ocds-1", "releases": [release()]}]},
        release(),
    ],
    ids=["release package", "compiled record", "record with releases", "bare release"],
)
def test_releases_are_found_wherever_a_publisher_puts_them(file, document):
    assert [each.ocid for each in releases(file(document))] == ["ocds-1"]


@pytest.mark.row("C15")
def test_releases_come_in_the_order_of_their_dates(file):
    package = {"releases": [release("b", "2026-02-01T00:00:00Z"), release("a")]}
    assert [each.ocid for each in releases(file(package))] == ["a", "b"]


@pytest.mark.row("C15")
def test_a_later_release_says_only_what_is_new(file):
    first = release(buyer={"id": "1", "name": "Council"}, contracts=[{"id": "c", "title": "Exam"}])
    later = release(date="2026-02-01T00:00:00Z", contracts=[{"id": "c", "status": "active"}])
    *_, last = releases(file({"releases": [first, later]}))
    assert last.merged["buyer"]["name"] == "Council"
    assert last.merged["contracts"] == [{"id": "c", "title": "Exam", "status": "active"}]


@pytest.mark.row("C15")
def test_null_takes_away_what_was_said_before(file):
    later = release(date="2026-02-01T00:00:00Z", buyer=None)
    *_, last = releases(file({"releases": [release(buyer={"name": "Council"}), later]}))
    assert "buyer" not in last.merged


@pytest.mark.row("C15")
def test_amounts_keep_every_digit(file):
    (found,) = releases(file('{"ocid": "1", "amount": 80293796.1234567890123}'))
    assert found.told["amount"] == Decimal("80293796.1234567890123")


@pytest.mark.row("C15")
@pytest.mark.parametrize(
    ("document", "word"),
    [("{", "not JSON"), ("[]", "not OCDS"), ('{"a": 1}', "not OCDS"), ("[" * 100_000, "deeply")],
)
def test_a_file_that_is_no_ocds_is_refused_in_words(file, document, word):
    with pytest.raises(Invalid) as refused:
        list(releases(file(document)))
    assert word in refused.value.message


@pytest.mark.row("C15")
def test_a_file_that_is_not_there_is_refused_in_words(tmp_path):
    with pytest.raises(Invalid) as refused:
        list(releases(tmp_path / "none.json"))
    assert "There is no file" in refused.value.message


@pytest.mark.row("C15")
@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("2026-03-13T00:00:00Z", "2026-03-13"),
        ("2025-06-30T23:59:59+01:00", "2025-06-30"),
        ("2025-06-30T23:30:00Z", "2025-07-01"),  # half past midnight in London
        ("2026-03-13", "2026-03-13"),
        ("2026-03-13T10:00:00", "2026-03-13"),
        ("13/03/2026", "None"),
        (7, "None"),
        (None, "None"),
    ],
)
def test_a_moment_with_an_offset_is_the_offices_date(told, expected):
    assert str(day(told, LONDON)) == expected
