"""Calls to a service and their answers, over both transports; and what breaks in between."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import eventlet
import pytest
from kombu import Consumer
from nameko.containers import ServiceContainer
from nameko.rpc import rpc as rpc_of_nameko
from nameko.standalone.rpc import ClusterRpcProxy
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from shared.errors import Conflict, Refusal, Unavailable, Unexpected
from shared.keys import SigningKey
from shared.messaging import broker, entrypoint
from shared.messaging.entrypoint import rpc
from shared.messaging.rpc import RpcClient
from shared.messaging.signing import TOOLS, Answer, Signer, TrustedKeys
from tests.integration.messaging.places import SOURCE, AtWork
from tests.office import until
from tests.reliability.kit.proxy import Proxy, Switchboard

DEADLINE = 5.0
KEY = SigningKey.new()
SIGNER = Signer(KEY)
TRUSTED = {entrypoint.TRUSTED_KEYS: TrustedKeys({KEY.public.id: (TOOLS, KEY.public)})}

RABBITMQ_ONLY = pytest.mark.parametrize("transport", ["rabbitmq"], indirect=True)


class Porter:
    """A service that does what it is told, and remembers what it began."""

    name = SOURCE
    begun: ClassVar[list[str]]
    at_once: ClassVar[list[int]]
    gate: ClassVar[threading.Event] = threading.Event()

    @rpc
    def note(self, word: str) -> str:
        self.begun.append(word)
        return word

    @rpc
    def hold(self, word: str) -> str:
        """Answers when the gate is open."""
        self.begun.append(word)
        self.at_once.append(self.at_once[-1] + 1)
        self.gate.wait()
        self.at_once.append(self.at_once[-1] - 1)
        return word

    @rpc
    def fail(self) -> None:
        raise KeyError("no such shelf")

    @rpc
    def refuse(self) -> None:
        raise Conflict("The shelf is full.", rule="shelf-full")

    @rpc
    def look_up(self) -> None:
        raise OperationalError("select", {}, Exception("connection refused"))

    @rpc
    def unsayable(self) -> object:
        return object()


@pytest.fixture
def porter() -> type[Porter]:
    Porter.begun, Porter.at_once, Porter.gate = [], [0], threading.Event()
    return Porter


@contextmanager
def serving(uri: str, service: type, workers: int = 10) -> Iterator[ServiceContainer]:
    container = ServiceContainer(service, {"AMQP_URI": uri, "max_workers": workers} | TRUSTED)
    container.start()
    try:
        yield container
    finally:
        Porter.gate.set()  # also where a test has failed: a container waits for its workers
        container.stop()


@contextmanager
def calling(uri: str) -> Iterator[Callable[..., Any]]:
    """Calls to the porter, by method."""
    client = RpcClient(uri, "test", DEADLINE, SIGNER)
    with AtWork(client):
        yield lambda method, **arguments: client.call(SOURCE, method, **arguments)


@pytest.fixture
def call(amqp_uri: str) -> Iterator[Callable[..., Any]]:
    with calling(amqp_uri) as made:
        yield made


@pytest.fixture
def network(rabbitmq: Any) -> Iterator[Proxy]:
    """Between somebody and the broker."""
    with Switchboard() as switchboard:
        yield switchboard.to(int(rabbitmq.uri.rpartition(":")[2].partition("/")[0]))


def through(network: Proxy, uri: str) -> str:
    """The same broker, behind a network."""
    head, _, tail = uri.rpartition(":")
    return f"{head}:{network.port}/{tail.partition('/')[2]}"


def test_each_call_gets_its_own_answer(
    amqp_uri: str, porter: type[Porter], call: Callable[..., Any]
) -> None:
    with serving(amqp_uri, porter):
        words = [f"word {number}" for number in range(50)]
        pool = eventlet.GreenPool()
        assert list(pool.imap(lambda word: call("note", word=word), words)) == words


@pytest.mark.parametrize(
    ("method", "arguments"),
    [("nothing", {}), ("note", {"sentence": "wrong"}), ("fail", {}), ("unsayable", {})],
)
def test_what_cannot_be_done_is_answered_and_nothing_else_happens(
    amqp_uri: str,
    porter: type[Porter],
    call: Callable[..., Any],
    method: str,
    arguments: dict[str, Any],
) -> None:
    with serving(amqp_uri, porter):
        with pytest.raises(Unexpected):
            call(method, **arguments)
        assert call("note", word="on") == "on"


@pytest.mark.parametrize(
    ("method", "kind", "rule"),
    [("refuse", Conflict, "shelf-full"), ("look_up", Unavailable, "database-down")],
)
def test_a_refusal_reaches_who_called_as_what_it_is(
    amqp_uri: str,
    porter: type[Porter],
    call: Callable[..., Any],
    method: str,
    kind: type[Refusal],
    rule: str,
) -> None:
    """Also that a database is away, of whatever needs it: that is no fault, and passes."""
    with serving(amqp_uri, porter), pytest.raises(kind) as refusal:
        call(method)
    assert refusal.value.rule == rule


def test_what_broke_in_a_service_is_in_its_log(
    amqp_uri: str,
    porter: type[Porter],
    call: Callable[..., Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    with serving(amqp_uri, porter), pytest.raises(Unexpected):
        call("fail")
    assert "Traceback" in caplog.text
    assert "no such shelf" in caplog.text


@pytest.mark.parametrize("body", ["not JSON", "[]", '{"args": []}', '{"args": 1, "kwargs": 2}'])
def test_what_is_no_call_disturbs_nobody(
    amqp_uri: str, porter: type[Porter], call: Callable[..., Any], body: str
) -> None:
    with serving(amqp_uri, porter, workers=1):
        with broker.connect(amqp_uri) as connection:
            channel = connection.channel()
            message = channel.prepare_message(
                body, content_type="application/json", content_encoding="utf-8"
            )
            channel.send(message, broker.CALLS.name, f"{SOURCE}.note")
        assert call("note", word="on") == "on"
    assert porter.begun == ["on"]


@pytest.mark.row("X6")
def test_a_copy_of_a_call_is_not_carried_out_and_tells_nobody_the_answer(
    amqp_uri: str, porter: type[Porter], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[Any, ...]] = []
    original = RpcClient._send

    def keep(client: RpcClient, channel: Any, *arguments: Any) -> None:
        sent.append(arguments)
        original(client, channel, *arguments)

    monkeypatch.setattr(RpcClient, "_send", keep)
    client = RpcClient(amqp_uri, "test", DEADLINE, SIGNER)
    with serving(amqp_uri, porter), AtWork(client):
        client.call(SOURCE, "note", word="secret")
        to, body, headers, mine, seconds = sent[0]

        def rule_against(answer_to: Answer) -> str:
            with capture_logs() as logged:
                original(client, client._channel, to, body, headers, answer_to, seconds)
                until(lambda: bool(logged), "the copy being refused")
            return str(logged[0]["rule"])

        assert rule_against(mine) == "replayed"
        assert rule_against(Answer(mine.reply_to, "copy")) == "wrong-signature"
        assert rule_against(Answer("elsewhere", mine.number)) == "wrong-signature"
        assert client.call(SOURCE, "note", word="secret") == "secret"
    assert porter.begun == ["secret", "secret"]


def test_no_more_calls_at_once_than_there_are_workers_and_none_is_forgotten(
    amqp_uri: str, porter: type[Porter], call: Callable[..., Any]
) -> None:
    words = [f"word {number}" for number in range(7)]
    with serving(amqp_uri, porter, workers=2):
        under_way = [eventlet.spawn(call, "hold", word=word) for word in words]
        until(lambda: len(porter.begun) == 2, "two being begun")
        porter.gate.set()
        assert [each.wait() for each in under_way] == words
    assert max(porter.at_once) == 2


def test_what_a_busy_process_cannot_begin_another_one_does(
    amqp_uri: str, porter: type[Porter], call: Callable[..., Any]
) -> None:
    with serving(amqp_uri, porter, workers=1):
        under_way = [eventlet.spawn(call, "hold", word=word) for word in ("first", "second")]
        until(lambda: len(porter.begun) == 1, "one being begun")
        with serving(amqp_uri, porter, workers=1):
            until(lambda: len(porter.begun) == 2, "the other being begun", patience=DEADLINE)
            porter.gate.set()
            assert [each.wait() for each in under_way] == ["first", "second"]


def test_a_call_that_nobody_waits_for_any_more_is_not_begun(
    amqp_uri: str, porter: type[Porter], call: Callable[..., Any]
) -> None:
    with broker.connect(amqp_uri) as connection:
        broker.declared(broker.calls_of(SOURCE), connection)
    with pytest.raises(Unavailable) as gone:
        call("note", word="too late", deadline=0.2)
    assert gone.value.rule == "deadline"
    with serving(amqp_uri, porter):
        call("note", word="in time")
    assert porter.begun == ["in time"]


def test_a_service_that_stops_answers_what_it_began_and_leaves_the_rest_to_others(
    amqp_uri: str,
    porter: type[Porter],
    call: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also a call that arrives while the broker is being told to send no more."""

    cancelling = threading.Event()

    class CancelledLate(Consumer):
        def cancel(self) -> None:
            cancelling.set()
            channel: Any = self.channel
            channel.connection.client.drain_events(timeout=DEADLINE)
            super().cancel()

    ending = ServiceContainer(porter, {"AMQP_URI": amqp_uri, "max_workers": 2} | TRUSTED)
    with monkeypatch.context() as patched:
        patched.setattr(entrypoint, "Consumer", CancelledLate)
        ending.start()
    first = eventlet.spawn(call, "hold", word="first")
    until(lambda: porter.begun == ["first"], "the first being begun")
    stopping = eventlet.spawn(ending.stop)
    cancelling.wait()
    second = eventlet.spawn(call, "hold", word="second")
    with serving(amqp_uri, porter):
        until(lambda: porter.begun == ["first", "second"], "the second being begun elsewhere")
        porter.gate.set()
        assert (first.wait(), second.wait()) == ("first", "second")
    stopping.wait()


