"""To reach the broker is not to reach a service: each kind of key opens what is meant for it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from prometheus_client import generate_latest

from services.platform import Caller
from shared.call import OFFICE, OPERATOR, Actor, Call
from shared.errors import Forbidden, Refusal, Unauthenticated
from shared.events.vocabulary import Role
from shared.keys import SigningKey
from shared.messaging.rpc import RpcClient
from shared.messaging.service_calls import ServiceCalls
from shared.messaging.signing import PEOPLE, SERVICES, TOOLS, Signer, own_key
from tests.integration.messaging.places import AtWork
from tests.office import Office

pytestmark = pytest.mark.row("X6", "X2")

PARTNER = {"legal_name": "Makerere University", "country": "UG", "sector": "university"}
AMINA = Actor("amina", frozenset({Role.PARTNERSHIP_OFFICER}))


@contextmanager
def holding(office: Office, key: SigningKey) -> Iterator[ServiceCalls]:
    """Somebody at the broker with one key."""
    settings = office.settings
    client = RpcClient(settings.broker, "cli", settings.call_deadline, Signer(key))
    with AtWork(client):
        yield client


def key(office: Office, kind: str) -> SigningKey:
    return own_key(office.settings, kind)


def propose(calls: ServiceCalls, actor: Actor = AMINA) -> Any:
    return calls.execute("partner", "propose_partner", PARTNER, Call(actor=actor))


def refused(call: Callable[[], Any], kind: type[Refusal]) -> str:
    with pytest.raises(kind) as refusal:
        call()
    return refusal.value.rule


def logged(office: Office) -> int:
    count: int = office.calls.call("partner", "completeness")["logged"]
    return count


def test_a_strangers_key_opens_nothing(office: Office) -> None:
    with holding(office, SigningKey.new()) as calls:
        assert refused(lambda: propose(calls), Unauthenticated) == "unknown-key"
        assert refused(lambda: calls.call("partner", "ping"), Unauthenticated) == "unknown-key"
        assert refused(lambda: calls.events("partner", 0, 9), Unauthenticated) == "unknown-key"
    assert logged(office) == 0
    shown = generate_latest(office.platform.measurements.registry).decode()
    assert 'entente_rpc_refused_total{reason="unknown-key",service="partner"} 3.0' in shown


@pytest.mark.parametrize("profile", ["embedded"], indirect=True)
def test_the_services_key_reads_logs_and_no_more(office: Office) -> None:
    with holding(office, key(office, SERVICES)) as calls:
        assert calls.events("partner", 0, 9) == []
        for call in (
            lambda: propose(calls),
            lambda: calls.ask("partner", "list_partners", {}, Call(actor=AMINA)),
            lambda: calls.call("partner", "tick", day="2030-01-01"),
            lambda: calls.call("partner", "retry_held"),
            lambda: calls.call("partner", "discard_held", id="x", reason="none"),
        ):
            assert refused(call, Forbidden) == "not-for-this-key"


@pytest.mark.parametrize("profile", ["embedded"], indirect=True)
def test_the_gateways_key_does_what_people_do_and_no_operators_work(office: Office) -> None:
    with holding(office, key(office, PEOPLE)) as calls:
        propose(calls)
        for call in (
            lambda: calls.call("partner", "tick", day="2030-01-01"),
            lambda: calls.events("partner", 0, 9),
            lambda: calls.call("partner", "held_list"),
        ):
            assert refused(call, Forbidden) == "not-for-this-key"


@pytest.mark.parametrize("profile", ["embedded"], indirect=True)
def test_the_command_line_does_what_is_listed_for_it_in_the_operators_name(
    office: Office,
) -> None:
    rows = {"origin": "a test", "dry_run": True, "rows": [PARTNER]}
    with Caller(office.settings) as calls:
        for operator in (OFFICE, Actor(f"{OPERATOR}Jo Bloggs", OFFICE.roles)):
            calls.execute("partner", "import_partners", rows, Call(actor=operator))
        assert refused(lambda: propose(calls, OFFICE), Forbidden) == "not-for-this-key"
        somebody = Actor("amina", OFFICE.roles)
        assert (
            refused(
                lambda: calls.execute("partner", "import_partners", rows, Call(actor=somebody)),
                Forbidden,
            )
            == "not-the-operator"
        )


@pytest.mark.parametrize("profile", ["embedded"], indirect=True)
def test_nobody_says_of_themselves_by_which_key_they_come(office: Office) -> None:
    with holding(office, key(office, TOOLS)) as calls:
        told: dict[str, Any] = {
            "name": "propose_partner",
            "body": PARTNER,
            "call": Call().to_plain(),
        }
        assert (
            refused(lambda: calls.call("partner", "execute", **told, signed_by=PEOPLE), Forbidden)
            == "not-for-this-key"
        )
