"""Row 10: the broker runs, and does not take or pass on what it is given."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from kombu import Queue

from infra.rabbitmq.definitions import UNROUTED
from shared.messaging import broker
from tests.office import until
from tests.reliability.kit.facts import Burst
from tests.reliability.kit.stage import Stage, flat
from tests.reliability.test_poison import hears

FINANCES_QUEUES = r"^finance\.from\."


def test_a_queue_that_is_full(stage: Stage) -> None:
    """A listener is down, its queue may hold five messages, and the broker refuses more. What was
    refused stays unpublished and is tried again; the other listener hears everything."""
    with policy(stage, FINANCES_QUEUES, {"max-length": 5, "overflow": "reject-publish"}):
        stage.stop("finance")
        told: list[Burst] = []
        for _ in range(2):  # what comes at once may all slip in
            told += stage.tell(50)
            until(partial(hears, stage.listeners["insight"], *told), "insight hearing")
        assert stage.left()["partner"] > 0
        stage.start("finance")
        stage.hears_all(told)


def test_a_broker_short_of_memory(stage: Stage) -> None:
    """It blocks whoever publishes, without a word. Nothing is taken for published meanwhile; when
    the alarm is over, all of it leaves."""
    stage.broker.control("set_vm_memory_high_watermark", "absolute", "1MB")
    try:
        told = stage.tell(50)
        until(partial(somebody_is_blocked, stage), "a publisher being blocked")
        assert stage.left()["partner"] > 0
    finally:
        stage.broker.control("set_vm_memory_high_watermark", "0.4")
    stage.hears_all(told)


def test_a_dead_letter_target_that_is_not_there(stage: Stage) -> None:
    """A process dies of an event, and the broker throws away, into nothing, what it delivered once
    too often. The event is fetched from its source, and held with the reason."""
    finance, fatal = stage.listeners["finance"], Burst(uuid4(), (uuid4(),))
    net = {"delivery-limit": 1, "dead-letter-exchange": "nowhere"}
    with policy(stage, FINANCES_QUEUES, net):
        finance.give_trouble("die", *fatal.facts)
        stage.tellers["partner"].tell(fatal)
        others = stage.tell(50)
        stage.kept_alive_until(
            lambda: hears(finance, *others) and len(finance.states()) == 1, "finance", patience=150
        )
        finance.mend()
        stage.kept_alive_until(lambda: stage.retries_held("finance"), "finance")
        stage.hears_all([fatal])


def test_a_queue_that_is_there_with_other_arguments(stage: Stage) -> None:
    """Somebody made the listener's queue as one of another kind. The listener cannot use it, lives
    on, hears other sources, and comes back when the queue is deleted, as its log asks for."""
    finance = stage.listeners["finance"]
    stage.stop("finance")
    stage.lose_queue("finance", "partner")
    own = broker.queue_of("finance", "partner")
    other = Queue(own.name, bindings=own.bindings, durable=True)
    with broker.connect(stage.broker.uri) as connection:
        broker.declared(other, connection)
    stage.start("finance")
    told, others = stage.tell(20), stage.tell(20, "consultancy")
    until(lambda: hears(finance, *others), "the other source being heard")
    assert stage.processes["finance"].poll() is None
    stage.lose_queue("finance", "partner")
    stage.hears_all(told)


@pytest.mark.soak
def test_a_handler_slower_than_the_broker_waits(stage: Stage) -> None:
    """The broker closes the channel of who does not acknowledge in time, and delivers all of it
    again (after half an hour, as it comes). What has taken effect meanwhile does so once."""
    slow = Burst(uuid4(), (uuid4(), uuid4()))
    finance = stage.listeners["finance"]
    patient = consuming(stage)
    with impatient(stage):
        stage.network("finance").cut()
        until(lambda: consuming(stage) not in ([], patient), "a channel of the impatient kind")
        impatiently = consuming(stage)
        finance.give_trouble("dawdle", slow.facts[0])
        stage.tellers["partner"].tell(slow)
        stage.hears_all([slow, *stage.tell(20)])
        until(lambda: consuming(stage) not in ([], impatiently), "the channel being closed")
        finance.mend()
    assert finance.held() == []


def test_events_that_no_queue_is_bound_to(stage: Stage) -> None:
    """Somebody took the bindings away. The broker keeps what nobody takes where an operator sees
    it; the listeners fetch it from its source, and bind their queues again."""
    keep_unrouted(stage)
    for name in stage.listeners:
        queue = broker.queue_of(name, "partner")
        with broker.connect(stage.broker.uri) as connection:
            for each in queue.bindings:
                each.unbind(queue(connection.channel()))
    told = stage.tell(20)
    stage.hears_all(told)
    assert messages(stage, UNROUTED) >= len(flat(told))
    until(partial(all_bound, stage), "the queues being bound again", every=0.2)


@contextmanager
def policy(stage: Stage, pattern: str, definition: dict[str, Any]) -> Iterator[None]:
    """As long as the block lasts, queues of such names are so limited."""
    name = "a-story"
    set_policy(stage, name, pattern, "queues", definition)
    try:
        yield
    finally:
        set_policy(stage, name, "^no-such-queue$", "queues", definition)


def set_policy(stage: Stage, name: str, pattern: str, kind: str, definition: Any) -> None:
    said = {"name": name, "pattern": pattern, "apply-to": kind, "definition": definition}
    stage.broker.declare({"policies": [{"vhost": "/", "priority": 10, **said}]})


def keep_unrouted(stage: Stage) -> None:
    """As the product's own set-up of a broker does."""
    with broker.connect(stage.broker.uri) as connection:
        channel = connection.channel()
        channel.exchange_declare(UNROUTED, "fanout", durable=True, auto_delete=False)
        arguments = {"x-queue-type": "quorum"}
        channel.queue_declare(UNROUTED, durable=True, auto_delete=False, arguments=arguments)
        channel.queue_bind(UNROUTED, UNROUTED)
    alternate = {"alternate-exchange": UNROUTED}
    set_policy(stage, "see-unrouted-events", r"^.*\.events$", "exchanges", alternate)


@contextmanager
def impatient(stage: Stage) -> Iterator[None]:
    """The broker waits a second for an acknowledgement, on channels made as long as this lasts."""
    as_it_comes = {"consumer_timeout": 1_800_000, "channel_tick_interval": 60_000}
    hurried = {"consumer_timeout": 1_000, "channel_tick_interval": 300}
    try:
        set_limits(stage, hurried)
        yield
    finally:
        set_limits(stage, as_it_comes)


def set_limits(stage: Stage, milliseconds: dict[str, int]) -> None:
    for name, value in milliseconds.items():
        stage.broker.control("eval", f"application:set_env(rabbit, {name}, {value}).")


def consuming(stage: Stage) -> list[str]:
    """The broker's end of the channel on which finance hears the partner service."""
    queue = broker.queue_of("finance", "partner").name
    lines = stage.broker.control("list_consumers", "queue_name", "channel_pid").splitlines()
    return [line for line in lines if line.startswith(f"{queue}\t")]


def messages(stage: Stage, queue: str) -> int:
    with broker.connect(stage.broker.uri) as connection:
        return int(connection.channel().queue_declare(queue, passive=True).message_count)


def all_bound(stage: Stage) -> bool:
    bound = stage.broker.control("list_bindings", "source_name", "destination_name")
    return all(f"partner.events\t{name}.from.partner" in bound for name in stage.listeners)


def somebody_is_blocked(stage: Stage) -> bool:
    return "blocked" in stage.broker.control("list_connections", "state").split()
