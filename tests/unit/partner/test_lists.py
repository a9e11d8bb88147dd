"""Lists of partners: found under every name, sorted as people do, paged without a gap."""

import pytest

from shared.database import Database
from shared.errors import Invalid
from shared.work import Call
from tests.unit.partner.office import OFFICER, PartnerOffice, row
from tests.unit.partner.story import TODAY

pytestmark = [pytest.mark.row("P1"), pytest.mark.row("U7")]


def test_a_partner_is_found_under_every_name_and_after_a_change_under_the_new_one(
    database: Database,
) -> None:
    office = PartnerOffice(database, TODAY)
    office.imports(
        row("Hochschule Mühlental", "DE", aliases=["HMT"]),
        row("University of Jordan", "JO", local_name="الجامعة الأردنيّة"),
        row("École de santé", "FR"),
    )

    def found(text: str) -> list[str]:
        return [each["institution"]["legal_name"] for each in office.listed(text=text)]

    assert found("Muhlental") == found("hmt") == ["Hochschule Mühlental"]
    assert found("الجامعه الاردنية") == found("JORDAN") == ["University of Jordan"]
    assert found("ecole") == found("SANTE ecole") == ["École de santé"]
    (changed,) = office.listed(text="ecole")
    office.do("change_partner_details", id=changed["id"], legal_name="Faculté de médecine")
    assert found("faculte") == ["Faculté de médecine"]
    assert found("ecole") == []


def test_a_list_is_in_the_same_order_page_by_page_on_both_stores(database: Database) -> None:
    office = PartnerOffice(database, TODAY)
    names = ["al-Farabi", "Álava", "Zürich", "جامعة", "2nd University", "10th University", "Zug"]
    office.imports(*(row(name, "DE") for name in names))
    seen, cursor = [], None
    while True:
        wanted = {"limit": "2", "sort": "name"} | ({"cursor": cursor} if cursor else {})
        page = office.desk.ask("list_partners", wanted, Call(actor=OFFICER))["body"]
        seen += [each["institution"]["legal_name"] for each in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == [
        "2nd University",
        "10th University",
        "al-Farabi",
        "Álava",
        "Zug",
        "Zürich",
        "جامعة",
    ]


def test_partners_are_narrowed_by_country_in_code_or_name(office: PartnerOffice) -> None:
    office.imports(row("One", "JO"), row("Two", "DE"))
    for country in ("JO", "jo", "Jordan", "الأردن"):
        assert [each["institution"]["legal_name"] for each in office.listed(country=country)] == [
            "One"
        ]
    with pytest.raises(Invalid):
        office.listed(country="Atlantis")
