"""OCDS files: where releases stand in them, and what they say together."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from services.imports.json_files import Unreadable
from services.imports.ocds import Release, day
from services.imports.ocds import releases as everything
from shared.errors import Invalid


def releases(path: Path) -> list[Release]:
    found = list(everything(path))
    assert not [each for each in found if isinstance(each, Unreadable)]
    return [each for each in found if isinstance(each, Release)]


def unreadable(path: Path) -> list[str]:
    return [each.reason for each in everything(path) if isinstance(each, Unreadable)]


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
        {"ocid": "ocds-1", "releases": [{"url": "x"}], "compiledRelease": release()},
        [release()],
        [{"releases": [release()]}],
        json.dumps(release()) + "\n\n",
    ],
    ids=[
        "release package",
        "compiled record",
        "record with releases",
        "bare release",
        "bare record",
        "array",
        "array of packages",
        "one line",
    ],
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
        ("2025-06-30T23:30:00Z", "2025-06-30"),
        ("2026-04-01T00:00:00+03:00", "2026-04-01"),
        ("2026-04-01T23:59:60-12:00", "2026-04-01"),
        ("20260401", "None"),
        ("2026-02-30", "None"),
        ("2026-03-13", "2026-03-13"),
        ("2026-03-13T10:00:00", "2026-03-13"),
        ("13/03/2026", "None"),
        (7, "None"),
        (None, "None"),
    ],
)
def test_a_date_is_read_as_its_publisher_wrote_it(told, expected):
    assert str(day(told)) == expected


@pytest.mark.row("C15")
def test_each_line_of_json_lines_is_a_document_and_a_bad_one_costs_itself_alone(file):
    lines = [json.dumps(release("a")), "{broken", json.dumps({"releases": [release("b")]}), "7"]
    found = list(everything(file("\n".join(lines))))
    assert [each.ocid for each in found if isinstance(each, Release)] == ["a", "b"]
    assert [each.place for each in found if isinstance(each, Unreadable)] == ["line 2", "line 4"]


@pytest.mark.row("C15")
def test_a_versioned_release_is_read_as_it_stood_in_the_end(file):
    versions = [
        {"releaseDate": "2026-02-01T00:00:00Z", "value": "active"},
        {"releaseDate": "2026-01-01T00:00:00Z", "value": "pending"},
    ]
    versioned = {"contracts": [{"id": "c", "status": versions}]}
    record = {"ocid": "ocds-1", "versionedRelease": versioned}
    (found,) = releases(file({"records": [record]}))
    assert found.merged["contracts"] == [{"id": "c", "status": "active"}]
    assert str(found.published_at) == "2026-02-01 00:00:00+00:00"


@pytest.mark.row("C15")
@pytest.mark.parametrize(
    ("document", "word"),
    [
        ({"releases": [{"id": "r", "contracts": []}]}, "no ocid"),
        ({"releases": [release() | {"ocid": None}]}, "no ocid"),
        ({"releases": [release() | {"ocid": "  "}]}, "no ocid"),
        ({"releases": [{"url": "https://example.org/r.json"}]}, "Only a link"),
        ({"records": [{"ocid": "o", "releases": [{"url": "https://x.org"}]}]}, "Only a link"),
        ({"records": [{"ocid": "o"}]}, "no release"),
        ({"releases": []}, "no release"),
        ({"records": []}, "no record"),
        ({"releases": [7]}, "not an object"),
        ([release(), {"a": 1}], "neither"),
    ],
)
def test_what_is_no_release_is_named(file, document, word):
    (reason, *_) = unreadable(file(document))
    assert word in reason


@pytest.mark.row("C15")
@pytest.mark.parametrize(
    ("document", "word"),
    [
        ('{"ocid": "1", "ocid": "2"}', "'ocid' twice"),
        ('{"ocid": "1", "contracts": [{"id": 1, "id": 2}]}', "'id' twice"),
        ('{"ocid": "1", "title": "a\\ud800b"}', "surrogate"),
        ("", "not JSON"),
        ('{"a":' * 100_000, "deeply"),
    ],
)
def test_json_that_can_be_read_in_two_ways_or_in_none_is_refused(file, document, word):
    with pytest.raises(Invalid) as refused:
        list(everything(file(document)))
    assert word in refused.value.message


@pytest.mark.row("C15")
@pytest.mark.parametrize(
    ("content", "word"),
    [
        (json.dumps(release()).encode("utf-16"), "UTF-16"),
        (b'{"ocid": "caf\xe9"}', "not text in UTF-8"),
    ],
)
def test_another_encoding_is_named(tmp_path, content, word):
    path = tmp_path / "release.json"
    path.write_bytes(content)
    with pytest.raises(Invalid) as refused:
        list(everything(path))
    assert word in refused.value.message


@pytest.mark.row("C15")
def test_a_byte_order_mark_is_no_obstacle(tmp_path):
    path = tmp_path / "release.json"
    path.write_bytes(json.dumps(release()).encode("utf-8-sig"))
    assert len(releases(path)) == 1


@pytest.mark.row("C15")
def test_of_two_releases_of_one_moment_the_later_in_the_file_counts(file):
    both = [release(contracts=[{"id": "c"}, {"id": "d"}]), release(contracts=[{"id": "c"}])]
    first, second = releases(file({"releases": both}))
    assert [set(first.superseded), set(second.superseded)] == [{"c"}, set()]


def merged(file, before: dict[str, Any], later: dict[str, Any]) -> dict[str, Any]:
    found = releases(file([release(**before), release(date="2026-02-01T00:00:00Z", **later)]))
    return found[-1].merged


K, N = {"name": "King's"}, {"name": "Newcastle"}


@pytest.mark.row("C15")
@pytest.mark.parametrize(
    ("before", "later", "after"),
    [
        ([K], [N], [N]),
        ([K], [K], [K]),
        ([K | {"id": 1}], [N | {"id": "1"}], [N | {"id": "1"}]),
        ([K | {"id": 1}], [N | {"id": 2}], [K | {"id": 1}, N | {"id": 2}]),
        ([K | {"id": 1}], [], [K | {"id": 1}]),
        ([K], [], [K]),
        ([K], None, "taken away"),
        ([K], N, N),
        ([K], "unsaid", [K]),
    ],
)
def test_arrays_are_merged_as_their_objects_allow(file, before, later, after):
    told = {} if later == "unsaid" else {"suppliers": later}
    assert merged(file, {"suppliers": before}, told).get("suppliers", "taken away") == after


@pytest.mark.row("C15")
def test_an_empty_array_replaces_words_and_what_is_replaced_whole(file):
    before = {"relatedLots": ["1"], "additionalIdentifiers": [{"id": "1"}]}
    empty: dict[str, Any] = {name: [] for name in before}
    after = merged(file, before, empty)
    assert {name: after[name] for name in before} == empty
