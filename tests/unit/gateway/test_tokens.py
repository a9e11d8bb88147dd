"""API tokens: who is let in."""

import hashlib
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from services.gateway.domain.token import Token
from services.gateway.secret import digest, new_secret
from shared.errors import Conflict, Invalid
from shared.events.gateway import TokenIssued, TokenRevoked
from shared.events.vocabulary import Role
from tests.unit.gateway.conftest import Gateway
from tests.unit.gateway.test_signing_in import audited

pytestmark = pytest.mark.row("X4")

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def issue(*roles: Role, partner_id=None) -> Token:
    return Token.issue(
        name="Amina",
        roles=roles or [Role.OBSERVER],
        partner_id=partner_id,
        digest="0" * 64,
        by="office",
        address="192.0.2.1",
        at=NOON,
    )


def test_issuing_a_token_is_an_event_without_a_name():
    token = issue()
    assert token.collect() == [
        TokenIssued(token_id=token.id, roles=(Role.OBSERVER,), partner_id=None, address="192.0.2.1")
    ]


def test_a_partner_guest_must_have_a_partner():
    with pytest.raises(Invalid) as refused:
        issue(Role.PARTNER_GUEST)
    assert refused.value.rule == "guest-has-partner"


def test_only_a_partner_guest_has_a_partner():
    with pytest.raises(Invalid) as refused:
        issue(Role.OBSERVER, partner_id=uuid4())
    assert refused.value.rule == "only-guests-have-a-partner"


def test_a_token_is_revoked_once():
    token = issue()
    token.collect()
    token.revoke(address="192.0.2.1", at=NOON)
    assert token.collect() == [TokenRevoked(token_id=token.id, address="192.0.2.1")]
    with pytest.raises(Conflict):
        token.revoke(address="192.0.2.1", at=NOON)


def test_a_secret_begins_with_the_prefix_that_scanners_know_and_is_never_the_same():
    assert new_secret().startswith("ent_")
    assert new_secret() != new_secret()


def test_of_a_secret_only_its_sha256_is_stored(gateway: Gateway):
    issued = gateway.token()
    database = gateway.calls.desks["gateway"].unit_of_work.database
    with database.reading() as session:
        stored = str(session.execute(text("SELECT * FROM tokens")).all())
        logged = str(session.execute(text("SELECT data, metadata FROM event_log")).all())
    assert issued["secret"] not in stored + logged
    assert hashlib.sha256(issued["secret"].encode()).hexdigest() == digest(issued["secret"])
    assert digest(issued["secret"]) in stored


def test_the_secret_is_shown_once(api: FlaskClient):
    issued = api.post("/api/v1/tokens", json={"name": "Import", "roles": ["observer"]})
    assert issued.status_code == 201
    read = api.get(issued.headers["Location"]).get_json()
    assert read["id"] == issued.get_json()["id"]
    assert "secret" not in read


def test_issuing_takes_no_idempotency_key_because_its_answer_would_be_kept(api: FlaskClient):
    answer = api.post(
        "/api/v1/tokens",
        json={"name": "Import", "roles": ["observer"]},
        headers={"Idempotency-Key": "k"},
    )
    assert answer.status_code == 422
    assert answer.get_json()["rule"] == "secret-shown-once"


def test_only_administrators_issue_tokens(gateway: Gateway):
    answer = gateway.client(Role.PARTNERSHIP_MANAGER).post(
        "/api/v1/tokens", json={"name": "Import", "roles": ["observer"]}
    )
    assert answer.status_code == 403


def test_a_revoked_token_lets_nobody_in(gateway: Gateway, api: FlaskClient):
    token = gateway.token(Role.OBSERVER)
    bearer = {"Authorization": f"Bearer {token['secret']}"}
    stranger = gateway.app.test_client()
    assert stranger.get("/api/v1/notes", headers=bearer).status_code == 200
    assert api.post(f"/api/v1/tokens/{token['id']}/revoke").status_code == 200
    assert stranger.get("/api/v1/notes", headers=bearer).status_code == 401


def test_tokens_are_listed_by_role_and_whether_they_are_valid(gateway: Gateway, api: FlaskClient):
    gateway.token(Role.FINANCE)
    listed = api.get("/api/v1/tokens?role=finance&revoked=false").get_json()["items"]
    assert [each["roles"] for each in listed] == [["finance"]]


def test_a_token_with_several_roles_is_the_actor_with_all_of_them(gateway: Gateway):
    issued = gateway.token(Role.FINANCE, Role.OBSERVER, Role.FINANCE)
    assert issued["roles"] == ["observer", "finance"]
    bearer = {"Authorization": f"Bearer {issued['secret']}"}
    gateway.app.test_client().get("/api/v1/notes", headers=bearer)
    assert gateway.calls.last.actor.roles == {"observer", "finance"}
    assert audited(gateway, "token_issued")[-1]["roles"] == ["observer", "finance"]


@pytest.mark.parametrize("roles", [[], ["emperor"], ["observer", "emperor"], "observer", None])
def test_a_token_without_a_role_of_ours_is_refused(api: FlaskClient, roles: object):
    answer = api.post("/api/v1/tokens", json={"name": "Nobody", "roles": roles})
    assert answer.status_code == 422


@pytest.mark.parametrize("other", [each for each in Role if each is not Role.PARTNER_GUEST])
def test_a_partner_guest_has_no_role_of_the_office(other: Role):
    with pytest.raises(Invalid) as refused:
        issue(Role.PARTNER_GUEST, other, partner_id=uuid4())
    assert refused.value.rule == "guests-have-no-other-role"


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic abc", "Bearer ent_unknown", "Bearer nothing"]
)
def test_without_a_known_token_nobody_is_let_in(gateway: Gateway, header: str):
    answer = gateway.app.test_client().get("/api/v1/notes", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_the_token_becomes_the_actor_with_its_role_and_partner(gateway: Gateway):
    partner = uuid4()
    gateway.client(Role.PARTNER_GUEST, partner).get("/api/v1/notes")
    actor = gateway.calls.last.actor
    assert actor.roles == {"partner_guest"}
    assert actor.scope == partner
