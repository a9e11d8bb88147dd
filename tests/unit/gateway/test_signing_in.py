"""Coming in to the pages and going out: tokens, links, sessions, other sites' forms, the audit."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import request
from flask.testing import FlaskClient
from sqlalchemy import text
from structlog.testing import capture_logs

from services.gateway.domain.policy import Policy
from services.gateway.refusals import KNOWN, MANY, WINDOW, Refusals
from services.gateway.visits import Visits
from shared.errors import Unauthenticated
from shared.events.vocabulary import Role
from shared.work import Call, UnitOfWork
from tests.unit.gateway.conftest import KEY, Gateway

pytestmark = pytest.mark.row("X6", "X2")

PARTNER = str(uuid4())
POLICY = Policy()


class MovedClock:
    """The time, as far ahead as a test says."""

    ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def clock(gateway: Gateway) -> MovedClock:
    moved = MovedClock()
    unit_of_work(gateway).clock = moved
    return moved


def unit_of_work(gateway: Gateway) -> UnitOfWork:
    return gateway.calls.desks["gateway"].unit_of_work


def code(gateway: Gateway, role: Role = Role.OBSERVER) -> str:
    visits = Visits(unit_of_work(gateway), KEY)
    made, _ = visits.new_code(gateway.token(role)["secret"], Call())
    return made


def enter(client: FlaskClient, secret: str, **headers: str) -> Any:
    return client.post("/enter", data={"token": secret}, headers=headers)


def is_in(client: FlaskClient) -> bool:
    return "Sign out" in client.get("/").text


def audited(gateway: Gateway, type_: str) -> list[dict[str, Any]]:
    with unit_of_work(gateway).database.reading() as session:
        rows = session.execute(
            text("select data from event_log where type = :type order by position"),
            {"type": f"gateway.{type_}"},
        )
        return [json.loads(data) for (data,) in rows]


# By a token


def test_a_stranger_is_asked_in(gateway: Gateway):
    answer = gateway.app.test_client().get("/")
    assert answer.status_code == 200
    assert "access token" in answer.text


def test_a_stranger_sees_no_page_of_a_partner(gateway: Gateway):
    answer = gateway.app.test_client().get(f"/partners/{PARTNER}")
    assert answer.status_code == 401
    assert f'value="/partners/{PARTNER}"' in answer.text


def test_a_token_lets_its_bearer_in_and_the_cookie_is_kept_from_scripts_and_sites(
    gateway: Gateway,
):
    answer = gateway.app.test_client().post("/enter", data={"token": gateway.token()["secret"]})
    cookie = answer.headers["Set-Cookie"]
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


def test_the_cookie_does_not_hold_the_secret(gateway: Gateway):
    secret = gateway.token()["secret"]
    answer = gateway.app.test_client().post("/enter", data={"token": secret})
    assert secret not in answer.headers["Set-Cookie"]


def test_over_https_the_cookie_stays_on_https(gateway: Gateway):
    answer = gateway.app.test_client().post(
        "/enter",
        data={"token": gateway.token()["secret"]},
        base_url="https://entente.example",
    )
    assert "Secure" in answer.headers["Set-Cookie"]


def test_an_unknown_token_opens_nothing(gateway: Gateway):
    answer = gateway.app.test_client().post("/enter", data={"token": "ent_wrong"})
    assert answer.status_code == 401
    assert "Set-Cookie" not in answer.headers


def test_who_typed_the_token_goes_on_to_the_page_that_was_wanted(gateway: Gateway):
    answer = gateway.app.test_client().post(
        "/enter", data={"token": gateway.token()["secret"], "to": "/contracts?state=active"}
    )
    assert answer.headers["Location"] == "/contracts?state=active"


@pytest.mark.parametrize("to", ["https://evil.example", "//evil.example", "/\\evil.example", ""])
def test_signing_in_leads_nowhere_else(gateway: Gateway, to: str):
    answer = gateway.app.test_client().post(
        "/enter", data={"token": gateway.token()["secret"], "to": to}
    )
    assert answer.headers["Location"] == "/"


def test_a_forged_cookie_is_nobody(gateway: Gateway):
    client = gateway.app.test_client()
    client.set_cookie("entente", "forged")
    assert "access token" in client.get("/").text


def test_revoking_the_token_ends_the_visit(gateway: Gateway):
    token = gateway.token(Role.OBSERVER)
    visitor = gateway.app.test_client()
    visitor.post("/enter", data={"token": token["secret"]})
    gateway.client().post(f"/api/v1/tokens/{token['id']}/revoke")
    assert "access token" in visitor.get("/").text


# By a sign-in link


def test_a_code_lets_in_once(gateway: Gateway):
    made, first, second = code(gateway), gateway.app.test_client(), gateway.app.test_client()
    assert enter(first, made).status_code == 303
    assert is_in(first)
    again = enter(second, made)
    assert again.status_code == 401
    assert "used already" in again.text
    assert "entente sign-in" in again.text


@pytest.mark.parametrize("typed", [str.lower, lambda made: made.replace("-", " "), "  {} ".format])
def test_a_code_may_be_typed(gateway: Gateway, typed: Any):
    client = gateway.app.test_client()
    assert enter(client, typed(code(gateway))).status_code == 303


def test_a_code_works_for_minutes(gateway: Gateway, clock: MovedClock):
    made, late = code(gateway), code(gateway)
    clock.ahead = timedelta(minutes=POLICY.sign_in_minutes, seconds=-5)
    assert enter(gateway.app.test_client(), made).status_code == 303
    clock.ahead = timedelta(minutes=POLICY.sign_in_minutes, seconds=1)
    refused = enter(gateway.app.test_client(), late)
    assert refused.status_code == 401
    assert "too old" in refused.text


@pytest.mark.parametrize("wrong", ["", "0000-0000-0000-0000-0000", "x", "\ud800", "A" * 5000])
def test_an_unknown_code_lets_nobody_in(gateway: Gateway, wrong: str):
    client = gateway.app.test_client()
    refused = client.post("/enter", data=b"token=" + wrong.encode("utf-8", "surrogatepass"))
    assert refused.status_code == 401
    assert "Set-Cookie" not in refused.headers
    assert not is_in(client)


def test_a_code_of_a_revoked_token_lets_nobody_in(gateway: Gateway):
    token = gateway.token(Role.OBSERVER)
    made, _ = Visits(unit_of_work(gateway), KEY).new_code(token["secret"], Call())
    gateway.client().post(f"/api/v1/tokens/{token['id']}/revoke")
    assert enter(gateway.app.test_client(), made).status_code == 401


def test_no_code_is_made_for_a_token_that_one_does_not_hold(gateway: Gateway):
    for secret in ("ent_wrong", "", str(gateway.token()["id"])):
        with pytest.raises(Unauthenticated):
            Visits(unit_of_work(gateway), KEY).new_code(secret, Call())


def test_opening_the_page_does_nothing(gateway: Gateway):
    made, client = code(gateway), gateway.app.test_client()
    for address in ("/enter", f"/enter?code={made}", f"/enter?to=/&code={made}"):
        page = client.get(address)
        assert page.status_code == 200
        assert "Set-Cookie" not in page.headers
    assert enter(client, made).status_code == 303


def test_a_token_in_an_address_is_not_taken(gateway: Gateway):
    secret = gateway.token()["secret"]
    page = gateway.app.test_client().get("/enter", query_string={"token": secret})
    assert page.status_code == 400
    assert "Set-Cookie" not in page.headers
    assert "have it revoked" in page.text
    assert secret not in page.text
    api = gateway.app.test_client()
    for name in ("token", "access_token", "Authorization"):
        assert api.get("/api/v1/notes", query_string={name: secret}).status_code == 401


def test_neither_code_nor_cookie_is_logged(gateway: Gateway):
    made, client = code(gateway), gateway.app.test_client()
    with capture_logs() as logs:
        enter(client, made)
        enter(client, made)
        client.get("/")
    cookie = client.get_cookie("entente")
    assert cookie is not None
    for secret in (made, made.replace("-", ""), cookie.value):
        assert secret not in str(logs)


# Sessions


def test_signing_out_ends_the_session_on_the_server(gateway: Gateway):
    visitor = gateway.visitor()
    cookie = visitor.get_cookie("entente")
    assert cookie is not None
    left = visitor.post("/leave")
    assert (left.status_code, left.headers["Location"]) == (303, "/")
    assert "entente=;" in left.headers["Set-Cookie"]
    thief = gateway.app.test_client()
    thief.set_cookie("entente", cookie.value)
    assert not is_in(thief)


def test_signing_out_twice_or_as_nobody_is_no_error(gateway: Gateway):
    visitor = gateway.visitor()
    for client in (visitor, visitor, gateway.app.test_client()):
        assert client.post("/leave").status_code == 303


def test_a_cookie_from_before_signing_in_is_not_taken_over(gateway: Gateway):
    client = gateway.app.test_client()
    client.set_cookie("entente", "planted-by-somebody")
    enter(client, gateway.token()["secret"])
    cookie = client.get_cookie("entente")
    assert cookie is not None
    assert cookie.value != "planted-by-somebody"


def test_over_https_the_cookie_comes_from_this_host_alone(gateway: Gateway):
    """Another host of the domain could plant its own, and have people work as somebody else."""
    client = gateway.app.test_client()
    https = "https://localhost"
    secret = gateway.token()["secret"]
    answer = client.post("/enter", data={"token": secret}, base_url=https)
    flags = answer.headers["Set-Cookie"]
    assert flags.startswith("__Host-entente=")
    assert "; Secure;" in flags
    assert "Path=/" in flags
    assert "Domain" not in flags
    assert "Sign out" in client.get("/", base_url=https).text
    planted = gateway.app.test_client()
    planted.set_cookie("entente", answer.headers["Set-Cookie"].split("=")[1].split(";")[0])
    assert "Sign out" not in planted.get("/", base_url=https).text
    left = client.post("/leave", base_url=https)
    assert left.headers["Set-Cookie"].startswith("__Host-entente=;")
    assert "Secure" in left.headers["Set-Cookie"]


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-www-form-urlencoded", "a=1&" * 100_000),
        (
            "multipart/form-data; boundary=b",
            "--b\r\nContent-Disposition: form-data; name=a\r\n" * 9999,
        ),
    ],
)
def test_a_stranger_has_no_long_form_taken_apart(gateway: Gateway, content_type: str, body: str):
    """Each megabyte of fields cost half a second, before anybody was asked who they are."""
    gateway.app.config["MAX_CONTENT_LENGTH"] = 1024 * 1024
    answer = gateway.app.test_client().post("/enter", data=body, content_type=content_type)
    assert answer.status_code == 413
    assert "16,384 bytes" in answer.text


def test_signing_in_again_ends_the_session_before(gateway: Gateway):
    client = gateway.visitor()
    before = client.get_cookie("entente")
    assert before is not None
    enter(client, gateway.token()["secret"])
    other = gateway.app.test_client()
    other.set_cookie("entente", before.value)
    assert not is_in(other)
    assert is_in(client)


def test_a_session_that_is_left_alone_ends(gateway: Gateway, clock: MovedClock):
    visitor = gateway.visitor()
    half = timedelta(minutes=POLICY.idle_minutes * 0.6)
    for _ in range(3):
        clock.ahead += half
        assert is_in(visitor)
    clock.ahead += timedelta(minutes=POLICY.idle_minutes, seconds=1)
    assert not is_in(visitor)


def test_a_session_ends_however_busy_it_is(gateway: Gateway, clock: MovedClock):
    visitor = gateway.visitor()
    for _ in range(POLICY.session_hours - 1):
        clock.ahead += timedelta(hours=1)
        assert is_in(visitor)
    clock.ahead += timedelta(hours=1, seconds=1)
    assert not is_in(visitor)


def test_what_is_stored_lets_nobody_in(gateway: Gateway):
    gateway.visitor()
    with unit_of_work(gateway).database.reading() as session:
        (digest,) = session.scalars(text("select digest from sessions"))
    thief = gateway.app.test_client()
    thief.set_cookie("entente", digest)
    assert not is_in(thief)


def test_another_key_ends_all_sessions(gateway: Gateway):
    client = gateway.visitor()
    cookie = client.get_cookie("entente")
    assert cookie is not None
    with gateway.app.test_request_context(headers={"Cookie": f"entente={cookie.value}"}):
        assert Visits(unit_of_work(gateway), KEY).token(request)
        assert Visits(unit_of_work(gateway), "another key").token(request) is None


# Forms of other sites


@pytest.mark.parametrize("form", ["/enter", "/leave"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
        {"Sec-Fetch-Site": ""},
        {"Sec-Fetch-Site": "none", "Origin": "http://elsewhere.example"},
        {"Sec-Fetch-Site": "none", "Origin": "null"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:81"},
        {"Origin": ""},
    ],
)
def test_another_site_signs_nobody_in_or_out(gateway: Gateway, form: str, headers: dict[str, str]):
    visitor = gateway.visitor()
    refused = visitor.post(
        form, data={"token": gateway.token()["secret"]}, headers=headers | {"Accept": "text/html"}
    )
    assert refused.status_code == 403
    assert is_in(visitor)


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-origin", "Origin": "null"},  # Chromium, with our old policy
        {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"},
        {"Origin": "http://localhost"},
        {},
    ],
)
def test_our_own_form_signs_in(gateway: Gateway, headers: dict[str, str]):
    client = gateway.app.test_client()
    answer = client.post("/enter", data={"token": gateway.token()["secret"]}, headers=headers)
    assert answer.status_code == 303


def test_pages_let_browsers_say_where_a_form_comes_from(gateway: Gateway):
    assert gateway.app.test_client().get("/").headers["Referrer-Policy"] == "same-origin"


# The audit


def test_signing_in_and_out_is_audited_with_the_address(gateway: Gateway):
    client = gateway.app.test_client()
    client.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    token = gateway.token(Role.OBSERVER)
    enter(client, token["secret"])
    client.post("/leave")
    for type_ in ("signed_in", "signed_out"):
        (event,) = audited(gateway, type_)
        assert (event["token_id"], event["address"]) == (token["id"], "192.0.2.7")


def test_issuing_and_revoking_a_token_is_audited_with_the_address(gateway: Gateway):
    api = gateway.client()
    api.environ_base["REMOTE_ADDR"] = "2001:db8::7"
    token = api.post("/api/v1/tokens", json={"name": "Ben", "roles": ["observer"]}).get_json()
    api.post(f"/api/v1/tokens/{token['id']}/revoke")
    assert [each["address"] for each in audited(gateway, "token_issued")] == [
        "command line",  # the token of the client itself
        "2001:db8::7",
    ]
    assert [each["address"] for each in audited(gateway, "token_revoked")] == ["2001:db8::7"]


@pytest.mark.parametrize("secret", ["ent_wrong", "0000-0000"])
def test_a_refused_sign_in_is_audited_without_what_was_typed(gateway: Gateway, secret: str):
    client = gateway.app.test_client()
    client.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    enter(client, secret)
    (event,) = audited(gateway, "access_refused")
    assert (event["address"], event["operation"], event["times"]) == ("192.0.2.7", "sign in", 1)
    assert secret not in str(event)


def test_what_a_program_may_not_do_is_audited_with_its_token(gateway: Gateway):
    token = gateway.token(Role.OBSERVER)
    gateway.app.test_client().post(
        "/api/v1/tokens",
        json={"name": "Ben", "roles": ["administrator"]},
        headers={"Authorization": f"Bearer {token['secret']}"},
    )
    (event,) = audited(gateway, "access_refused")
    assert event["token_id"] == token["id"]
    assert event["operation"] == "POST /api/v1/tokens"


def test_an_unknown_token_of_a_program_is_audited(gateway: Gateway):
    client = gateway.app.test_client()
    client.get("/api/v1/notes", headers={"Authorization": "Bearer ent_wrong"})
    (event,) = audited(gateway, "access_refused")
    assert (event["token_id"], event["rule"]) == (None, "token")


class Seconds:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_many_refusals_of_a_kind_are_counted_and_not_lost(gateway: Gateway):
    seconds = Seconds()
    refusals = Refusals(unit_of_work(gateway), seconds)

    def refuse(address: str) -> None:
        refusals.note(address, "token", "sign in", None, "correlation")

    for _ in range(1000):
        refuse("192.0.2.7")
    assert [each["times"] for each in audited(gateway, "access_refused")] == [1]
    seconds.now = WINDOW
    refuse("192.0.2.8")
    told = [(each["address"], each["times"]) for each in audited(gateway, "access_refused")]
    assert told == [("192.0.2.7", 1), ("192.0.2.7", 999), ("192.0.2.8", 1)]


def test_refusals_of_countless_addresses_fill_neither_memory_nor_log(gateway: Gateway):
    refusals = Refusals(unit_of_work(gateway), Seconds())
    for number in range(KNOWN + 300):
        refusals.note(f"2001:db8::{number:x}", "token", "sign in", None, "correlation")
    told = audited(gateway, "access_refused")
    assert len(told) == KNOWN + 1
    assert told[-1]["address"] == MANY
