"""The pages for people: who gets in, what they see, and what happens when a service is away."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient

from services.gateway import store
from services.gateway.app import create_app
from services.gateway.operations import operations as own
from services.gateway.pages.burn_down import Chart
from services.gateway.pages.wording import code, language, money, number, word
from services.gateway.refusals import Refusals
from services.gateway.store import TokenStore
from services.gateway.visits import Visits
from shared.errors import NotFound, Unavailable
from shared.events.vocabulary import Role
from shared.operations import Operation
from shared.permissions import Permissions
from shared.work import OFFICE, Call
from tests.unit.gateway.conftest import KEY, Gateway, desk

PARTNER, CONTRACT = str(uuid4()), str(uuid4())

INSTITUTION = {
    "legal_name": "Newgiza University",
    "local_name": "جامعة نيو جيزة",
    "country": "EG",
    "sector": "university",
    "website": None,
    "ror": None,
}


def role_burn(role: str, approved: str, percent: int) -> dict[str, Any]:
    return {
        "role": role,
        "rate": {"amount": "900.00", "currency": "GBP"},
        "budget": "10",
        "planned": "10",
        "logged": approved,
        "approved": approved,
        "remaining": "1",
        "percent": percent,
        "exhausted_on": "2027-04-02",
    }


BURN_DOWN = {
    **role_burn("all", "9", 90),
    "as_at": "2026-11-22",
    "terms_version": 1,
    "roles": [role_burn("lead_consultant", "9", 90)],
    "alerts": [],
    "weeks": [
        {"starts_on": "2026-11-09", "approved": "3", "remaining": "7"},
        {"starts_on": "2026-11-16", "approved": "6", "remaining": "1"},
    ],
}


def entry(sentence: str, at: str = "2026-11-22T10:00:00+00:00") -> dict[str, Any]:
    return {
        "occurred_at": at,
        "source": "faculty",
        "sentence": sentence,
        "contract_id": CONTRACT,
        "contract_reference": "CTR-2026-0001",
    }


#: What the services answer, by service and binding.
ANSWERS: dict[tuple[str, str], Any] = {
    ("partner", "GET /partners"): {
        "items": [
            {
                "id": PARTNER,
                "institution": INSTITUTION,
                "state": "active",
                "risk_band": "medium",
                "reference": "PTR-2026-0001",
            }
        ],
        "next": "more",
    },
    ("partner", "GET /partners/{id}"): {
        "id": PARTNER,
        "institution": INSTITUTION,
        "state": "active",
        "risk_band": "medium",
        "reference": "PTR-2026-0001",
        "needs": None,
        "checks": [],
        "due_diligence_until": "2028-07-15",
        "due_diligence_expired": False,
    },
    ("contract", "GET /contracts"): {"items": [], "next": None},
    ("contract", "GET /contracts/{id}"): {
        "id": CONTRACT,
        "title": "Assessment redesign",
        "reference": "CTR-2026-0001",
        "partner_id": PARTNER,
        "partner": {"id": PARTNER, "name": "Newgiza University"},
        "state": "active",
        "type": "statement_of_work",
        "starts_on": "2026-07-25",
        "ends_on": "2027-07-25",
        "value": {"amount": "125000.00", "currency": "GBP"},
        "renewal": "fixed",
        "notice_days": 90,
        "milestones": [],
        "approvals": [],
        "open_roles": [],
        "signatories": [],
    },
    ("contract", "GET /contracts/{id}/burn-down"): BURN_DOWN,
    ("finance", "GET /invoices"): {"items": [], "next": None},
    ("insight", "GET /partners/{id}/timeline"): {
        "items": [entry("Certificate issued"), entry("Certificate issued"), entry("Started")],
        "next": None,
    },
    ("insight", "GET /contracts/{id}/timeline"): {"items": [], "next": None},
}


class CannedCalls:
    """Answers as the services would; those in `down` do not."""

    def __init__(self) -> None:
        self.down: set[str] = set()
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def execute(self, service: str, name: str, body: dict[str, Any], call: Call) -> dict[str, Any]:
        raise AssertionError("pages change nothing")

    def ask(
        self, service: str, name: str, parameters: dict[str, Any], call: Call
    ) -> dict[str, Any]:
        self.asked.append((service, parameters))
        if service in self.down:
            raise Unavailable("No answer.")
        if parameters.get("id") not in (None, PARTNER, CONTRACT):
            raise NotFound("There is no such thing.", rule="exists")
        return {"body": ANSWERS[service, name], "version": 1}


@pytest.fixture
def calls() -> CannedCalls:
    return CannedCalls()


@pytest.fixture
def reader(calls: CannedCalls, tmp_path: Path) -> Iterator[FlaskClient]:
    """Somebody who is signed in, in front of canned services."""
    with signed_in(calls, tmp_path, Role.OBSERVER) as client:
        yield client


@contextmanager
def signed_in(
    calls: CannedCalls, folder: Path, role: Role, *more: Operation
) -> Iterator[FlaskClient]:
    """Somebody of the role; `more` is also installed."""
    doorman = desk(own, store.metadata, folder)
    unit_of_work = doorman.unit_of_work
    body = {"name": "Amina", "roles": [role.value]}
    secret = doorman.execute("issue_token", body, Call(actor=OFFICE))["body"]["secret"]
    app: Flask = create_app(
        [*(operation(service, binding) for service, binding in ANSWERS), *more],
        calls,
        TokenStore(unit_of_work.database),
        dict,
        Visits(unit_of_work, KEY),
        Refusals(unit_of_work),
        log_heads=lambda: ([], []),
        zone=ZoneInfo("Europe/London"),
    )
    client = app.test_client()
    client.post("/enter", data={"token": secret})
    yield client
    unit_of_work.database.close()


def operation(service: str, binding: str) -> Operation:
    method, _, path = binding.partition(" ")
    return Operation(
        service=service,
        name=binding,
        method=method,
        path=path,
        run=print,
        needs="any",
        permissions=Permissions({}, {}),
    )


# What is seen


def test_partners_are_listed_with_their_name_in_their_own_script(reader: FlaskClient):
    page = reader.get("/").text
    assert "Newgiza University" in page
    assert '<bdi dir="auto" lang="ar">جامعة نيو جيزة</bdi>' in page


def test_a_search_goes_to_the_owner_and_stays_in_the_link_to_the_next_page(
    reader: FlaskClient, calls: CannedCalls
):
    page = reader.get("/?text=giza&state=active").text
    asked = dict(calls.asked)["partner"]
    assert (asked["text"], asked["state"]) == ("giza", "active")
    assert 'href="?text=giza&amp;state=active&amp;cursor=more"' in page


@pytest.mark.row("U1")
def test_a_partner_has_its_timeline_with_what_happened_in_a_row_told_once(reader: FlaskClient):
    page = reader.get(f"/partners/{PARTNER}").text
    assert page.count("Certificate issued") == 1
    assert "× 2" in page
    assert "November 2026" in page


@pytest.mark.row("U1")
def test_a_timeline_is_filtered_by_kind_and_contract(reader: FlaskClient, calls: CannedCalls):
    reader.get(f"/partners/{PARTNER}?kind=finance&contract_id={CONTRACT}")
    asked = dict(calls.asked)["insight"]
    assert (asked["kind"], asked["contract_id"]) == ("finance", CONTRACT)


@pytest.mark.row("C10")
def test_a_contract_has_its_burn_down_as_numbers_bar_and_chart(reader: FlaskClient):
    page = reader.get(f"/contracts/{CONTRACT}").text
    assert "Lead consultant" in page
    assert "90 %" in page
    assert "<polyline" in page
    assert '<time datetime="2027-04-02">2 Apr 2027</time>' in page


@pytest.mark.parametrize("down", ["contract", "insight"])
def test_a_partner_is_shown_while_another_service_is_away(
    reader: FlaskClient, calls: CannedCalls, down: str
):
    calls.down = {down}
    answer = reader.get(f"/partners/{PARTNER}")
    assert answer.status_code == 200
    assert "Newgiza University" in answer.text
    assert f"The {down} service cannot be reached right now" in answer.text


def test_a_service_that_is_away_is_waited_for_once_a_page(reader: FlaskClient, calls: CannedCalls):
    calls.down = {"finance", "insight"}
    reader.get(f"/contracts/{CONTRACT}")
    services = [service for service, _ in calls.asked]
    assert services.count("insight") == 1


@pytest.mark.parametrize("address", ["/", f"/partners/{PARTNER}"])
def test_a_sector_that_nobody_told_is_shown_as_not_provided(
    reader: FlaskClient, monkeypatch: pytest.MonkeyPatch, address: str
):
    monkeypatch.setitem(INSTITUTION, "sector", "unknown")
    page = reader.get(address).get_data(as_text=True)
    assert "Not provided" in page
    assert "<dd>Unknown" not in page


def test_a_partner_that_is_not_there_is_a_page_with_404(reader: FlaskClient):
    answer = reader.get(f"/partners/{uuid4()}", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.mimetype) == (404, "text/html")


@pytest.mark.parametrize(
    "path", ["/", f"/partners/{PARTNER}", "/contracts", f"/contracts/{CONTRACT}"]
)
def test_no_page_needs_inline_styles_or_scripts(reader: FlaskClient, path: str):
    page = reader.get(path).text
    assert "style=" not in page
    assert "<script>" not in page


def test_the_reference_and_every_kind_of_problem_are_explained(gateway: Gateway):
    stranger = gateway.app.test_client()
    assert "/assets/swagger-ui.js" in stranger.get("/api/v1/docs").text
    assert "Somebody else changed it first" in stranger.get("/problems/").text


def test_what_programs_write_is_set_off_and_nothing_else_is_markup():
    assert code("send `If-Match: <1>` & wait") == (
        "send <code>If-Match: &lt;1&gt;</code> &amp; wait"
    )
    assert code("a lonely ` stays") == "a lonely ` stays"


def test_only_named_files_are_served_as_assets(gateway: Gateway):
    stranger = gateway.app.test_client()
    assert stranger.get("/assets/entente.css").mimetype == "text/css"
    assert stranger.get("/assets/..").status_code == 404
    assert stranger.get("/assets/package.json").status_code == 404


# Words


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [
        ("125000.00", "GBP", "GBP 125,000.00"),
        ("1.500", "JOD", "JOD 1.500"),
        ("5000", "JPY", "JPY 5,000"),
    ],
)
def test_money_is_written_with_the_decimals_of_its_currency(amount, currency, written):
    assert money({"amount": amount, "currency": currency}).replace("\xa0", " ") == written


def test_words_and_numbers_are_written_for_people():
    assert (word("in_review"), word("nhs"), number("12.50")) == ("In review", "NHS", "12.5")


@pytest.mark.parametrize(
    ("name", "country", "lang"),
    [
        ("جامعة", "JO", "ar"),
        ("京都大学", "JP", "ja"),
        ("Đại học", "VN", None),
        ("University", "EG", None),
        ("جامعة", "XX", None),
    ],
)
def test_the_language_of_a_name_is_told_only_where_script_and_country_agree(name, country, lang):
    assert language(name, country) == lang


@pytest.mark.row("C10")
def test_the_chart_grows_from_zero_to_what_was_approved():
    chart = Chart.of(BURN_DOWN)
    assert chart is not None
    points = [tuple(map(float, each.split(","))) for each in chart.line.split()]
    assert [x for x, _ in points] == sorted(x for x, _ in points)
    assert points[0][1] == chart.bottom
    assert points[-1][1] == pytest.approx(chart.marks[2].place + 0.1 * (216 / 1.08), abs=1)


@pytest.mark.row("C10")
def test_a_budget_on_which_nothing_was_approved_has_no_chart():
    assert Chart.of({**BURN_DOWN, "weeks": []}) is None
