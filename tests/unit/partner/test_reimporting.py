"""A source that comes again brings what it says anew, and reverts nothing."""

from typing import Any

import pytest

from tests.unit.partner.office import PartnerOffice, row
from tests.unit.partner.story import ROR

pytestmark = pytest.mark.row("P1")

TYPO = row("Univeristy of Typo", "TZ", website="http://typo.example.org/", aliases=["A", "B"])
OTHER_ROR = "https://ror.org/052gg0110"


def said(outcome: dict[str, Any]) -> tuple[str, str]:
    return outcome["outcome"], outcome["field"]


def institution_of(office: PartnerOffice, id: str) -> dict[str, Any]:
    institution: dict[str, Any] = office.shows(id)["institution"]
    return institution


def test_what_the_office_corrected_is_not_reverted_and_no_second_partner_is_made(office):
    (made,) = office.imports(TYPO)
    corrected = {
        "legal_name": "University of Typo",
        "website": "https://typo.example.org/en",
        "sector": "hospital",
        "country": "KE",
        "aliases": ["A"],
    }
    office.do("change_partner_details", id=made["partner_id"], **corrected)
    told = office.tells()

    (again,) = office.imports(TYPO)

    assert (said(again), again["partner_id"]) == (("unchanged", ""), made["partner_id"])
    kept = institution_of(office, made["partner_id"])
    assert {name: kept[name] for name in corrected} == corrected
    assert (len(office.listed()), office.tells()) == (1, told)


def test_the_same_rows_under_another_name_are_recognised_though_corrected(office):
    (made,) = office.imports(TYPO)
    office.do("change_partner_details", id=made["partner_id"], legal_name="University of Typo")
    (again,) = office.imports(TYPO, origin="copy of list.csv")
    assert (again["outcome"], again["partner_id"]) == ("duplicate", made["partner_id"])
    assert "PTR-2026-0001" in again["reason"]


def test_what_the_source_says_anew_does_not_overwrite_a_correction_and_is_reported(office):
    (made,) = office.imports(TYPO)
    office.do("change_partner_details", id=made["partner_id"], website="https://ours.example.org/")
    (again,) = office.imports(TYPO | {"website": "https://theirs.example.org/"})
    assert said(again) == ("unchanged", "website")
    assert "stays" in again["reason"]
    assert institution_of(office, made["partner_id"])["website"] == "https://ours.example.org/"


def test_what_the_source_says_anew_is_taken_where_nobody_has_touched_it(office):
    (made,) = office.imports(TYPO)
    (again,) = office.imports(TYPO | {"sector": "charity", "aliases": ["A", "B", "C"]})
    kept = institution_of(office, made["partner_id"])
    assert (again["outcome"], kept["sector"], kept["aliases"]) == (
        "changed",
        "charity",
        ["A", "B", "C"],
    )


def test_an_alias_that_the_office_removed_does_not_come_back_with_a_new_one(office):
    (made,) = office.imports(TYPO)
    office.do("change_partner_details", id=made["partner_id"], aliases=["A"])
    office.imports(TYPO | {"aliases": ["A", "B", "C"]})
    assert institution_of(office, made["partner_id"])["aliases"] == ["A", "C"]


def test_a_name_that_the_source_writes_otherwise_comes_along_by_its_ror_id(office):
    (made,) = office.imports(row("University College Lodon", "GB", ror=ROR))
    (again,) = office.imports(row("University College London", "GB", ror=ROR))
    assert (again["outcome"], again["partner_id"]) == ("changed", made["partner_id"])
    assert len(office.listed()) == 1


def test_the_other_spelling_is_remembered_for_the_next_time(office):
    office.imports(row("University College Lodon", "GB", ror=ROR))
    office.imports(row("University College London", "GB", ror=ROR))
    (again,) = office.imports(row("University College London", "GB", ror=ROR))
    assert again["outcome"] == "unchanged"


def test_an_empty_cell_takes_nothing_away(office):
    office.imports(TYPO)
    (again,) = office.imports(row("Univeristy of Typo", "TZ"))
    assert again["outcome"] == "unchanged"


@pytest.mark.row("P4")
@pytest.mark.parametrize("written", ["http://ror.org/02jx3x895/", "ror.org/02JX3X895", "02jx3x895"])
def test_a_register_id_is_matched_before_the_name(office, written):
    (made,) = office.imports(row("University College London", "GB", ror=ROR))
    (again,) = office.imports(row("UCL", "GB", ror=written), origin="other.csv")
    assert (said(again), again["partner_id"]) == (("duplicate", "ror"), made["partner_id"])


@pytest.mark.row("P4")
def test_entries_in_registers_are_matched_with_the_zeros_that_spreadsheets_lose(office):
    first = [{"scheme": "GB-COH", "id": "00123456"}]
    second = [{"scheme": "gb-coh", "id": " 123456"}]
    (made,) = office.imports(row("Sample Ltd", "GB", identifiers=first))
    (again,) = office.imports(row("Sample Limited", "GB", identifiers=second), origin="b.csv")
    assert (said(again), again["partner_id"]) == (
        ("duplicate", "identifiers"),
        made["partner_id"],
    )


@pytest.mark.row("P4")
def test_two_rows_of_one_register_id_are_one_partner(office):
    rows = office.imports(row("A", ror=ROR), row("B", ror=ROR), row("C", ror=OTHER_ROR))
    assert [each["outcome"] for each in rows] == ["created", "duplicate", "created"]
    assert rows[1]["reason"] == "Row 1 has the same register id."


