"""A request that is sent again before it was answered, as clients do on bad networks."""

import json
from collections.abc import Callable
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import eventlet
import pytest

from shared.events.vocabulary import Role
from shared.work import OFFICE, Call
from tests.office import Office

pytestmark = pytest.mark.row("X4")

Answer = tuple[int, str, str | None]
Send = Callable[..., Answer]

INSTITUTION = {"legal_name": "Makerere University", "country": "UG", "sector": "university"}
CONTACT = {"name": "A. Otieno", "roles": ["coordinator"], "email": "a.otieno@example.org"}
PARTICIPANT = {"name": "B. Achieng", "email": "b.achieng@example.org", "profession": "nurse"}
CONSULTANT = {
    "name": "C. Mwangi",
    "email": "c.mwangi@example.org",
    "languages": ["en"],
    "expertise": [],
}


@pytest.fixture
def send(office: Office) -> Send:
    """Sends a command under a key; its status, body as it was written, and ETag."""
    told = {"name": "Client", "roles": [Role.PARTNERSHIP_OFFICER.value]}
    issued = office.calls.execute("gateway", "issue_token", told, Call(actor=OFFICE))
    secret = issued["body"]["secret"]

    def send(path: str, body: dict[str, Any], key: str, version: str | None = None) -> Answer:
        headers = {
            "Authorization": f"Bearer {secret}",
            "Content-Type": "application/json",
            "Idempotency-Key": key,
        } | ({"If-Match": version} if version else {})
        request = Request(f"{office.address}/api/v1{path}", json.dumps(body).encode(), headers)
        try:
            with urlopen(request) as answer:
                return answer.status, answer.read().decode(), answer.headers["ETag"]
        except HTTPError as error:
            return error.code, error.read().decode(), None

    return send


def at_once(send: Send, *arguments: Any) -> list[Answer]:
    sent = [eventlet.spawn(send, *arguments) for _ in range(8)]
    return [each.wait() for each in sent]


@pytest.mark.parametrize(
    ("path", "body"),
    [("/partners", INSTITUTION), ("/consultants", CONSULTANT), ("/participants", PARTICIPANT)],
)
def test_all_repeats_of_a_command_get_the_answer_of_the_first(
    send: Send, office: Office, path: str, body: dict[str, Any]
) -> None:
    answers = at_once(send, path, body, "once")
    assert {status for status, _, _ in answers} == {201}, answers
    assert all(answer == answers[0] for answer in answers)


def test_all_repeats_of_a_change_get_its_answer_and_not_that_it_is_stale(
    send: Send, office: Office
) -> None:
    _, partner, version = send("/partners", INSTITUTION, "first")
    path = f"/partners/{json.loads(partner)['id']}/contacts"
    answers = at_once(send, path, CONTACT, "second", version)
    assert {status for status, _, _ in answers} <= {200, 201}, answers
    assert all(answer == answers[0] for answer in answers)
    assert len(json.loads(answers[0][1])["contacts"]) == 1
