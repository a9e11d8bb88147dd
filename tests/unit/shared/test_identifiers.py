"""Identifiers of others carry their own check digits; ours sort by time and read well."""

import pytest

from shared.identifiers import (
    has_valid_orcid_checksum,
    has_valid_ror_checksum,
    new_id,
    reference,
)

#: UCL, the University of Oxford, the University of York and, from ROR's own guide, CDL.
PUBLISHED_ROR = ["02jx3x895", "052gg0110", "04m01e293", "03yrm5c26"]

#: From ORCID's guide to the structure of its identifier; the second ends in the sign for ten.
PUBLISHED_ORCID = ["0000-0002-1825-0097", "0000-0002-1694-233X", "0000-0001-5109-3700"]


@pytest.mark.row("P1")
@pytest.mark.parametrize("ror", PUBLISHED_ROR)
@pytest.mark.parametrize("prefix", ["", "https://ror.org/"])
def test_a_published_ror_id_is_valid(ror: str, prefix: str) -> None:
    assert has_valid_ror_checksum(prefix + ror)


@pytest.mark.row("P1")
@pytest.mark.parametrize("ror", PUBLISHED_ROR)
@pytest.mark.parametrize("place", range(1, 9))
def test_one_wrong_sign_in_a_ror_id_is_found(ror: str, place: int) -> None:
    other = "2" if ror[place] != "2" else "3"
    assert not has_valid_ror_checksum(ror[:place] + other + ror[place + 1 :])


@pytest.mark.row("P1")
@pytest.mark.parametrize(
    "ror", ["", "12jx3x895", "02jx3x89", "02JX3X895", "02jx3x895\n", "02jx3l895"]
)
def test_what_does_not_look_like_a_ror_id_is_refused(ror: str) -> None:
    assert not has_valid_ror_checksum(ror)


@pytest.mark.row("E14")
@pytest.mark.parametrize("orcid", PUBLISHED_ORCID)
@pytest.mark.parametrize("prefix", ["", "https://orcid.org/"])
def test_a_published_orcid_is_valid(orcid: str, prefix: str) -> None:
    assert has_valid_orcid_checksum(prefix + orcid)


@pytest.mark.row("E14")
@pytest.mark.parametrize("orcid", PUBLISHED_ORCID)
@pytest.mark.parametrize("place", [0, 6, 13, 17])
def test_one_wrong_digit_in_an_orcid_is_found(orcid: str, place: int) -> None:
    other = "2" if orcid[place] != "2" else "3"
    assert not has_valid_orcid_checksum(orcid[:place] + other + orcid[place + 1 :])


@pytest.mark.row("E14")
@pytest.mark.parametrize(
    "orcid",
    ["", "0000000218250097", "0000-0002-1694-233x", "0000-0002-1825-009", "٠٠٠٠-0002-1825-0097"],
)
def test_what_does_not_look_like_an_orcid_is_refused(orcid: str) -> None:
    assert not has_valid_orcid_checksum(orcid)


def test_new_ids_sort_by_the_time_they_were_made() -> None:
    made = [new_id() for _ in range(1000)]
    assert made == sorted(set(made))


def test_a_new_id_is_a_uuid_of_version_7() -> None:
    assert new_id().version == 7


@pytest.mark.parametrize(("number", "read"), [(42, "CTR-2026-0042"), (12345, "CTR-2026-12345")])
def test_a_reference_reads_as_kind_year_and_number(number: int, read: str) -> None:
    assert reference("CTR", 2026, number) == read
