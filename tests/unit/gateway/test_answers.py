"""What every answer carries, and how everything that goes wrong is said."""

import json
import re
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from services.gateway.problems import KINDS
from shared import errors
from tests.unit.gateway.conftest import Gateway

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
    assert headers["Referrer-Policy"] == "no-referrer"


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
        client.get("/api/v1/notes", headers={"Authorization": f"Bearer {secret}"})
    assert secret not in str(logs)


def test_requests_and_calls_are_measured_by_route_and_service(api: FlaskClient):
    api.get("/api/v1/notes")
    api.get("/api/v1/away")
    told = api.get("/metrics").text
    assert re.search(
        r'http_requests_total{method="GET",route="/api/v1/notes",status="200"} 1', told
    )
    assert 'call_seconds_count{operation="list_notes",service="library"} 1' in told
    assert 'call_failures_total{kind="unavailable",operation="be_away",service="library"} 1' in told


# Health


def test_the_gateway_is_alive_whatever_else_is_down(gateway: Gateway, api: FlaskClient):
    gateway.parts["broker"] = "does not answer"
    assert api.get("/livez").status_code == 200


def test_it_is_ready_when_every_part_is_up(api: FlaskClient):
    answer = api.get("/readyz")
    assert (answer.status_code, answer.get_json()["parts"]["library"]) == (200, "up")


def test_it_names_what_is_down(gateway: Gateway, api: FlaskClient):
    gateway.parts["library"] = "does not answer"
    answer = api.get("/readyz")
    assert answer.status_code == 503
    assert json.loads(answer.data)["parts"] == {"broker": "up", "library": "down: does not answer"}
    assert "Retry-After" in answer.headers


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
