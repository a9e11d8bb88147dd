"""What both transports share: connections, names, and publishing with pipelined confirms."""

import ssl
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from socket import gaierror
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from amqp import Channel as AmqpChannel
from amqp.exceptions import (
    AccessRefused,
    AMQPError,
    ChannelError,
    InternalError,
    NotAllowed,
    PreconditionFailed,
)
from kombu import Connection, Exchange, Queue, binding
from kombu.exceptions import KombuError
from kombu.serialization import register
from kombu.transport import TRANSPORT_ALIASES

from shared.errors import Unavailable
from shared.messaging.envelope import CONTENT_TYPE, Envelope
from shared.messaging.parts import WHOLE, Part, routing_key
from shared.values import from_json, to_json

TRANSPORT_ALIASES["embedded"] = "shared.messaging.embedded:Transport"
TRANSPORT_ALIASES["amqp"] = "shared.messaging.amqp_connection:Transport"
TRANSPORT_ALIASES["amqps"] = "shared.messaging.amqp_connection:SSLTransport"

# Calls and answers carry plain values only; kombu's own JSON takes ten times as long.
register("json", to_json, from_json, "application/json", "utf-8")

#: Seconds without a sign of life after which a connection counts as dead.
HEARTBEAT = 10
#: Seconds for which one waits for a message at most, so that heartbeats are looked after; and
#: inside one process, where there are none.
ROUND = 2.0
ROUND_IN_ONE_PROCESS = 10.0
CONNECT_TIMEOUT = 3
#: Seconds before the next try to hear calls or answers when the broker is away.
PAUSE = 0.5
#: Seconds to wait for the broker to confirm a batch.
CONFIRM_TIMEOUT = 10

#: Carries calls, by ``<service>.<method>``, and answers, by the name of who waits for them.
CALLS = Exchange("nameko-rpc", type="topic", durable=True)

#: Everything that a broken connection, a closed channel or a refusing broker raises.
BROKER_ERRORS = (OSError, AMQPError, KombuError)


class NotConfirmed(KombuError):
    """The broker did not take responsibility for a message; it will be published again."""


class OtherQueue(KombuError):
    """Somebody made a queue of that name with other arguments, which cannot be changed."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            f"The queue {name} is there with other arguments than ours. Delete it on the broker: "
            f"it is made anew, and what was in it is fetched from its source. ({reason})"
        )


#: The broker answers, and will not let a queue be declared, bound or read.
QUEUE_REFUSED = (OtherQueue, ChannelError, InternalError)


def exchange_of(service: str) -> Exchange:
    """Where a service publishes its events."""
    return Exchange(f"{service}.events", type="topic", durable=True)


def queue_of(consumer: str, source: str, part: Part = WHOLE) -> Queue:
    """One durable queue per consumer and source, or part of it, bound to all events in that.

    All, so that the consumer sees every sequence number. Only the type is set here: arguments of
    a queue cannot be changed later, policies can.
    """
    return Queue(
        part.name(f"{consumer}.from.{source}"),
        bindings=[binding(exchange_of(source), key) for key in part.patterns(source)],
        durable=True,
        queue_arguments={"x-queue-type": "quorum"},
    )


def queues_of(consumer: str, source: str, parts: Iterable[Part]) -> list[Queue]:
    """Those of some parts of a source."""
    return [queue_of(consumer, source, part) for part in parts]


def calls_of(service: str) -> Queue:
    """Where a service's calls wait."""
    return Queue(
        f"rpc-{service}",
        bindings=[binding(CALLS, f"{service}.*")],
        durable=True,
        queue_arguments={"x-queue-type": "quorum"},
    )


def connect(uri: str) -> Connection:
    """A connection, opened on first use; close it, or use it as a context manager.

    uri: of `Settings.broker`. Over amqps:// the broker must be the host that is named.
    """
    address, _, query = uri.partition("?")
    return Connection(
        address,
        heartbeat=HEARTBEAT,
        connect_timeout=CONNECT_TIMEOUT,
        ssl=_tls(address, dict(parse_qsl(query))),
    )


def _tls(address: str, files: dict[str, str]) -> dict[str, Any] | bool:
    """What py-amqp is to do; False where the address is not for TLS."""
    if not address.startswith("amqps:"):
        return False
    return {
        "cert_reqs": ssl.CERT_REQUIRED,
        "server_hostname": urlsplit(address).hostname or "localhost",
        "ca_certs": files.get("ca"),
        "certfile": files.get("certificate"),
        "keyfile": files.get("key"),
        "tls_minimum_version": ssl.TLSVersion.TLSv1_2,
    }


def check(uri: str) -> None:
    """Raises Unavailable, with the reason, where the broker lets nobody in with this address."""
    try:
        with connect(uri) as connection:
            connection.connect()
    except BROKER_ERRORS as error:
        info = connection.info()
        raise Unavailable(
            f"The message broker at {info['hostname']}:{info['port']} {_reason(error)}",
            rule="broker-down",
        ) from error


