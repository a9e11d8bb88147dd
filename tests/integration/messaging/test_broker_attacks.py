"""What a service whose process, or whose password, is in strange hands can do on the broker."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from amqp.exceptions import AccessRefused

from infra.local import rabbitmq as local_rabbitmq
from infra.rabbitmq.definitions import (
    DEAD_LETTERS,
    RPC_EXCHANGE,
    SERVICES,
    TOOLS,
    UNROUTED,
    USERS,
    definitions,
)
from shared.messaging import broker

pytestmark = pytest.mark.row("X6")

PASSWORDS = {user: f"of-{user}" for user in USERS}

Attack = Callable[[Any, str, str], None]


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A broker with every user, on which each service has made its queues."""
    with local_rabbitmq.start_private(tmp_path_factory.mktemp("rabbitmq")) as server:
        server.declare(definitions(PASSWORDS))
        for service in SERVICES:
            source = other_than(service)
            with broker.connect(address(server, service)) as connection:
                for queue in (broker.queue_of(service, source), broker.calls_of(service)):
                    broker.declared(queue, connection)
        yield server


def address(server: Any, user: str) -> str:
    return str(server.uri_for(user, PASSWORDS[user]))


def other_than(user: str) -> str:
    return SERVICES[(USERS.index(user) + 1) % len(SERVICES)]


def own_queue(channel: Any, user: str) -> str:
    """A queue that a user may make, for itself alone."""
    name = f"rpc.reply-{'cli' if user == TOOLS else user}-{uuid4()}"
    channel.queue_declare(name, exclusive=True)
    return name


def hears(key: str, exchange: str = RPC_EXCHANGE) -> Attack:
    def attack(channel: Any, user: str, victim: str) -> None:
        channel.queue_bind(own_queue(channel, user), exchange, key.format(victim=victim))

    return attack


def publishes(exchange: str, key: str) -> Attack:
    def attack(channel: Any, user: str, victim: str) -> None:
        to = exchange.format(victim=victim)
        channel.basic_publish_confirm(channel.prepare_message(b"{}"), to, key.format(victim=victim))

    return attack


def in_turn(method: str, *names: str) -> Attack:
    def attack(channel: Any, user: str, victim: str) -> None:
        getattr(channel, method)(*(name.format(user=user, victim=victim) for name in names))

    return attack


ATTACKS: dict[str, Attack] = {
    "an event of another": publishes("{victim}.events", "{victim}.activated"),
    "into the queue of another": publishes("", "rpc-{victim}"),
    "into the net": publishes(UNROUTED, ""),
    "hear all calls and answers": hears("#"),
    "hear all answers": hears("*"),
    "hear all calls": hears("*.*"),
    "hear the calls of another": hears("{victim}.*"),
    "hear one call of another": hears("{victim}.execute"),
    "hear the answers to another": hears("{victim}-01234567-89ab"),
    "read what was not routed": hears("#", UNROUTED),
    "read what was dead": hears("#", DEAD_LETTERS),
    "take the calls of another": in_turn("basic_get", "rpc-{victim}"),
    "empty the queue of another": in_turn("queue_purge", "rpc-{victim}"),
    "delete the queue of another": in_turn("queue_delete", "rpc-{victim}"),
    "unbind the queue of another": in_turn(
        "queue_unbind", "rpc-{victim}", RPC_EXCHANGE, "{victim}.*"
    ),
    "delete the exchange of another": in_turn("exchange_delete", "{victim}.events"),
    "delete the exchange of all": in_turn("exchange_delete", RPC_EXCHANGE),
    "copy events to another": in_turn(
        "exchange_bind", "{victim}.events", "{user}.events", "{user}.#"
    ),
    "copy calls to own events": in_turn("exchange_bind", "{user}.events", RPC_EXCHANGE, "#"),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_user_does_what_is_anothers(guarded: Any, attack: str) -> None:
    """Whoever could hear the answers to others could also answer in their place."""
    for user in USERS:
        with (
            broker.connect(address(guarded, user)) as connection,
            connection.channel() as channel,
            pytest.raises(AccessRefused),
        ):
            ATTACKS[attack](channel, user, other_than(user))


def test_the_command_line_answers_nobody(guarded: Any) -> None:
    with (
        broker.connect(address(guarded, TOOLS)) as connection,
        connection.channel() as channel,
        pytest.raises(AccessRefused),
    ):
        publishes(RPC_EXCHANGE, "gateway-01234567-89ab")(channel, TOOLS, "gateway")


def test_a_stranger_is_not_let_in(guarded: Any) -> None:
    for wrong in (guarded.uri_for("partner", "of-contract"), guarded.uri_for("nobody", "")):
        with pytest.raises(broker.BROKER_ERRORS), broker.connect(wrong) as connection:
            connection.connect()
