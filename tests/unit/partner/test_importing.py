"""Institutions from a file: what becomes of each row."""

import pytest

from services.partner.known import likeness_key
from shared.errors import Invalid
from shared.work import Call
from tests.unit.partner.office import OFFICER, PartnerOffice, row
from tests.unit.partner.story import ROR


def outcomes(rows: list[dict]) -> list[str]:
    return [each["outcome"] for each in rows]


@pytest.mark.row("P2")
def test_an_imported_partner_is_a_proposal_that_says_where_it_comes_from(office: PartnerOffice):
    (made,) = office.imports(row("University of Jordan"))
    view = office.shows(made["partner_id"])
    assert (view["state"], view["imported_from"], view["reference"]) == (
        "prospect",
        "list.csv",
        "PTR-2026-0001",
    )


@pytest.mark.row("P1")
def test_every_imported_partner_is_an_event(office: PartnerOffice):
    office.imports(row("University of Jordan"), row("Yarmouk University"))
    assert office.tells() == ["proposed", "proposed"]


@pytest.mark.row("P1")
def test_names_that_are_not_ascii_survive(office: PartnerOffice):
    names = ["الجامعة الأردنية", "Universität Zürich", "東京大学", "Yıldız Teknik Üniversitesi"]
    office.imports(*(row(name) for name in names))
    assert sorted(each["legal_name"] for each in office.listed()) == sorted(names)


@pytest.mark.row("P1")
@pytest.mark.parametrize(
    ("bad", "field"),
    [
        (row("University of Nowhere", "XX"), "country"),
        (row(" "), "legal_name"),
        ({"country": "JO"}, "legal_name"),
        (row("A", ror="02jx3x896"), "ror"),
        (row("A", sector="school"), "sector"),
        (row("A", colour="red"), "colour"),
        (row("") | {"legal_name": 7}, "legal_name"),
    ],
)
def test_a_row_that_cannot_be_taken_is_refused_by_field_and_the_others_go_in(office, bad, field):
    refused, taken = office.imports(bad, row("Yarmouk University"))
    assert (refused["outcome"], refused["field"]) == ("refused", field)
    assert refused["reason"]
    assert taken["outcome"] == "created"


@pytest.mark.row("P1")
def test_a_bad_web_address_is_left_out_and_reported(office: PartnerOffice):
    (made,) = office.imports(row("Yarmouk University", website="not an address"))
    assert (made["outcome"], made["field"]) == ("created", "website")
    assert "not an address" in made["reason"]


@pytest.mark.row("P1")
def test_a_web_address_without_scheme_is_completed(office: PartnerOffice):
    office.imports(row("Yarmouk University", website="www.yu.edu.jo"))
    assert office.listed()[0]["institution"]["website"] == "http://www.yu.edu.jo"


@pytest.mark.row("P1")
def test_the_sector_is_the_rows_own_else_that_of_the_batch(office: PartnerOffice):
    office.imports(row("A Hospital", sector="hospital"), row("B Trust"), sector="charity")
    assert [each["institution"]["sector"] for each in office.listed()] == ["hospital", "charity"]


@pytest.mark.row("P1")
@pytest.mark.parametrize("told", [{}, {"sector": None}, {"sector": "Unknown"}])
def test_a_sector_that_nobody_tells_is_unknown_not_made_up(office: PartnerOffice, told):
    office.imports(row("A", **told))
    assert office.listed(sector="unknown")[0]["institution"]["sector"] == "unknown"


@pytest.mark.row("P1")
def test_a_sector_that_is_told_later_takes_the_place_of_an_unknown_one(office: PartnerOffice):
    office.imports(row("A"), row("B"), row("C"))
    later = (row("A", sector="nhs"), row("B"), row("C", sector="unknown"))
    assert outcomes(office.imports(*later)) == ["changed", "unchanged", "unchanged"]
    assert outcomes(office.imports(*later, sector="charity")) == ["unchanged", "changed", "changed"]
    assert outcomes(office.imports(*later, sector="hospital")) == ["unchanged"] * 3
    assert {each["institution"]["sector"] for each in office.listed()} == {"nhs", "charity"}


@pytest.mark.row("P1")
def test_a_sector_that_the_office_took_away_does_not_come_back(office: PartnerOffice):
    (made,) = office.imports(row("A", sector="nhs"))
    office.do("change_partner_details", id=made["partner_id"], sector="unknown")
    assert outcomes(office.imports(row("A", sector="nhs"))) == ["unchanged"]
    assert outcomes(office.imports(row("A"), sector="nhs")) == ["unchanged"]


@pytest.mark.row("P2")
def test_whoever_proposes_a_partner_knows_its_sector(office: PartnerOffice):
    with pytest.raises(Invalid, match="sector"):
        office.do("propose_partner", **row("A", sector="unknown"))


@pytest.mark.row("P1")
def test_importing_again_changes_nothing(office: PartnerOffice):
    rows = [row("University of Jordan"), row("Yarmouk University", website="http://yu.edu.jo")]
    office.imports(*rows)
    assert outcomes(office.imports(*rows)) == ["unchanged", "unchanged"]
    assert len(office.tells()) == 2


