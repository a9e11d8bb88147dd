"""The lists of partners and contracts: narrowed, paged, with their totals."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from shared.errors import Unavailable
from shared.events.vocabulary import Role
from tests.unit.gateway.test_pages import ANSWERS, CannedCalls, operation, signed_in

TOTALS = "GET /contracts/totals"
SUMMARY = {
    **ANSWERS["contract", "GET /contracts/{id}"],
    "not_stated": [],
    "awaits_confirmation": False,
}


class Lists(CannedCalls):
    """Two contracts, and totals that a test may set."""

    def __init__(self) -> None:
        super().__init__()
        self.contracts: list[dict[str, Any]] = [SUMMARY]
        self.totals: Any = {
            "totals": [
                {"currency": "GBP", "contracts": 2, "value": amount("250000.00", "GBP")},
                {"currency": "JOD", "contracts": 1, "value": amount("1234.567", "JOD")},
            ],
            "without_value": 1,
        }

    def ask(self, service: str, name: str, parameters: dict[str, Any], call: Any) -> dict[str, Any]:
        self.asked.append((name, parameters))
        if name == TOTALS:
            if isinstance(self.totals, Exception):
                raise self.totals
            return {"body": self.totals, "version": None}
        if name == "GET /contracts":
            return {"body": {"items": self.contracts, "next": "more"}, "version": None}
        return super().ask(service, name, parameters, call)


def amount(value: str, currency: str) -> dict[str, str]:
    return {"amount": value, "currency": currency}


@pytest.fixture
def lists() -> Lists:
    return Lists()


@pytest.fixture
def reader(lists: Lists, tmp_path: Path) -> Iterator[FlaskClient]:
    with signed_in(lists, tmp_path, Role.OBSERVER, operation("contract", TOTALS)) as client:
        yield client


CONTRACTS = "text=exam&state=active&type=statement_of_work&ends_before=2027-01-01"
NARROWED = {
    "text": "exam",
    "state": "active",
    "type": "statement_of_work",
    "ends_before": "2027-01-01",
}


def test_contracts_are_narrowed_in_the_list_and_its_totals_alike(
    reader: FlaskClient, lists: Lists
) -> None:
    reader.get(f"/contracts?{CONTRACTS}&cursor=here")
    asked = dict(lists.asked)
    assert asked["GET /contracts"] == {**NARROWED, "cursor": "here", "limit": "25"}
    assert asked[TOTALS] == NARROWED


def test_what_narrows_the_contracts_stays_in_the_form_and_in_the_links(reader: FlaskClient) -> None:
    page = reader.get(f"/contracts?{CONTRACTS}").text
    assert 'value="exam"' in page
    assert '<option value="active" selected>Active</option>' in page
    assert '<option value="statement_of_work" selected>Statement of work</option>' in page
    assert 'type="date" value="2027-01-01"' in page
    assert f"{CONTRACTS}&cursor=more".replace("&", "&amp;") in page
    assert ">Clear</a>" in page
    assert ">Clear</a>" not in reader.get("/contracts").text


def test_the_totals_say_each_currency_and_what_counts_in_none(reader: FlaskClient) -> None:
    page = " ".join(reader.get("/contracts").text.replace("\xa0", " ").split())
    assert '<span class="num">GBP 250,000.00</span> (2 contracts), ' in page
    assert '<span class="num">JOD 1,234.567</span> (1 contract); 1 without a known value.' in page


def test_totals_of_contracts_of_which_no_value_is_known(reader: FlaskClient, lists: Lists) -> None:
    lists.totals = {"totals": [], "without_value": 3}
    assert "In all: 3 without a known value." in reader.get("/contracts").text


def test_a_list_is_shown_without_totals_where_they_cannot_be_had(
    reader: FlaskClient, lists: Lists
) -> None:
    lists.totals = Unavailable("No answer.")
    page = reader.get("/contracts").text
    assert "Assessment redesign" in page
    assert "In all" not in page


def test_what_a_source_did_not_say_is_not_made_up(reader: FlaskClient, lists: Lists) -> None:
    unknown = {"type": "unknown", "value": None, "ends_on": None}
    lists.contracts = [SUMMARY | unknown | {"not_stated": ["value", "ends_on"]}]
    page = reader.get("/contracts").text
    assert page.count("Not provided</td>") == 3
    assert ">Unknown</td>" not in page


def test_partners_are_narrowed_by_state_country_and_sector(
    reader: FlaskClient, lists: Lists
) -> None:
    page = reader.get("/?text=giza&state=active&country=Egypt&sector=university").text
    wanted = {"text": "giza", "state": "active", "country": "Egypt", "sector": "university"}
    assert dict(lists.asked)["GET /partners"] == {**wanted, "limit": "25"}
    assert 'name="country" type="text" value="Egypt"' in page
    assert '<option value="university" selected>University</option>' in page


@pytest.mark.parametrize(
    ("role", "is_offered"), [(Role.OBSERVER, False), (Role.PARTNERSHIP_MANAGER, True)]
)
def test_only_who_sees_the_risk_narrows_by_it(
    lists: Lists, tmp_path: Path, role: Role, is_offered: bool
) -> None:
    with signed_in(lists, tmp_path, role) as reader:
        page = reader.get("/?risk_band=high").text
    assert ('id="risk_band"' in page) is is_offered
    assert (dict(lists.asked)["GET /partners"].get("risk_band") == "high") is is_offered


@pytest.mark.parametrize("path", ["/", "/contracts"])
def test_what_was_typed_is_never_taken_for_markup(reader: FlaskClient, path: str) -> None:
    page = reader.get(path, query_string={"text": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in page
