"""The newest heads of the event logs, as anybody reads them."""

from pathlib import Path
from typing import Any

import pytest

from services.gateway import log_heads
from tests.unit.gateway.conftest import gateway_in

pytestmark = pytest.mark.row("X2")

HEAD = {
    "service": "partner",
    "link": 4,
    "hash": "0" * 64,
    "signed_at": "2026-11-30T08:00:00+00:00",
    "key": "0123456789abcdef",
    "signature": "c2lnbmVk",
    "public_key": "A" * 43,
}


class Services:
    """What services say, and how often they were asked."""

    def __init__(self, *answers: tuple[list[dict[str, Any]], list[str]]) -> None:
        self.answers = list(answers)
        self.asked = 0

    def __call__(self) -> tuple[list[dict[str, Any]], list[str]]:
        self.asked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    moment = [1000.0]
    monkeypatch.setattr(log_heads.time, "monotonic", lambda: moment[0])
    return moment


def test_heads_are_read_without_a_token_and_services_asked_once_a_minute(
    tmp_path: Path, now: list[float]
) -> None:
    services = Services(([HEAD], []))
    with gateway_in(tmp_path, log_heads=services) as gateway:
        client = gateway.app.test_client()
        for _ in range(100):
            answer = client.get("/api/v1/log-heads")
            assert answer.json == {"items": [HEAD], "unreachable": []}
        assert services.asked == 1
        now[0] += log_heads.FRESH
        client.get("/api/v1/log-heads")
        assert services.asked == 2


def test_a_service_that_does_not_answer_is_named_and_asked_again_soon(
    tmp_path: Path, now: list[float]
) -> None:
    services = Services(([HEAD], ["finance"]), ([HEAD, HEAD | {"service": "finance"}], []))
    with gateway_in(tmp_path, log_heads=services) as gateway:
        client = gateway.app.test_client()
        assert client.get("/api/v1/log-heads").json == {"items": [HEAD], "unreachable": ["finance"]}
        now[0] += log_heads.INCOMPLETE
        assert client.get("/api/v1/log-heads").get_json()["unreachable"] == []


def test_where_no_service_answers_nothing_is_shown_as_nothing(
    tmp_path: Path, now: list[float]
) -> None:
    with gateway_in(tmp_path, log_heads=Services(([], ["finance", "partner"]))) as gateway:
        for _ in range(2):
            answer = gateway.app.test_client().get("/api/v1/log-heads")
            assert (answer.status_code, answer.get_json()["rule"]) == (503, "no-service")
            assert answer.headers["Retry-After"]


def test_new_logs_have_no_heads(tmp_path: Path, now: list[float]) -> None:
    with gateway_in(tmp_path, log_heads=Services(([], []))) as gateway:
        answer = gateway.app.test_client().get("/api/v1/log-heads")
        assert answer.json == {"items": [], "unreachable": []}
