"""Identifiers of others carry their own check digits; ours sort by time and read well."""

import pytest

from shared.identifiers import (
    new_id,
    orcid_id,
    reference,
    ror_id,
)

#: UCL, the University of Oxford, the University of York and, from ROR's own guide, CDL.
PUBLISHED_ROR = ["02jx3x895", "052gg0110", "04m01e293", "03yrm5c26"]

#: From ORCID's guide to the structure of its identifier; the second ends in the sign for ten.
PUBLISHED_ORCID = ["0000-0002-1825-0097", "0000-0002-1694-233X", "0000-0001-5109-3700"]


@pytest.mark.row("P1")
@pytest.mark.parametrize("ror", PUBLISHED_ROR)
@pytest.mark.parametrize(
    "pasted",
    [
        "{}",
        "https://ror.org/{}",
        "http://ror.org/{}",
        "http://www.ror.org/{}/",
        "ror.org/{}",
        "//ror.org/{}",
        " https://ror.org/{} \u200b",
        "https://ror.org/{}?from=search#top",
        "ROR:{}",
        "ror: https://ror.org/{}.",
    ],
)
def test_a_ror_id_is_read_in_all_the_forms_people_paste(ror: str, pasted: str) -> None:
    kept = f"https://ror.org/{ror}"
    assert ror_id(pasted.format(ror)) == ror_id(pasted.format(ror).upper()) == kept


@pytest.mark.row("P1")
@pytest.mark.parametrize("ror", PUBLISHED_ROR)
@pytest.mark.parametrize("place", range(1, 9))
def test_one_wrong_sign_in_a_ror_id_is_found(ror: str, place: int) -> None:
    other = "2" if ror[place] != "2" else "3"
    assert ror_id(ror[:place] + other + ror[place + 1 :]) is None


@pytest.mark.row("P1")
@pytest.mark.parametrize(
    "ror",
    [
        *("", "12jx3x895", "02jx3x89", "02jx3l895", "https://example.org/02jx3x895", "٠2jx3x895"),
        *("https://ror.org/", "https://ror.org/02jx3x895/02jx3x895", "0" * 500),
    ],
)
def test_what_does_not_look_like_a_ror_id_is_none(ror: str) -> None:
    assert ror_id(ror) is None


@pytest.mark.row("E14")
@pytest.mark.parametrize("orcid", PUBLISHED_ORCID)
@pytest.mark.parametrize(
    "pasted",
    [
        "{}",
        "https://orcid.org/{}",
        "http://orcid.org/{}/",
        "www.orcid.org/{}",
        "orcid.org/{}",
        "ORCID: {}",
        "orcid:{}",
        " {}\u00a0",
        "https://orcid.org/{}?lang=en",
    ],
)
def test_an_orcid_is_read_in_all_the_forms_people_paste(orcid: str, pasted: str) -> None:
    forms = (orcid, orcid.lower(), orcid.replace("-", ""), orcid.replace("-", " "))
    dashes = (orcid.replace("-", "\u2010"), orcid.replace("-", "–"))
    assert {orcid_id(pasted.format(form)) for form in forms + dashes} == {orcid}


@pytest.mark.row("E14")
@pytest.mark.parametrize("orcid", PUBLISHED_ORCID)
@pytest.mark.parametrize("place", [0, 6, 13, 17])
def test_one_wrong_digit_in_an_orcid_is_found(orcid: str, place: int) -> None:
    other = "2" if orcid[place] != "2" else "3"
    assert orcid_id(orcid[:place] + other + orcid[place + 1 :]) is None


@pytest.mark.row("E14")
@pytest.mark.parametrize(
    "orcid",
    ["", "0000-0002-1825-009", "٠٠٠٠-0002-1825-0097", "https://example.org/0000-0002-1825-0097"],
)
def test_what_does_not_look_like_an_orcid_is_none(orcid: str) -> None:
    assert orcid_id(orcid) is None


def test_new_ids_sort_by_the_time_they_were_made() -> None:
    made = [new_id() for _ in range(1000)]
    assert made == sorted(set(made))


def test_a_new_id_is_a_uuid_of_version_7() -> None:
    assert new_id().version == 7


@pytest.mark.parametrize(("number", "read"), [(42, "CTR-2026-0042"), (12345, "CTR-2026-12345")])
def test_a_reference_reads_as_kind_year_and_number(number: int, read: str) -> None:
    assert reference("CTR", 2026, number) == read