@pytest.mark.row("P1")
def test_what_the_source_says_anew_is_brought_up_to_date(office: PartnerOffice):
    office.imports(row("Yarmouk University"))
    (again,) = office.imports(row("Yarmouk University", website="http://yu.edu.jo"))
    assert again["outcome"] == "changed"
    assert office.listed()[0]["institution"]["website"] == "http://yu.edu.jo"


@pytest.mark.row("P1")
def test_what_the_office_has_added_stays(office: PartnerOffice):
    (made,) = office.imports(row("Yarmouk University"))
    office.do("change_partner_details", id=made["partner_id"], ror=ROR, sector="hospital")
    (again,) = office.imports(row("Yarmouk University"))
    kept = office.listed()[0]["institution"]
    assert (again["outcome"], kept["ror"], kept["sector"]) == ("unchanged", ROR, "hospital")


@pytest.mark.row("P1")
def test_the_same_name_in_the_same_country_is_taken_once(office: PartnerOffice):
    first, second = office.imports(row("Yarmouk University"), row("YARMOUK  university"))
    assert (first["outcome"], second["outcome"]) == ("created", "duplicate")


@pytest.mark.row("P1")
def test_the_same_name_in_another_country_is_another_partner(office: PartnerOffice):
    rows = office.imports(row("National University", "UY"), row("National University", "MN"))
    assert outcomes(rows) == ["created", "created"]


@pytest.mark.row("P1")
def test_a_second_row_about_a_partner_does_not_change_it_back(office: PartnerOffice):
    rows = [
        row("Yarmouk University", website="http://one.example"),
        row("Yarmouk University", website="http://two.example"),
    ]
    office.imports(*rows)
    assert outcomes(office.imports(*rows)) == ["unchanged", "duplicate"]


@pytest.mark.row("P1")
def test_a_partner_from_elsewhere_is_a_duplicate_and_says_which(office: PartnerOffice):
    made = office.do("propose_partner", **row("Yarmouk University", sector="university"))
    (again,) = office.imports(row("Yarmouk University"))
    assert (again["outcome"], again["partner_id"]) == ("duplicate", made["id"])


@pytest.mark.row("P1")
def test_the_same_ror_id_under_another_name_is_a_duplicate(office: PartnerOffice):
    rows = office.imports(row("University College London", "GB", ror=ROR), row("UCL", ror=ROR))
    assert (outcomes(rows), rows[1]["field"]) == (["created", "duplicate"], "ror")


@pytest.mark.row("P1")
def test_a_ror_id_that_another_partner_has_is_refused(office: PartnerOffice):
    office.imports(row("University College London", "GB", ror=ROR), row("Yarmouk University"))
    (again,) = office.imports(row("Yarmouk University", ror=ROR))
    assert (again["outcome"], again["field"]) == ("refused", "ror")


@pytest.mark.row("P1")
def test_a_name_like_an_earlier_one_is_reported_and_taken(office: PartnerOffice):
    _, alike = office.imports(
        row("Universidad Técnica Federico Santa María", "CL"),
        row("Universidad Tecnica Federico Santa Maria.", "CL"),
    )
    assert alike["outcome"] == "created"
    assert alike["similar"] == ["Universidad Técnica Federico Santa María"]


@pytest.mark.row("P1")
def test_a_name_like_one_that_is_here_is_reported(office: PartnerOffice):
    office.imports(row("Pyongtaek University", "KR"))
    (alike,) = office.imports(row("Pyeongtaek University", "KR"), origin="other.csv")
    assert alike["similar"] == ["Pyongtaek University"]


@pytest.mark.row("P1")
def test_a_name_like_one_in_another_country_is_not_reported(office: PartnerOffice):
    office.imports(row("Pyongtaek University", "KR"))
    (alike,) = office.imports(row("Pyeongtaek University", "KP"))
    assert alike["similar"] == []


@pytest.mark.row("P1")
def test_names_that_share_the_place_only_are_not_alike(office: PartnerOffice):
    _, other = office.imports(row("Hunan University", "CN"), row("Hunan Normal University", "CN"))
    assert other["similar"] == []


@pytest.mark.row("P1")
def test_likeness_does_not_depend_on_accents_signs_and_order_of_words():
    assert likeness_key("Université de Montréal") == likeness_key("Montreal, Universite de")


@pytest.mark.row("P1")
def test_a_dry_run_reports_the_same_and_writes_nothing(office: PartnerOffice):
    rows = [row("Yarmouk University"), row("yarmouk university"), row("Nowhere", "XX")]
    foreseen = office.imports(*rows, dry_run=True)
    assert (office.tells(), office.listed()) == ([], [])
    assert outcomes(foreseen) == outcomes(office.imports(*rows))


