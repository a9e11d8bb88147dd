"""What releases say of contracts: which are signed, with whom, for how much and how long."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from services.imports.contract_releases import Reader
from services.imports.published import PublishedContract, money
from services.imports.report import Line, Outcome
from shared.amounts import DecimalMark
from shared.events.vocabulary import Sector
from shared.money import Money

TODAY = date(2026, 6, 1)
HOME = "University College London; UCL Consultants Ltd"
COUNCIL = {
    "id": "council",
    "name": "General Dental Council",
    "roles": ["buyer"],
    "address": {"countryName": "United Kingdom"},
}
UCLC = {"id": "uclc", "name": "UCL Consultants Ltd", "roles": ["supplier"]}
KINGS = {
    "id": "GB-UKPRN-10003645",
    "name": "King's College London",
    "identifier": {"scheme": "GB-UKPRN", "legalName": "King's College London"},
    "roles": ["supplier"],
}


def contract(**changes: Any) -> dict[str, Any]:
    told = {
        "id": "c1",
        "awardID": "a1",
        "title": "Overseas examination",
        "status": "active",
        "dateSigned": "2026-03-13T00:00:00Z",
        "value": {"amount": 9153984, "currency": "GBP"},
        "period": {"startDate": "2026-03-13T00:00:00Z", "endDate": "2031-03-12T23:59:59Z"},
    }
    return {name: value for name, value in (told | changes).items() if value is not None}


def release(**changes: Any) -> dict[str, Any]:
    told = {
        "ocid": "ocds-1",
        "id": "r1",
        "date": "2026-03-30T13:40:00+01:00",
        "parties": [COUNCIL, UCLC, KINGS],
        "buyer": {"id": "council", "name": "General Dental Council"},
        "tender": {"title": "The tender", "status": "complete"},
        "awards": [{"id": "a1", "status": "active", "suppliers": [{"id": "uclc"}]}],
        "contracts": [contract()],
    }
    return {name: value for name, value in (told | changes).items() if value is not None}


@pytest.fixture
def read(tmp_path: Path):
    def reading(*found: dict[str, Any], **settings: Any) -> list[PublishedContract | Line]:
        path = tmp_path / "releases.json"
        path.write_text(json.dumps({"releases": list(found)}))
        return list(Reader(HOME, TODAY, **settings).read(path))

    return reading


@pytest.mark.row("C15")
def test_a_signed_contract_is_read_with_all_its_terms(read):
    (found,) = read(release())
    assert (found.origin, found.title, found.value) == (
        "ocds-1/c1",
        "Overseas examination",
        Money.of(9153984, "GBP"),
    )
    assert (found.starts_on, found.ends_on, found.signed_on) == (
        date(2026, 3, 13),
        date(2031, 3, 12),
        date(2026, 3, 13),
    )
    assert found.obstacles == ()


@pytest.mark.row("C15")
def test_two_contracts_under_one_ocid_are_two_contracts(read):
    found = read(release(contracts=[contract(), contract(id="c2")]))
    assert [each.origin for each in found] == ["ocds-1/c1", "ocds-1/c2"]


@pytest.mark.row("C15")
@pytest.mark.parametrize(
    ("supplier", "buyer", "partner"),
    [
        ("uclc", "council", "General Dental Council"),
        ("GB-UKPRN-10003645", "uclc", "King's College London"),
        ("GB-UKPRN-10003645", "council", "General Dental Council"),
    ],
    ids=["we supply", "we buy", "neither: who buys"],
)
def test_the_partner_is_the_party_that_is_not_the_home_organisation(read, supplier, buyer, partner):
    awards = [{"id": "a1", "suppliers": [{"id": supplier}]}]
    (found,) = read(release(awards=awards, buyer={"id": buyer}))
    assert found.partner.name == partner


@pytest.mark.row("C15")
def test_the_home_organisation_is_known_whatever_the_case_of_its_name(read):
    awards = [{"id": "a1", "suppliers": [{"name": "King's College London"}]}]
    (found,) = read(release(awards=awards, buyer={"name": "UNIVERSITY college  London"}))
    assert found.partner.name == "King's College London"


@pytest.mark.row("C15")
def test_a_contract_of_the_home_organisation_with_itself_has_no_partner(read):
    (found,) = read(release(buyer={"id": "uclc"}))
    assert found.obstacles == (("partner", "no partner"),)


@pytest.mark.row("C15")
def test_further_suppliers_are_named(read):
    awards = [{"id": "a1", "suppliers": [{"id": KINGS["id"]}, {"name": "Exam Ltd"}]}]
    (found,) = read(release(awards=awards, buyer={"id": "uclc"}))
    assert found.notes == ("Also supplied by Exam Ltd.",)


@pytest.mark.row("C15")
@pytest.mark.parametrize(
    ("party", "country"),
    [
        ({"address": {"countryName": "United Kingdom"}}, "GB"),
        ({"address": {"countryName": "Scotland"}}, "GB"),
        ({"address": {"countryName": "jordan"}}, "JO"),
        ({"identifier": {"scheme": "GB-UKPRN"}}, "GB"),
        ({"identifier": {"scheme": "XI-LEI"}}, ""),
        ({}, ""),
    ],
)
def test_the_partners_country_comes_from_its_address_else_its_register(read, party, country):
    buyer = {"id": "council", "name": "Council"}
    (found,) = read(release(parties=[buyer | party], buyer=buyer))
    assert found.partner.country == country


@pytest.mark.row("C15")
def test_the_sector_of_a_partner_which_ocds_does_not_tell_stays_unknown(read):
    (we_supply,) = read(release())
    awards = [{"id": "a1", "suppliers": [{"id": KINGS["id"]}]}]
    (we_buy,) = read(release(buyer={"id": "uclc"}, awards=awards))
    assert (we_supply.partner.sector, we_buy.partner.sector) == (
        Sector.UNKNOWN,
        Sector.UNKNOWN,
    )


@pytest.mark.row("C15")
def test_the_sector_can_be_set(read):
    (found,) = read(release(), sector=Sector.REGULATOR)
    assert found.partner.sector is Sector.REGULATOR


@pytest.mark.row("C15")
def test_the_status_of_tender_and_lots_is_not_looked_at(read):
    tender = {"title": "T", "status": "cancelled", "lots": [{"id": "1", "status": "cancelled"}]}
    (found,) = read(release(tender=tender))
    assert found.obstacles == ()


@pytest.mark.row("C15")
def test_a_release_with_only_a_tender_is_reported_and_skipped(read):
    tender = {
        "title": "The tender",
        "status": "complete",
        "value": {"amount": 1, "currency": "GBP"},
    }
    (line,) = read(release(awards=None, contracts=None, tender=tender))
    assert (line.outcome, line.place) == (Outcome.SKIPPED, "ocds-1")
    assert "Only a tender" in line.reason


@pytest.mark.row("C15")
def test_an_active_award_without_a_contract_is_not_a_signed_contract(read):
    (line,) = read(release(contracts=None))
    assert (line.outcome, line.place) == (Outcome.SKIPPED, "ocds-1 award a1")
    assert "not signed" in line.reason


@pytest.mark.row("C15")
@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"status": "cancelled"}, "cancelled"),
        ({"status": "terminated"}, "terminated"),
        ({"status": "pending", "dateSigned": None}, "pending"),
        ({"status": "pending"}, "pending"),
        ({"status": None, "dateSigned": None}, "without status"),
        ({"dateSigned": "2026-07-01T00:00:00Z"}, "to be signed on 2026-07-01"),
    ],
)
def test_what_is_not_signed_or_is_over_is_reported_and_skipped(read, changes, word):
    (line,) = read(release(contracts=[contract(**changes)]))
    assert line.outcome is Outcome.SKIPPED
    assert word in line.reason


@pytest.mark.row("C15")
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"value": None}, "value"),
        ({"value": {"amount": 5}}, "value"),
        ({"value": {"currency": "GBP"}}, "value"),
        ({"value": {"amount": 5, "currency": "GPB"}}, "value"),
        ({"value": {"amount": 0.001, "currency": "GBP"}}, "value"),
        ({"value": {"amount": -5, "currency": "GBP"}}, "value"),
        ({"value": {"amount": True, "currency": "GBP"}}, "value"),
        ({"period": None}, "period"),
        ({"period": {"startDate": "2026-03-13"}}, "period"),
        ({"period": {"startDate": "13.3.2026", "endDate": "2031-03-12"}}, "starts_on"),
        ({"period": {"startDate": "2026-03-13", "endDate": "soon"}}, "ends_on"),
        ({"period": {"startDate": "2026-03-13", "durationInDays": "a year"}}, "period"),
        ({"period": {"startDate": "2026-03-13", "durationInDays": 10**9}}, "period"),
        ({"status": "Closed"}, "status"),
        ({"dateSigned": "in May"}, "signed_on"),
        ({"id": None}, "id"),
    ],
)
def test_what_is_missing_or_wrong_is_named(read, changes, field):
    (found,) = read(release(contracts=[contract(**changes)]))
    assert [name for name, _ in found.obstacles] == [field]


@pytest.mark.row("C15")
@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [(10.125, "JOD", 10125), (500, "JPY", 500), ("7.5", "EUR", 750)],
)
def test_a_currency_has_its_own_decimals(read, amount, currency, minor):
    (found,) = read(release(contracts=[contract(value={"amount": amount, "currency": currency})]))
    assert found.value == Money(minor, currency)


@pytest.mark.row("C15")
def test_a_duration_counts_the_first_day(read):
    period = {"startDate": "2026-03-13T00:00:00Z", "durationInDays": 1826}
    (found,) = read(release(contracts=[contract(period=period)]))
    assert found.ends_on == date(2031, 3, 12)


@pytest.mark.row("C15")
def test_the_date_up_to_which_a_contract_might_be_extended_is_not_its_end(read):
    period = {"startDate": "2026-03-13", "maxExtentDate": "2036-03-12"}
    (found,) = read(release(contracts=[contract(period=period)]))
    assert found.ends_on is None


@pytest.mark.row("C15")
def test_a_contract_whose_period_is_over_says_so(read):
    period = {"startDate": "2025-01-31", "endDate": "2025-06-30"}
    (found,) = read(release(contracts=[contract(period=period)]))
    assert "ended on 2025-06-30" in found.notes[0]


@pytest.mark.row("C15")
def test_an_active_contract_without_a_date_of_signing_says_so(read):
    (found,) = read(release(contracts=[contract(dateSigned=None)]))
    assert (found.signed_on, found.notes) == (None, ("The date of signing was not published.",))


@pytest.mark.row("C15")
def test_contracts_without_a_title_are_told_apart_by_their_lots(read):
    tender = {"title": "Examination", "lots": [{"id": "1", "title": "Part 1"}]}
    awards = [{"id": "a1", "suppliers": [{"id": "uclc"}], "relatedLots": ["1"]}]
    (found,) = read(release(tender=tender, awards=awards, contracts=[contract(title=None)]))
    assert found.title == "Examination: Part 1"


@pytest.mark.row("C15")
def test_a_later_release_need_not_repeat_the_parties(read):
    later = {
        "ocid": "ocds-1",
        "date": "2026-05-01T00:00:00Z",
        "contracts": [{"id": "c1", "value": {"amount": 10_000_000, "currency": "GBP"}}],
    }
    _, amended = read(release(), later)
    assert (amended.partner.name, amended.value) == (
        "General Dental Council",
        Money.of(10_000_000, "GBP"),
    )


@pytest.mark.row("C15")
@pytest.mark.parametrize("name", ["parties", "buyer", "tender", "awards"])
@pytest.mark.parametrize("nonsense", [7, "text", [1], {"a": []}, True])
def test_nonsense_in_a_release_stops_nothing(read, name, nonsense):
    assert read(release(**{name: nonsense}))


@pytest.mark.row("C15")
@pytest.mark.parametrize("status", ["cancelled", "unsuccessful", "pending"])
def test_a_contract_whose_award_does_not_stand_is_not_running(read, status):
    awards = [{"id": "a1", "status": status, "suppliers": [{"id": "uclc"}]}]
    (line,) = read(release(awards=awards))
    assert line.outcome is Outcome.SKIPPED
    assert f"award {status}" in line.reason


@pytest.mark.row("C15")
@pytest.mark.parametrize("in_tender", [True, False], ids=["named by the tender", "by its role"])
def test_without_a_buyer_whoever_runs_the_procurement_is_the_partner(read, in_tender):
    entity = COUNCIL | {"roles": ["procuringEntity"]}
    tender = {"title": "T"} | ({"procuringEntity": {"id": "council"}} if in_tender else {})
    (found,) = read(release(buyer=None, parties=[entity, UCLC], tender=tender))
    assert found.partner.name == "General Dental Council"


@pytest.mark.row("C15")
def test_parties_are_those_that_are_named_on_the_side_that_is_known(read):
    awards = [{"id": "a1", "suppliers": [{"id": "uclc"}, {"id": KINGS["id"]}]}]
    (found,) = read(release(awards=awards))
    assert found.parties == (
        ("General Dental Council", "theirs"),
        ("UCL Consultants Ltd", "ours"),
        ("King's College London", None),
    )


@pytest.mark.row("C15")
def test_nobody_is_made_a_party_on_our_side(read):
    awards = [{"id": "a1", "suppliers": [{"id": KINGS["id"]}]}]
    (found,) = read(release(awards=awards))
    assert "ours" not in dict(found.parties).values()


@pytest.mark.row("P1")
def test_entries_in_registers_come_with_the_partner(read):
    (found,) = read(release(buyer={"id": "uclc"}, awards=[{"id": "a1", "suppliers": [KINGS]}]))
    entry = {"scheme": "GB-UKPRN", "id": "10003645", "legalName": "King's College London"}
    supplier = KINGS | {"identifier": entry}
    (with_id,) = read(release(buyer={"id": "uclc"}, awards=[{"id": "a1", "suppliers": [supplier]}]))
    assert found.partner.identifiers == ()
    assert with_id.partner.identifiers == (("GB-UKPRN", "10003645"),)


@pytest.mark.row("C15")
def test_milestones_come_along_or_are_named_as_left_out(read):
    told = [
        {"id": "1", "title": "Report", "type": "reporting", "dueDate": "2026-09-01T00:00:00Z"},
        {"id": "2", "title": "Fee", "type": "financing", "dueDate": "2026-09-01"},
        {"id": "3", "title": "Course", "type": "delivery"},
        {"id": "4", "title": "Visit", "type": "delivery", "dueDate": "2026-10-01", "status": "met"},
    ]
    (found,) = read(release(contracts=[contract(milestones=told)]))
    assert [each["title"] for each in found.milestones] == ["Report", "Visit"]
    notes = " ".join(found.notes)
    assert "“Fee” is left out" in notes
    assert "“Course” is left out" in notes
    assert "“Visit” met" in notes


@pytest.mark.row("C15")
def test_what_has_no_place_here_is_named_as_left_out(read):
    period = {"startDate": "2026-03-13", "endDate": "2031-03-12", "maxExtentDate": "2033-03-12"}
    more = {"amendments": [{"id": "1"}], "x_insurance": {"a": 1}, "documents": []}
    (found,) = read(release(contracts=[contract(period=period) | more]))
    notes = " ".join(found.notes)
    assert "extended until 2033-03-12" in notes
    assert "Not taken over: amendments, x_insurance." in notes


@pytest.mark.row("C15")
def test_a_period_that_can_be_read_in_two_ways_is_refused_with_both(read):
    period = {"startDate": "2026-01-01", "endDate": "2026-12-31", "durationInDays": 730}
    (found,) = read(release(contracts=[contract(period=period)]))
    ((_, reason),) = found.obstacles
    assert "2026-12-31" in reason
    assert "2027-12-31" in reason


@pytest.mark.row("C15")
def test_what_the_standard_does_not_say_stays_unknown(read):
    (found,) = read(release())
    assert (found.type.value, dict(found.stated)) == ("unknown", {})


@pytest.mark.row("C15")
@pytest.mark.parametrize(
    ("party", "country"),
    [
        ({"address": {"countryName": "Deutschland"}}, "DE"),
        ({"address": {"countryName": "Nowhere"}, "identifier": {"scheme": "DE-HR"}}, "DE"),
        ({"address": {"country": "JO"}}, "JO"),
        ({"address": {"countryName": "Nowhere"}}, "Nowhere"),
    ],
)
def test_the_country_is_told_by_code_register_or_local_name(read, party, country):
    buyer = {"id": "council", "name": "Council"}
    (found,) = read(release(parties=[buyer | party], buyer=buyer))
    assert found.partner.country == country


@pytest.mark.row("C15")
@pytest.mark.parametrize("amount", ["1e400", "1e999999999", "-1e999999999"])
def test_an_amount_beyond_all_bounds_is_refused(amount):
    value, wrong = money(Decimal(amount), "GBP")
    assert value is None
    assert wrong


#: As OCDS 1.0 has them: organisations stand where they are named, there is no list of parties.
INLINE_COUNCIL = {
    "name": "General Dental Council",
    "identifier": {"scheme": "GB-COH", "id": "01234567", "legalName": "General Dental Council Ltd"},
    "address": {"countryName": "United Kingdom"},
}
INLINE_HOME = {"name": "UCL Consultants Ltd", "identifier": {"scheme": "GB-COH", "id": "5"}}


def inline(**changes: Any) -> dict[str, Any]:
    awards = [{"id": "a1", "status": "active", "suppliers": [INLINE_HOME]}]
    return release(**{"parties": None, "buyer": INLINE_COUNCIL, "awards": awards} | changes)


def supplied_by(*suppliers: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"id": "a1", "status": "active", "suppliers": list(suppliers)}]


@pytest.mark.row("C15")
@pytest.mark.parametrize("parties", [None, []])
@pytest.mark.parametrize(
    ("buyer", "suppliers", "sides"),
    [
        (INLINE_COUNCIL, [INLINE_HOME], ["theirs", "ours"]),
        (INLINE_HOME, [INLINE_COUNCIL], ["theirs", "ours"]),
        (INLINE_COUNCIL, [{"name": "Somebody else"}], ["theirs", None]),
    ],
    ids=["we supply", "we buy", "neither"],
)
def test_organisations_given_inline_are_read_with_all_that_they_say(
    read, parties, buyer, suppliers, sides
):
    (found,) = read(inline(buyer=buyer, awards=supplied_by(*suppliers), parties=parties))
    partner = found.partner
    assert found.obstacles == ()
    assert (partner.name, partner.country) == ("General Dental Council Ltd", "GB")
    assert partner.aliases == ("General Dental Council",)
    assert partner.identifiers == (("GB-COH", "01234567"),)
    assert [side for _, side in found.parties] == sides


@pytest.mark.row("C15")
def test_an_inline_procuring_entity_is_the_partner_where_there_is_no_buyer(read):
    tender = {"title": "T", "procuringEntity": INLINE_COUNCIL}
    (found,) = read(inline(buyer=None, tender=tender))
    assert found.partner.name == "General Dental Council Ltd"


@pytest.mark.row("C15")
def test_of_several_inline_suppliers_the_first_is_the_partner_and_the_others_are_named(read):
    others = ({"name": "Exam Ltd"}, {"name": "Osce Ltd"})
    (found,) = read(inline(buyer=INLINE_HOME, awards=supplied_by(INLINE_COUNCIL, *others)))
    assert found.partner.name == "General Dental Council Ltd"
    assert found.notes == ("Also supplied by Exam Ltd, Osce Ltd.",)


@pytest.mark.row("C15")
def test_inline_suppliers_of_a_later_release_take_the_place_of_those_before(read):
    first = inline(buyer=INLINE_HOME, awards=supplied_by({"name": "Exam Ltd"}))
    later = inline(buyer=INLINE_HOME, awards=supplied_by(INLINE_COUNCIL), date="2026-04-30")
    assert [each.partner.name for each in read(first, later)] == [
        "Exam Ltd",
        "General Dental Council Ltd",
    ]


@pytest.mark.row("C15")
def test_an_organisation_with_a_legal_name_alone_has_a_name(read):
    nameless = {key: value for key, value in INLINE_COUNCIL.items() if key != "name"}
    (found,) = read(inline(buyer=nameless))
    assert (found.partner.name, found.partner.aliases) == ("General Dental Council Ltd", ())


@pytest.mark.row("C15")
def test_suppliers_without_an_array_round_them_are_read(read):
    (found,) = read(inline(awards=[{"id": "a1", "suppliers": INLINE_HOME}]))
    assert ("UCL Consultants Ltd", "ours") in found.parties


@pytest.mark.row("C15")
@pytest.mark.parametrize(
    ("buyer", "reason"),
    [
        ({"id": "GB-COH-1"}, "the partner has no name"),
        ({"name": 42}, "the name of the partner is the number 42, not text"),
        ({"name": True}, "the name of the partner is true, not text"),
        ({"name": ["A"]}, "the name of the partner is a list, not text"),
    ],
)
def test_a_buyer_without_a_name_is_refused_and_nobody_takes_its_place(read, buyer, reason):
    tender = {"title": "T", "procuringEntity": INLINE_COUNCIL}
    (found,) = read(inline(buyer=buyer, tender=tender))
    assert found.obstacles == (("partner", reason),)


@pytest.mark.row("C15")
@pytest.mark.parametrize(
    ("field", "told", "reason"),
    [
        ("value", {"amount": 1e400, "currency": "GBP"}, "'Infinity' is not an amount of money."),
        ("value", {"amount": float("nan"), "currency": "GBP"}, "'NaN' is not an amount of money."),
        ("value", {"amount": {"x": 1.5}, "currency": "GBP"}, "not a number"),
        ("value", {"amount": [1.5], "currency": "GBP"}, "not a number"),
        ("title", 1.5, "the title is the number 1.5, not text"),
        ("dateSigned", {"x": 1.5}, "dateSigned cannot be read as a date: an object"),
        ("dateSigned", float("nan"), "dateSigned cannot be read as a date: the number NaN"),
        ("period", {"startDate": "2026-03-13", "durationInDays": float("nan")}, "number NaN"),
        ("period", {"startDate": [1.5], "endDate": "2026-03-13"}, "a list"),
        ("milestones", [{"title": 1.5, "type": "delivery", "dueDate": float("nan")}], "unreadable"),
    ],
)
def test_what_cannot_be_read_is_refused_in_plain_words_and_costs_itself_alone(
    read, field, told, reason
):
    found, other = read(release(contracts=[contract(**{field: told}), contract(id="c2")]))
    said = " ".join((*(words for _, words in found.obstacles), *found.notes))
    assert reason in said
    assert "Decimal" not in said
    assert other.obstacles == ()


@pytest.mark.row("C15")
@pytest.mark.parametrize(
    "number", ["1e400", "1E+400", "9" * 5000, "1e999999999999", "1e99999999999999999999", "-1e400"]
)
@pytest.mark.parametrize("field", ["value", "period"])
def test_a_number_that_no_machine_holds_is_refused_in_plain_words(tmp_path, number, field):
    told = json.dumps(release()).replace("9153984", number if field == "value" else "5")
    if field == "period":
        told = told.replace('"endDate": "2031-03-12T23:59:59Z"', f'"durationInDays": {number}')
    (tmp_path / "huge.json").write_text(told)
    (found,) = Reader(HOME, TODAY).read(tmp_path / "huge.json")
    assert isinstance(found, PublishedContract)
    ((at, reason),) = found.obstacles
    assert at == field
    assert "Decimal" not in reason
    assert len(reason) < 120


@pytest.mark.row("C15")
def test_the_decimal_mark_tells_how_amounts_as_text_are_read(read):
    told = release(contracts=[contract(value={"amount": "125.000", "currency": "EUR"})])
    ((field, reason),) = read(told)[0].obstacles
    assert (field, "--decimal-mark" in reason) == ("value", True)
    values = [read(told, mark=mark)[0].value for mark in DecimalMark]
    assert values == [Money.of(125000, "EUR"), Money.of(125, "EUR")]
