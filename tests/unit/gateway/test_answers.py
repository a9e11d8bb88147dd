"""What every answer carries, and how everything that goes wrong is said."""

import json
import re
import threading
import time
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from prometheus_client import generate_latest
from structlog.testing import capture_logs
from werkzeug.test import Client

from services.gateway.health import Readiness
from services.gateway.problems import KINDS
from services.operators import operations_app
from shared import errors
from tests.unit.gateway.conftest import Gateway, gateway_in

pytestmark = pytest.mark.row("X4")


def test_every_refusal_of_the_services_has_its_problem():
    kinds = {cls.kind: cls.status for cls in errors._KINDS.values()}
    assert {name: KINDS[name].status for name in kinds} == kinds


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/nothing", 404),
        ("GET", f"/api/v1/notes/{uuid4()}", 404),
        ("GET", "/api/v1/notes/42", 422),
        ("PUT", "/api/v1/notes", 405),
        ("TRACE", "/api/v1/notes", 405),
        ("OPTIONS", "/api/v1/notes", 405),
        ("GET", "/api/v1/broken", 500),
        ("GET", "/api/v1/away", 503),
    ],
)
def test_whatever_goes_wrong_is_a_problem_document(
    api: FlaskClient, method: str, path: str, status: int
):
    answer = api.open(path, method=method)
    problem = json.loads(answer.data)
    assert answer.status_code == problem["status"] == status
    assert answer.mimetype == "application/problem+json"
    assert problem["instance"] == path
    assert problem["title"]
    assert problem["detail"]
    assert api.get(problem["type"]).status_code == 200


def test_a_method_that_is_not_possible_names_those_that_are(api: FlaskClient):
    allowed = set(api.put("/api/v1/notes").headers["Allow"].split(", "))
    assert allowed == {"GET", "HEAD", "POST"}


def test_what_is_unavailable_says_when_to_try_again(api: FlaskClient):
    assert int(api.get("/api/v1/away").headers["Retry-After"]) > 0


def test_an_unexpected_error_tells_the_caller_nothing_of_our_insides(api: FlaskClient):
    answer = api.get("/api/v1/broken")
    assert b"secret internals" not in answer.data
    assert b"Traceback" not in answer.data


def test_an_unexpected_error_is_logged_under_the_callers_correlation_id(api: FlaskClient):
    with capture_logs() as logs:
        api.get("/api/v1/broken", headers={"X-Correlation-Id": "story-1"})
    (failure,) = [line for line in logs if line["log_level"] == "error"]
    assert failure["correlation_id"] == "story-1"
    assert isinstance(failure["exc_info"], RuntimeError)


def test_who_takes_no_json_is_told_so(api: FlaskClient):
    assert api.get("/api/v1/notes", headers={"Accept": "text/csv"}).status_code == 406


@pytest.mark.parametrize("accepted", ["*/*", "application/*", "text/html, application/json;q=0.1"])
def test_who_takes_json_among_others_gets_it(api: FlaskClient, accepted: str):
    assert api.get("/api/v1/notes", headers={"Accept": accepted}).status_code == 200