@pytest.mark.row("P4")
def test_an_id_of_one_partner_with_the_name_of_another_is_refused_with_both(office):
    office.imports(row("University College London", "GB", ror=ROR), row("Yarmouk University"))
    (refused,) = office.imports(row("Yarmouk University", ror=ROR), origin="other.csv")
    assert said(refused) == ("refused", "ror")
    assert "University College London" in refused["reason"]
    assert "Yarmouk" in refused["reason"]


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        (row("A", "Korea"), "country"),
        (row("A", "400"), "country"),
        (row("A", ""), "country"),
        (row("University of\nTwo Lines"), "legal_name"),
        (row("\u200b\u00ad"), "legal_name"),
        (row("–"), "legal_name"),
        (row("Nul\x00School"), "legal_name"),
        (row("A" * 301), "legal_name"),
        (row("A", identifiers=[{"scheme": "COMPANY", "id": "1"}]), "identifiers"),
        (row("A", aliases="B"), "aliases"),
        ("no row", ""),
        (None, ""),
        ([1], ""),
    ],
)
def test_a_bad_row_costs_itself_alone(office, bad, field):
    before, refused, after = office.imports(row("Before"), bad, row("After"))
    assert [before["outcome"], after["outcome"]] == ["created", "created"]
    assert said(refused) == ("refused", field)
    assert refused["reason"]


@pytest.mark.parametrize("sector", ["NHS", "Nhs", " hospital ", "HOSPITAL"])
def test_a_sector_is_known_in_whatever_case(office, sector):
    (made,) = office.imports(row("A", sector=sector))
    assert institution_of(office, made["partner_id"])["sector"] == sector.strip().lower()


def test_a_country_is_known_by_its_usual_names(office):
    rows = office.imports(row("A", "Ivory Coast"), row("B", "Northern Ireland"), row("C", "jor"))
    countries = [institution_of(office, each["partner_id"])["country"] for each in rows]
    assert countries == ["CI", "GB", "JO"]


def test_names_are_kept_as_written_but_for_what_cannot_be_seen(office):
    (made,) = office.imports(row(" King’s\u200b  Sample\u00ad ", "GB"))
    assert institution_of(office, made["partner_id"])["legal_name"] == "King’s Sample"


@pytest.mark.row("P4")
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("İstanbul Örnek Üniversitesi", "Istanbul Ornek Universitesi"),
        ("University of Sample", "The University of Sample"),
        ("University of Sample", "University of Sample (Main Campus)"),
        ("St. Example Hospital", "Saint Example Hospital"),
        ("Example & Partners Trust", "Example and Partners Trust"),
        ("東京見本大学", "東京見本大學"),
        ("Sample Univ.", "Sample University"),
    ],
)
def test_near_names_are_reported_and_taken(office, one, other):
    _, near = office.imports(row(one), row(other))
    assert (near["outcome"], near["similar"]) == ("created", [one])


@pytest.mark.row("P4")
def test_a_name_that_another_partner_has_as_alias_or_local_name_is_reported(office):
    office.imports(row("University College London", aliases=["UCL"], local_name="東京"))
    _, first, second = office.imports(row("X"), row("ucl"), row("東京"), origin="b.csv")
    assert [first["similar"], second["similar"]] == [["University College London"]] * 2


STORY = [
    row("A", ror=ROR),
    row("University College London", "GB", ror=ROR),
    row("Univeristy of Typo", "TZ", website="http://new.example.org/"),
    row("UNIVERISTY  of typo", "Tanzania"),
    row("B", identifiers=[{"scheme": "GB-COH", "id": "1"}]),
    row("C", "GB", identifiers=[{"scheme": "GB-COH", "id": "00000001"}]),
    row("From Elsewhere"),
    row("from elsewhere"),
    row("Nowhere", "XX"),
    row("The B"),
]


def in_batches(office: PartnerOffice, size: int, *, dry_run: bool) -> list[dict[str, Any]]:
    """The story's rows in batches, each told of those before it."""
    lines: list[dict[str, Any]] = []
    met: dict[str, int] = {}
    taken: list[dict[str, Any]] = []
    for start in range(0, len(STORY), size):
        part = [
            each | {"place": start + number}
            for number, each in enumerate(STORY[start : start + size], 2)
        ]
        for line in office.imports(*part, met=met, taken=taken, dry_run=dry_run):
            lines.append(line)
            if line["partner_id"] and line["outcome"] != "refused":
                met.setdefault(line["partner_id"], line["place"])
            if line["would_be"]:
                taken.append(line["would_be"])
    return lines


@pytest.mark.parametrize("size", [1, 2, 3, 10])
def test_a_dry_run_says_row_by_row_what_the_run_does(office, size):
    office.imports(TYPO)
    office.imports(row("From Elsewhere"), origin="b.csv")
    before = office.tells()
    foreseen = in_batches(office, size, dry_run=True)
    assert office.tells() == before
    done = in_batches(office, size, dry_run=False)
    compared = ("place", "outcome", "field", "reason", "similar")
    assert [{name: each[name] for name in compared} for each in foreseen] == [
        {name: each[name] for name in compared} for each in done
    ]
    assert {each["outcome"] for each in done} == {"created", "changed", "duplicate", "refused"}