@RABBITMQ_ONLY
def test_a_call_whose_worker_is_cut_off_is_given_to_another_process(
    amqp_uri: str, porter: type[Porter], call: Callable[..., Any], network: Proxy
) -> None:
    """Who was cut off has nobody to answer to, lives on, and takes calls again later."""
    with serving(through(network, amqp_uri), porter):
        waiting = eventlet.spawn(call, "hold", word="once", deadline=30)
        until(lambda: porter.begun == ["once"], "the call being begun")
        network.down()
        with serving(amqp_uri, porter):
            until(lambda: porter.begun == ["once", "once"], "the other one beginning it")
            porter.gate.set()
            assert waiting.wait() == "once"
        network.heal()
        assert call("note", word="again", deadline=30) == "again"


@RABBITMQ_ONLY
def test_a_caller_whose_connection_has_died_unnoticed_calls_over_the_next(
    amqp_uri: str, porter: type[Porter]
) -> None:
    client = RpcClient(amqp_uri, "test", DEADLINE, SIGNER)
    with serving(amqp_uri, porter), AtWork(client):
        client.call(SOURCE, "note", word="first")
        client._channel.connection.transport.sock.shutdown(socket.SHUT_RDWR)
        assert client.call(SOURCE, "note", word="second") == "second"
    assert porter.begun == ["first", "second"]