def test_a_person_with_a_browser_gets_a_page_instead_of_a_problem_document(gateway: Gateway):
    answer = gateway.app.test_client().get("/nothing", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert answer.mimetype == "text/html"


# Correlation


def test_a_sane_correlation_id_is_taken_over_and_reaches_the_services(
    gateway: Gateway, api: FlaskClient
):
    answer = api.get("/api/v1/notes", headers={"X-Correlation-Id": "story-1"})
    assert answer.headers["X-Correlation-Id"] == "story-1"
    assert gateway.calls.last.correlation_id == "story-1"


@pytest.mark.parametrize("sent", ["", "a b", "x" * 65, "<script>"])
def test_any_other_correlation_id_is_replaced(api: FlaskClient, sent: str):
    answer = api.get("/api/v1/notes", headers={"X-Correlation-Id": sent})
    assert UUID(answer.headers["X-Correlation-Id"])


def test_the_callers_trace_goes_on_inside(gateway: Gateway, api: FlaskClient):
    trace = f"00-{'a' * 32}-{'b' * 16}-01"
    api.get("/api/v1/notes", headers={"traceparent": trace})
    assert gateway.calls.last.traceparent == trace


# Headers, logs, measurements


@pytest.mark.parametrize("path", ["/", "/livez", "/api/v1/notes", "/nothing", "/api/v1/broken"])
def test_every_answer_carries_the_headers_that_protect_its_reader(api: FlaskClient, path: str):
    headers = api.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_the_api_sets_no_cookie_and_takes_none(gateway: Gateway):
    visitor = gateway.visitor()
    answer = visitor.get("/api/v1/notes")
    assert answer.status_code == 401
    assert "Set-Cookie" not in answer.headers


def test_a_request_is_logged_without_what_it_said(gateway: Gateway, api: FlaskClient):
    with capture_logs() as logs:
        api.get("/api/v1/notes?title=Amina")
    (line,) = logs
    assert (line["method"], line["route"], line["status"]) == ("GET", "/api/v1/notes", 200)
    assert line["actor"] == gateway.calls.last.actor.id
    assert "Amina" not in str(line)


def test_a_secret_is_never_logged(gateway: Gateway):
    secret = gateway.token()["secret"]
    with capture_logs() as logs:
        client = gateway.app.test_client()
        client.get("/enter", query_string={"token": secret})
        client.post("/enter", data={"token": secret})
        client.post("/enter", data={"token": f"{secret}x"})
        client.get("/api/v1/notes", headers={"Authorization": f"Bearer {secret}"})
    assert secret not in str(logs)


def test_requests_and_calls_are_measured_by_route_and_service(gateway: Gateway):
    api = gateway.client()
    api.get("/api/v1/notes")
    api.get("/api/v1/away")
    told = generate_latest(gateway.metrics.registry).decode()
    assert re.search(
        r'http_requests_total{method="GET",route="/api/v1/notes",status="200"} 1', told
    )
    assert 'call_seconds_count{operation="list_notes",service="library"} 1' in told
    assert 'call_failures_total{kind="unavailable",operation="be_away",service="library"} 1' in told


def test_what_callers_make_up_does_not_grow_the_measurements(gateway: Gateway):
    api = gateway.client()

    def series_after(number: int) -> int:
        for at in range(number):
            api.open(f"/api/v1/notes/{at}", method=f"MADEUP{at}")
            api.open(f"//metrics/{at}", method="PURGE", headers={"Host": f"host{at}.example"})
            api.get(f"/api/v1/{at}?limit={at}", headers={"X-Correlation-Id": str(at)})
        return len(generate_latest(gateway.metrics.registry).splitlines())

    assert series_after(1) == series_after(20)


@pytest.mark.parametrize("path", ["/metrics", "//metrics", "/metrics/", "/%6detrics", "/./metrics"])
def test_measurements_are_not_for_everybody(api: FlaskClient, path: str):
    assert b"entente_" not in api.get(path, follow_redirects=True).data


@pytest.mark.parametrize("path", ["/api/v1/notes", "/api/v1/nothing", "/", "/problems/"])
def test_no_answer_is_kept_on_the_way(api: FlaskClient, path: str):
    assert api.get(path).headers["Cache-Control"] == "no-store"


# Host and scheme


def test_only_names_that_are_ours_are_served(tmp_path: Path):
    with gateway_in(tmp_path, hosts=("office.example",)) as gateway:
        client = gateway.app.test_client()

        def status(host: str, path: str = "/") -> int:
            return client.get(path, headers={"Host": host}).status_code

        assert [status(host) for host in ("office.example", "Office.Example:8000")] == [200, 200]
        for other in ("evil.example", "office.example.evil.example", "127.0.0.1", "[::1]"):
            assert status(other) == 400
        assert status("10.0.0.7:8000", "/livez") == 200  # asked by address


def test_a_browser_that_came_by_https_is_kept_there(gateway: Gateway):
    client = gateway.app.test_client()
    secure = client.get("/", base_url="https://office.example/")
    assert secure.headers["Strict-Transport-Security"].startswith("max-age=")
    assert "Strict-Transport-Security" not in client.get("/").headers


# Health


def test_the_gateway_is_alive_whatever_else_is_down(gateway: Gateway, api: FlaskClient):
    gateway.parts["broker"] = "does not answer"
    assert api.get("/livez").status_code == 200


def test_it_is_ready_when_every_part_is_up(api: FlaskClient):
    answer = api.get("/readyz")
    assert (answer.status_code, answer.get_json()) == (200, {"status": "ready"})


def test_it_tells_everybody_that_something_is_down_and_operators_what(
    gateway: Gateway, api: FlaskClient
):
    gateway.parts["library"] = "does not answer"
    answer = api.get("/readyz")
    assert answer.status_code == 503
    assert "library" not in answer.text
    assert "Retry-After" in answer.headers
    told = Client(operations_app(gateway.metrics.registry, lambda: gateway.parts)).get("/readyz")
    assert told.status_code == 503
    assert told.get_json() == {
        "status": "not ready",
        "parts": {"broker": "up", "library": "down: does not answer"},
    }


def test_operators_have_measurements_and_nothing_else(gateway: Gateway):
    operators = Client(operations_app(gateway.metrics.registry, None))
    assert b"entente_http_requests" in operators.get("/metrics").data
    statuses = [operators.get(path).status_code for path in ("/livez", "/readyz", "/")]
    assert statuses == [200, 404, 404]
    assert operators.post("/metrics").status_code == 405


def test_a_hundred_questions_are_one_look():
    looks = []

    def look() -> dict[str, str]:
        looks.append(1)
        time.sleep(0.01)
        return {"broker": ""}

    readiness = Readiness(look)
    asking = [threading.Thread(target=readiness) for _ in range(100)]
    for each in asking:
        each.start()
    for each in asking:
        each.join()
    assert looks == [1]


def test_without_its_own_database_nobody_is_let_in_and_that_is_said(
    gateway: Gateway, api, tmp_path
):
    database = gateway.calls.desks["gateway"].unit_of_work.database
    database.close()
    (tmp_path / "gateway.db").unlink()
    (tmp_path / "gateway.db").mkdir()
    answer = api.get("/api/v1/notes")
    assert answer.status_code == 503
    assert "Retry-After" in answer.headers
