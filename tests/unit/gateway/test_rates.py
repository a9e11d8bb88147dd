"""Nobody asks more often than the office allows; who is let in is not held up by who is not."""

from pathlib import Path

import limits
import pytest

from services.gateway.rates import Rates
from shared.events.vocabulary import Role
from tests.unit.gateway.conftest import gateway_in

pytestmark = pytest.mark.row("X4")

NOTES = "/api/v1/notes"
THREE = limits.parse("3/hour")


def test_one_address_asks_so_often(tmp_path: Path):
    with gateway_in(tmp_path, rates=Rates(of_address=THREE)) as gateway:
        api = gateway.client()
        assert [api.get(NOTES).status_code for _ in range(4)] == [200, 200, 200, 429]
        elsewhere = {"REMOTE_ADDR": "198.51.100.7"}
        assert api.get(NOTES, environ_overrides=elsewhere).status_code == 200
        assert api.get("/livez").status_code == 200


def test_the_refusal_says_when_to_come_back(tmp_path: Path):
    with gateway_in(tmp_path, rates=Rates(of_address=limits.parse("1/hour"))) as gateway:
        api = gateway.client()
        api.get(NOTES)
        answer = api.get(NOTES)
        assert answer.get_json()["type"] == "/problems/too-many-requests"
        assert 0 < int(answer.headers["Retry-After"]) <= 3600
        page = api.get("/", headers={"Accept": "text/html"})
        assert (page.status_code, page.mimetype) == (429, "text/html")
        assert page.headers["Retry-After"]


def test_one_token_asks_so_often_from_wherever(tmp_path: Path):
    with gateway_in(tmp_path, rates=Rates(of_token=THREE)) as gateway:
        api, other = gateway.client(), gateway.client(Role.OBSERVER)
        statuses = [
            api.get(NOTES, environ_overrides={"REMOTE_ADDR": f"198.51.100.{at}"}).status_code
            for at in range(4)
        ]
        assert statuses == [200, 200, 200, 429]
        assert other.get(NOTES).status_code == 200


def test_wrong_tokens_are_soon_not_listened_to_and_right_ones_still_are(tmp_path: Path):
    with gateway_in(tmp_path, rates=Rates(of_refused=THREE)) as gateway:
        stranger, api = gateway.app.test_client(), gateway.client()
        statuses = [
            stranger.get(NOTES, headers={"Authorization": f"Bearer ent_{at}"}).status_code
            for at in range(5)
        ]
        assert statuses == [401, 401, 401, 429, 429]
        assert api.get(NOTES).status_code == 200
        assert stranger.get(NOTES).status_code == 401  # no token at all is no guess
