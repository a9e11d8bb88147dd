"""An institution is proposed once; what looks like a second time is shown before it is one."""

from typing import Any

import pytest

from shared.errors import Conflict, Invalid, NotFound
from shared.identifiers import new_id
from tests.unit.partner.office import PartnerOffice, row
from tests.unit.partner.story import ROR

pytestmark = pytest.mark.row("P4")


def proposal(name: str = "University of Jordan", country: str = "JO", **told: Any) -> dict:
    return row(name, country, sector="university", **told)


@pytest.mark.parametrize(
    "again", ["University of Jordan", "UNIVERSITY  of jordan", "Unıversity of Jordan"]
)
def test_the_same_name_in_the_same_country_is_refused_with_the_candidates(office, again):
    made = office.do("propose_partner", **proposal())
    with pytest.raises(Conflict) as refused:
        office.do("propose_partner", **proposal(again))
    assert refused.value.rule == "partner-named-once"
    assert made["id"] in refused.value.accepted
    assert "PTR-2026-0001" in refused.value.errors[0]["message"]


def test_it_is_taken_once_it_is_confirmed_to_be_another_institution(office):
    made = office.do("propose_partner", **proposal())
    office.do("propose_partner", **proposal(distinct_from=[made["id"]]))
    assert len(office.listed()) == 2


def test_a_confirmation_counts_for_those_that_it_names_only(office):
    first = office.do("propose_partner", **proposal())
    second = office.do("propose_partner", **proposal(distinct_from=[first["id"]]))
    with pytest.raises(Conflict) as refused:
        office.do("propose_partner", **proposal(distinct_from=[first["id"]]))
    assert second["id"] in refused.value.accepted


def test_the_same_name_in_another_country_is_another_institution(office):
    office.do("propose_partner", **proposal("National University", "UY"))
    office.do("propose_partner", **proposal("National University", "MN"))
    assert len(office.listed()) == 2


def test_a_name_under_which_a_source_knows_a_partner_is_that_partners(office):
    (made,) = office.imports(row("Univeristy of Jordan"))
    office.do("change_partner_details", id=made["partner_id"], legal_name="University of Jordan")
    with pytest.raises(Conflict) as refused:
        office.do("propose_partner", **proposal("Univeristy of Jordan"))
    assert made["partner_id"] in refused.value.accepted


def test_a_similar_name_is_taken_and_answered_with_the_candidates(office):
    made = office.do("propose_partner", **proposal("Universität Musterfeld", "DE"))
    second = office.do("propose_partner", **proposal("Universitat Musterfeld", "DE"))
    assert [each["id"] for each in second["similar"]] == [made["id"]]


@pytest.mark.parametrize("confirmed", [True, False])
def test_the_same_register_id_blocks_whatever_is_confirmed(office, confirmed):
    entries = [{"scheme": "GB-CHC", "id": "123456"}]
    made = office.do("propose_partner", **proposal(identifiers=entries))
    distinct = [made["id"]] if confirmed else []
    with pytest.raises(Conflict) as refused:
        office.do(
            "propose_partner",
            **proposal("Other", "GB", identifiers=entries, distinct_from=distinct),
        )
    assert (refused.value.rule, refused.value.field) == ("register-id-unique", "identifiers")


def test_a_ror_id_among_the_register_entries_is_the_ror_id(office):
    made = office.do("propose_partner", **proposal(identifiers=[{"scheme": "ROR", "id": ROR}]))
    assert (made["institution"]["ror"], made["institution"]["identifiers"]) == (ROR, [])


def test_a_register_id_that_a_partner_gave_up_is_free_for_another(office):
    entries = [{"scheme": "GB-CHC", "id": "123456"}]
    made = office.do("propose_partner", **proposal(identifiers=entries))
    office.do("change_partner_details", id=made["id"], identifiers=[])
    office.do("propose_partner", **proposal("Other", identifiers=entries))


def test_a_change_to_a_name_that_another_partner_has_is_refused_until_confirmed(office):
    first = office.do("propose_partner", **proposal())
    second = office.do("propose_partner", **proposal("Yarmouk University"))
    change = {"id": second["id"], "legal_name": "University of Jordan"}
    with pytest.raises(Conflict):
        office.do("change_partner_details", **change)
    office.do("change_partner_details", **change, distinct_from=[first["id"]])
    # From here on other details are changed without a further word.
    office.do("change_partner_details", id=second["id"], website="https://yu.edu.jo/")


@pytest.mark.row("P1")
def test_a_contact_is_corrected_and_the_event_says_which_fields(office: PartnerOffice):
    made = office.do("propose_partner", **proposal())
    dean: dict[str, Any] = {
        "name": "M. Sample",
        "email": "dean@exmaple.org",
        "roles": ["signatory"],
    }
    contact = office.do("add_contact", id=made["id"], **dean)["contacts"][0]
    changed = office.do(
        "change_contact",
        id=made["id"],
        contact_id=contact["id"],
        email="dean@example.org",
        roles=["signatory", "finance"],
        name="M. Sample",
    )
    assert changed["contacts"] == [
        contact | {"email": "dean@example.org", "roles": ["signatory", "finance"]}
    ]
    assert office.tells()[-1] == "contact_changed"


@pytest.mark.row("P1")
def test_a_contact_has_a_name_with_a_letter(office: PartnerOffice):
    made = office.do("propose_partner", **proposal())
    body: dict[str, Any] = {"email": "dean@example.org", "roles": ["signatory"]}
    with pytest.raises(Invalid) as refused:
        office.do("add_contact", id=made["id"], name="2026-03-01", **body)
    assert (refused.value.rule, refused.value.field) == ("name-has-letter", "name")
    added = office.do("add_contact", id=made["id"], name=" M.\u200b  Sample", **body)
    assert added["contacts"][0]["name"] == "M. Sample"
    contact = added["contacts"][0]["id"]
    with pytest.raises(Invalid):
        office.do("change_contact", id=made["id"], contact_id=contact, name="–")


@pytest.mark.row("P1")
def test_only_a_contact_that_is_there_can_be_corrected(office: PartnerOffice):
    made = office.do("propose_partner", **proposal())
    with pytest.raises(NotFound):
        office.do("change_contact", id=made["id"], contact_id=str(new_id()), name="X")
