"""Every partner starts as a proposal; what is known of it is checked; it has contacts."""

import pytest

from services.partner.domain import institution as institutions
from services.partner.domain.institution import matching_name, ror_id
from services.partner.domain.partner import Contact, ContactRole, PartnerState
from shared.countries import COUNTRIES
from shared.errors import Invalid, NotFound
from shared.events.partner import ContactAdded, PartnerProposed
from shared.identifiers import new_id
from tests.unit.partner.story import ROR, SPONSOR, institution, proposed, types

DEAN = Contact(id=new_id(), name="ميسون", email="dean@example.org", roles=(ContactRole.SIGNATORY,))


@pytest.mark.row("P2")
def test_a_partner_starts_as_a_prospect_with_a_sponsor():
    partner = proposed()
    assert (partner.state, partner.sponsor_id) == (PartnerState.PROSPECT, SPONSOR)


@pytest.mark.row("P2")
def test_a_proposal_is_told_with_all_that_is_known_of_the_institution():
    (event,) = proposed(local_name="الجامعة الأردنية").collect()
    assert isinstance(event, PartnerProposed)
    assert event.institution.local_name == "الجامعة الأردنية"


@pytest.mark.row("P1")
@pytest.mark.parametrize("country", ["JO", "GB", "XK"])
def test_a_country_is_an_iso_3166_code(country):
    institutions.check(institution(country=country), COUNTRIES)


@pytest.mark.row("P1")
@pytest.mark.parametrize("country", ["XX", "jo", "Jordan", ""])
def test_an_unknown_country_is_refused_by_field(country):
    with pytest.raises(Invalid) as refused:
        institutions.check(institution(country=country), COUNTRIES)
    assert (refused.value.field, refused.value.rule) == ("country", "known-country")


@pytest.mark.row("P1")
def test_a_ror_id_with_right_check_digits_is_taken():
    assert ror_id(ROR) == ROR


@pytest.mark.row("P1")
@pytest.mark.parametrize("ror", ["https://ror.org/02jx3x896", "02jx3x8", "nonsense"])
def test_a_mistyped_ror_id_is_refused(ror):
    with pytest.raises(Invalid) as refused:
        ror_id(ror)
    assert refused.value.rule == "ror-checksum"


@pytest.mark.row("P1")
@pytest.mark.parametrize("told", ["02jx3x895", " https://ror.org/02JX3X895 ", ROR])
def test_a_ror_id_is_kept_in_one_form_however_it_is_written(told):
    assert ror_id(told) == ROR


@pytest.mark.row("P1")
@pytest.mark.parametrize("told", [None, "", "  "])
def test_no_ror_id_is_none(told):
    assert ror_id(told) is None


@pytest.mark.row("P1")
@pytest.mark.parametrize(
    "other",
    [
        "UNIVERSITY OF  JORDAN",
        " university of jordan",
        "Ｕniversity of Jordan",
        "Unıversity of Jordan",
    ],
)
def test_names_are_the_same_whatever_their_case_width_and_spaces(other):
    assert matching_name(other) == matching_name("University of Jordan")


@pytest.mark.row("P1")
def test_a_name_that_grows_when_it_is_unified_still_fits_where_it_is_kept():
    assert len(matching_name("ﷺ" * 300)) == 300


@pytest.mark.row("P1")
def test_changed_details_are_told():
    partner = proposed()
    partner.collect()
    partner.change_details(institution(website="http://ju.edu.jo"))
    assert types(partner) == ["partner.details_changed"]


@pytest.mark.row("P1")
def test_a_new_name_is_found_under_the_new_name():
    partner = proposed()
    partner.change_details(institution(legal_name="Jordan University"))
    assert (partner.legal_name, partner.matching_name) == ("Jordan University", "jordan university")


@pytest.mark.row("P1")
def test_details_that_stay_the_same_are_no_news():
    partner = proposed()
    partner.collect()
    assert not partner.change_details(institution())
    assert types(partner) == []


@pytest.mark.row("P1")
def test_a_contact_has_roles_and_its_name_stays_out_of_the_event():
    partner = proposed()
    partner.collect()
    partner.add_contact(DEAN)
    (event,) = partner.collect()
    assert isinstance(event, ContactAdded)
    assert event.roles == ("signatory",)
    assert DEAN.name not in str(event.to_plain())


@pytest.mark.row("P1")
def test_a_contact_can_be_removed():
    partner = proposed()
    partner.add_contact(DEAN)
    partner.remove_contact(DEAN.id)
    assert partner.contacts == ()


@pytest.mark.row("P1")
def test_only_a_contact_that_is_there_can_be_removed():
    with pytest.raises(NotFound):
        proposed().remove_contact(new_id())