def _reason(error: Exception) -> str:
    match error:
        case AccessRefused():
            return "refuses the user name or password in ENTENTE_AMQP_URI."
        case NotAllowed():
            return "has no such virtual host for the user in ENTENTE_AMQP_URI."
        case ssl.SSLCertVerificationError():
            return (
                f"has a certificate that is not accepted ({error.verify_message}). "
                "ENTENTE_BROKER_CA must vouch for it, and it must be for the host in "
                "ENTENTE_AMQP_URI."
            )
        case ssl.SSLError():
            return (
                f"and we do not agree on TLS ({error.reason}). Is it the port for amqps://, and "
                "does it want ENTENTE_BROKER_CERTIFICATE?"
            )
        case gaierror():
            return "has a host name that is not known."
        case ConnectionRefusedError():
            return "refuses connections: is it running?"
        case TimeoutError():
            return "does not answer."
    return f"cannot be used: {error}."


def longest_wait(connection: Connection) -> float:
    """Seconds for which to wait for a message on a connection, before waiting again."""
    return ROUND if connection.supports_heartbeats else ROUND_IN_ONE_PROCESS


def declared(queue: Queue, connection: Connection, channel: Any = None) -> Any:
    """The channel, or a new one of the connection, with the queue there and bound to its source.

    An exchange belongs to its source: where each service has a broker user of its own, nobody
    else may declare it, and the broker's definitions have it from the start. Elsewhere it is made
    here, so that a consumer may come up before its source. Raises OtherQueue.
    """
    for exchange in {each.exchange for each in queue.bindings}:
        if not _exists(exchange, connection):
            with connection.channel() as passing:
                exchange(passing).declare()
    channel = channel or connection.channel()
    bound = queue(channel)
    try:
        bound.queue_declare()
    except PreconditionFailed as error:
        raise OtherQueue(queue.name, error.reply_text) from error
    bind([queue], channel)
    return channel


def bind(queues: Sequence[Queue], channel: Any) -> None:
    """Have the events of their sources come to queues that are there."""
    for queue in queues:
        for each in queue.bindings:
            each.bind(queue(channel))


def _exists(exchange: Exchange, connection: Connection) -> bool:
    with connection.channel() as channel:
        try:
            exchange(channel).declare(passive=True)
        except ChannelError:
            return False
    return True


class ConfirmedPublisher:
    """Publishes a service's events; each batch waits once for all its confirms."""

    def __init__(self, connection: Connection, service: str) -> None:
        self._connection = connection
        self._exchange = exchange_of(service)
        self._open()
        self._exchange.bind(self._channel).declare()

    def _open(self) -> None:
        self._channel = self._connection.channel()
        self._refused: set[int] = set()
        self._unconfirmed: set[int] = set()
        self._tag = 0
        #: The transport inside one process has no confirms: what was put is in the queue.
        self._confirms = isinstance(self._channel, AmqpChannel)
        if self._confirms:
            self._channel.confirm_select()
            self._channel.events["basic_ack"].add(self._on_ack)
            self._channel.events["basic_nack"].add(self._on_nack)

    def renew(self) -> None:
        """Go on over another channel, before what was refused is tried again.

        One that first met a queue while its leader was away looks for the leader there ever after.
        """
        self._channel.close()
        self._open()

    def publish(self, envelopes: Sequence[Envelope]) -> list[bool]:
        """Which of the batch the broker has taken over, in order. Raises BROKER_ERRORS."""
        with self._channel.together():
            tags = [self._send(envelope) for envelope in envelopes]
        self._await_confirms()
        return [tag not in self._refused for tag in tags]

    def _send(self, envelope: Envelope) -> int:
        """The number by which the broker confirms it."""
        self._tag += 1
        if self._confirms:
            self._unconfirmed.add(self._tag)
        message = self._channel.prepare_message(
            envelope.to_json(),
            content_type=CONTENT_TYPE,
            content_encoding="utf-8",
            properties={"delivery_mode": 2, "message_id": envelope.id},
        )
        key = routing_key(envelope.attributes["type"], envelope.subject)
        self._channel.send(message, self._exchange.name, key)
        return self._tag

    def stay_connected(self) -> None:
        """Hear and send heartbeats between batches: a broker that is not heard passes for dead."""
        if self._confirms:
            with suppress(TimeoutError):
                self._connection.drain_events(timeout=0)
        self._connection.heartbeat_check()

    def _await_confirms(self) -> None:
        deadline = time.monotonic() + CONFIRM_TIMEOUT
        while self._unconfirmed:
            left = deadline - time.monotonic()
            if left <= 0:
                raise NotConfirmed(f"{len(self._unconfirmed)} messages were not confirmed in time")
            # In short waits: a heartbeat of the broker would start a long one again.
            with suppress(TimeoutError):
                self._connection.drain_events(timeout=min(left, 0.2))
            self._connection.heartbeat_check()

    def _on_ack(self, tag: int, multiple: bool) -> None:
        self._settle(tag, multiple)

    def _on_nack(self, tag: int, multiple: bool) -> None:
        self._refused |= self._settle(tag, multiple)

    def _settle(self, tag: int, multiple: bool) -> set[int]:
        settled = {each for each in self._unconfirmed if each <= tag} if multiple else {tag}
        self._unconfirmed -= settled
        return settled