def test_a_caller_without_an_answer_calls_over_another_channel(
    amqp_uri: str, porter: type[Porter]
) -> None:
    """One of RabbitMQ's that first met a queue without a leader forgets all further calls to it.
    Calls that wait on the same connection are answered."""
    client = RpcClient(amqp_uri, "test", DEADLINE, SIGNER)
    with serving(amqp_uri, porter), AtWork(client):
        waiting = eventlet.spawn(client.call, SOURCE, "hold", word="slow", deadline=60)
        until(lambda: porter.begun == ["slow"], "the call being begun")
        doubted = client._channel
        with pytest.raises(Unavailable):
            client.call(SOURCE, "hold", word="lost", deadline=0.1)
        until(lambda: client._channel is not doubted, "another channel being opened")
        assert client.call(SOURCE, "note", word="next") == "next"
        porter.gate.set()
        assert waiting.wait() == "slow"


@RABBITMQ_ONLY
def test_a_caller_whose_connection_breaks_waits_no_longer(
    amqp_uri: str, porter: type[Porter], network: Proxy
) -> None:
    with serving(amqp_uri, porter), calling(through(network, amqp_uri)) as call:
        waiting = eventlet.spawn(call, "hold", word="lost", deadline=600)
        until(lambda: porter.begun == ["lost"], "the call being begun")
        network.down()
        with eventlet.Timeout(DEADLINE), pytest.raises(Unavailable):
            waiting.wait()
        with pytest.raises(Unavailable) as refused:
            call("note", word="nowhere", deadline=0.2)
        assert refused.value.rule == "broker-down"


@RABBITMQ_ONLY
def test_long_answers_at_the_same_time_come_whole(
    amqp_uri: str, porter: type[Porter], call: Callable[..., Any]
) -> None:
    words = [str(number) * 2_000_000 for number in range(8)]
    with serving(amqp_uri, porter):
        pool = eventlet.GreenPool()
        assert list(pool.imap(lambda word: call("note", word=word, deadline=60), words)) == words


@RABBITMQ_ONLY
def test_nameko_itself_is_refused(amqp_uri: str, porter: type[Porter]) -> None:
    """It signs nothing, so its shell and its proxies reach no service."""
    with serving(amqp_uri, porter), ClusterRpcProxy({"AMQP_URI": amqp_uri}) as cluster:
        assert cluster[SOURCE].note("place")["refusal"]["rule"] == "unsigned"
        assert cluster[SOURCE].nothing()["refusal"]["rule"] == "unsigned"
        assert porter.begun == []


@RABBITMQ_ONLY
def test_we_call_nameko(amqp_uri: str, call: Callable[..., Any]) -> None:
    class Older:
        name = SOURCE

        @rpc_of_nameko
        def note(self, word: str) -> str:
            return word

        @rpc_of_nameko
        def fail(self) -> None:
            raise KeyError("no such shelf")

    with serving(amqp_uri, Older):
        assert call("note", word="on") == "on"
        with pytest.raises(Unexpected):
            call("fail")