@pytest.mark.row("P1")
def test_a_dry_run_knows_what_its_earlier_batches_would_have_created(office: PartnerOffice):
    (row_before,) = office.desk.execute(
        "import_partners",
        {"origin": "list.csv", "rows": [row("Pyongtaek University", "KR")], "dry_run": True},
        Call(actor=OFFICER),
    )["body"]["rows"]
    taken = [row_before["would_be"]]
    same, alike = office.imports(
        row("Pyongtaek University", "KR"),
        row("Pyeongtaek University", "KR"),
        taken=taken,
        dry_run=True,
    )
    assert (same["outcome"], alike["similar"]) == ("duplicate", ["Pyongtaek University"])


@pytest.mark.row("P1")
def test_a_batch_has_at_most_500_rows(office: PartnerOffice):
    with pytest.raises(Invalid):
        office.imports(*(row(f"University {number}") for number in range(501)))


@pytest.mark.row("P1")
def test_references_are_given_without_gaps(office: PartnerOffice):
    office.imports(row("A"), row("", "JO"), row("B"))
    office.imports(row("C"))
    assert [each["reference"] for each in office.listed(sort="reference")] == [
        "PTR-2026-0001",
        "PTR-2026-0002",
        "PTR-2026-0003",
    ]


@pytest.mark.row("P1")
@pytest.mark.parametrize(
    "bad", [row("A\0B"), row("A", "J\0"), row("A", aliases=["\0"]), row("A") | {"\0": 1}]
)
def test_a_row_with_an_invalid_character_costs_itself_alone_and_keeps_its_number(office, bad):
    refused, taken = office.imports(bad | {"place": 7}, row("Yarmouk University"))
    assert (refused["outcome"], refused["place"]) == ("refused", 7)
    assert refused["reason"].startswith("Contains an invalid character")
    assert taken["outcome"] == "created"


@pytest.mark.row("P1")
@pytest.mark.parametrize("place", [True, "2", 1.5, 2**40, None, [3]])
def test_what_is_no_number_of_a_row_gives_way_to_its_position(office, place):
    (answer,) = office.imports(row("", place=place))
    assert (answer["outcome"], answer["place"]) == ("refused", 1)


@pytest.mark.row("C15")
def test_a_source_is_the_same_whatever_is_pasted_along_with_its_name(office):
    office.imports(row("Yarmouk University"), origin="list.csv")
    (again,) = office.imports(row("Yarmouk University"), origin=" \ufefflist.csv\u200b")
    assert again["outcome"] == "unchanged"


@pytest.mark.row("P4")
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Aberdeen University", "\u0410berdeen University"),
        ("Hellenic School", "\u0397ellenic School"),
        ("Acme Ltd", "Acme Limited"),
        ("Acme", "Acme GmbH"),
        ("Acme Inc.", "The Acme Corporation"),
    ],
)
def test_letters_that_look_alike_and_legal_forms_are_reported_as_similar(office, first, second):
    office.imports(row(first))
    (alike,) = office.imports(row(second), origin="other.csv")
    assert (alike["outcome"], alike["similar"]) == ("created", [first])


@pytest.mark.row("P4")
def test_a_name_that_is_only_a_legal_form_is_like_itself_alone(office):
    office.imports(row("The Company"))
    (other,) = office.imports(row("Limited"), origin="other.csv")
    assert other["similar"] == []


@pytest.mark.row("P1")
def test_what_a_dry_run_hands_on_is_judged_up_to_its_first_error(office):
    """Tens of thousands of wrong ones kept everybody waiting for seconds."""
    with pytest.raises(Invalid) as refused:
        office.imports(row("A University"), dry_run=True, taken=[{"a": 1}] * 30_000)
    assert {each["field"] for each in refused.value.errors} == {
        "taken.0.legal_name",
        "taken.0.country",
    }


@pytest.mark.row("P1")
def test_a_duplicate_of_a_row_of_the_file_names_that_row_and_its_partner(office: PartnerOffice):
    rows = (row("A", place=7), row("B", place=8), row("a", place=9))
    foreseen = office.imports(*rows, dry_run=True)
    done = office.imports(*rows)
    assert [each["same_as"] for each in foreseen] == [each["same_as"] for each in done]
    assert [each["same_as"] for each in done] == [None, None, 7]
    assert done[2]["partner_id"] == done[0]["partner_id"]


@pytest.mark.row("P1")
@pytest.mark.parametrize(
    "name", ["12345", "2026-01-01", "01/02/2026", "1 000,50", "٣٤٥", "12:30", "…"]
)
@pytest.mark.parametrize("field", ["legal_name", "local_name", "aliases"])
def test_a_name_without_a_letter_is_none(office: PartnerOffice, name, field):
    named = row("A University") | {field: [name] if field == "aliases" else name}
    (refused,) = office.imports(named)
    assert (refused["outcome"], refused["field"]) == ("refused", field)
    assert "no letter" in refused["reason"]


@pytest.mark.row("P1")
@pytest.mark.parametrize("name", ["École 42", "3iL", "東京大学", "2ie", "جامعة ٣"])
def test_a_name_with_a_letter_and_digits_is_one(office: PartnerOffice, name):
    assert outcomes(office.imports(row(name))) == ["created"]
