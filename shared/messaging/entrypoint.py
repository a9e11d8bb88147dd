"""How a service is called: `rpc` marks what can be, and one loop takes the calls for all of it.

On the wire it is nameko's own RPC, signed (`shared.messaging.signing`), and workers are nameko's.
"""

import threading
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

import structlog
from kombu import Connection, Consumer
from nameko.constants import AMQP_URI_CONFIG_KEY
from nameko.exceptions import ContainerBeingKilled, MalformedRequest, MethodNotFound, serialize
from nameko.extensions import Entrypoint, SharedExtension

from shared.errors import Forbidden, Unauthenticated
from shared.messaging import broker
from shared.messaging.answering import answered
from shared.messaging.broker import BROKER_ERRORS
from shared.messaging.receiver import Receiver
from shared.messaging.replays import TakenCalls
from shared.messaging.signing import (
    LIFE,
    SKEW,
    TOOLS,
    Answer,
    TrustedKeys,
    check_first,
    check_may,
)
from shared.values import from_json, to_json

log = structlog.get_logger()

#: Key of the nameko configuration under which the keys travel whose calls are taken.
TRUSTED_KEYS = "ENTENTE_TRUSTED_KEYS"
#: Key under which a function may stand that hears of every call refused: (service, rule).
CALL_REFUSED = "ENTENTE_CALL_REFUSED"


class Calls(SharedExtension):
    """Takes the calls of a service off its queue, has each worked on, and answers it.

    At most as many at a time as the service has workers; all others wait on the broker, where any
    process of the service may take them. A call is acknowledged when it has been answered: where a
    process dies before, or loses its connection, the broker gives the call to the next one.
    """

    def __init__(self) -> None:
        self._entrypoints: dict[str, Rpc] = {}
        self._taking = threading.Event()
        self._taken = threading.Event()
        self._stopping = threading.Event()
        self._over = False
        self._receiver: Receiver | None = None
        self._taken_calls = TakenCalls(LIFE + SKEW)

    def register(self, entrypoint: "Rpc") -> None:
        self._entrypoints[entrypoint.method_name] = entrypoint

    def start(self) -> None:
        """Returns once calls are taken; where the broker is away, when it is back."""
        self._running = self.container.spawn_managed_thread(self._run, identifier="Calls")
        self._taking.wait()

    def take_no_more(self) -> None:
        """Returns when no call is begun any more; those under way go on, and are answered."""
        self._stopping.set()
        self._interrupt()
        self._taken.wait()

    def stop(self) -> None:
        """nameko calls it after the last worker has ended."""
        self._over = True
        self._interrupt()
        self._running.wait()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                with broker.connect(self.container.config[AMQP_URI_CONFIG_KEY]) as connection:
                    self._take(connection)
            except BROKER_ERRORS as error:
                name = self.container.service_name
                log.warning("rpc: calls not taken", service=name, error=str(error))
                self._stopping.wait(broker.PAUSE)
        self._taking.set()
        self._taken.set()

    def _take(self, connection: Connection) -> None:
        queue = broker.calls_of(self.container.service_name)
        channel = broker.declared(queue, connection)
        arrived: deque[Any] = deque()
        consumer = Consumer(channel, [queue], on_message=arrived.append, auto_declare=False)
        consumer.qos(prefetch_count=self.container.max_workers)
        receiver = self._receiver = Receiver(connection)
        with consumer:
            self._taking.set()
            while not self._stopping.is_set():
                receiver.receive()
                while arrived and not self._stopping.is_set():
                    self._begin(channel, arrived.popleft())
        for message in arrived:
            message.requeue()
        self._taken.set()
        while not self._over:  # the last answers leave over this connection
            receiver.receive()

    def _interrupt(self) -> None:
        if self._receiver is not None:
            self._receiver.interrupt()

    def _begin(self, channel: Any, call: Any) -> None:
        try:
            entrypoint, args, kwargs = self._read(call)
            self.container.spawn_worker(
                entrypoint, args, kwargs, handle_result=partial(_end, channel, call)
            )
        except ContainerBeingKilled:
            return  # not acknowledged: another process gets it
        except (MethodNotFound, MalformedRequest) as error:
            name = self.container.service_name
            log.warning("rpc: no call for us", service=name, error=repr(error))
            answer(channel, call, _plain(None, error))
        except (Unauthenticated, Forbidden) as refusal:
            self._note(call, refusal)
            answer(channel, call, _plain({"refusal": refusal.to_plain()}, None))

    def _read(self, call: Any) -> tuple["Rpc", list[Any], dict[str, Any]]:
        """Raises Unauthenticated and Forbidden before it looks into the call or for the method;
        MethodNotFound, MalformedRequest.
        """
        name = call.delivery_info["routing_key"].rpartition(".")[2]
        content = call.body.encode() if isinstance(call.body, str) else bytes(call.body)
        config = self.container.config
        keys: TrustedKeys = config[TRUSTED_KEYS]
        properties = call.properties
        answer_to = Answer(
            str(properties.get("reply_to", "")), str(properties.get("correlation_id", ""))
        )
        seal = keys.seal(self.container.service_name, name, content, call.headers or {}, answer_to)
        entrypoint = self._entrypoints.get(name)
        if entrypoint is None:
            raise MethodNotFound(name)
        check_may(seal.kind, entrypoint.callers, name)
        if not call.delivery_info.get("redelivered"):  # else the broker lost our first answer
            check_first(seal, self._taken_calls)
        try:
            body = from_json(content)
            args, kwargs = list(body["args"]), dict(body["kwargs"])
        except (ValueError, TypeError, KeyError) as error:
            raise MalformedRequest("A call is JSON, with args and kwargs.") from error
        return entrypoint, args, entrypoint.told(kwargs, seal.kind)

    def _note(self, call: Any, refusal: Unauthenticated | Forbidden) -> None:
        name = self.container.service_name
        log.warning(
            "rpc: call refused",
            service=name,
            method=call.delivery_info["routing_key"].rpartition(".")[2],
            key=(call.headers or {}).get("key"),
            rule=refusal.rule,
        )
        heard = self.container.config.get(CALL_REFUSED)
        if heard:
            heard(name, refusal.rule)


class Rpc(Entrypoint):
    """A method that others call by its name, where they hold a key of the right kind."""

    calls = Calls()

    def __init__(self, callers: frozenset[str], **options: Any) -> None:
        """callers: the kinds of key that may call it."""
        self.callers = callers
        super().__init__(**options)

    def told(self, arguments: dict[str, Any], kind: str) -> dict[str, Any]:
        """What the method is called with."""
        return arguments

    def setup(self) -> None:
        self.calls.register(self)

    def stop(self) -> None:
        self.calls.take_no_more()


class RpcOfOperations(Rpc):
    """A method that carries out operations; it is told by which kind of key: `signed_by`."""

    def told(self, arguments: dict[str, Any], kind: str) -> dict[str, Any]:
        return arguments | {"signed_by": kind}


def rpc(method: Callable[..., Any]) -> Callable[..., Any]:
    """Mark what an operator calls by its name; what it refuses is refused to them."""
    return rpc_for(TOOLS)(method)


def rpc_for(*callers: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Mark what may be called with these kinds of key, and no other."""

    def mark(method: Callable[..., Any]) -> Callable[..., Any]:
        marked: Callable[..., Any] = Rpc.decorator(frozenset(callers))(answered(method))
        return marked

    return mark


def rpc_of_operations(*callers: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """As `rpc_for`, for a method that carries out operations: see `RpcOfOperations`."""

    def mark(method: Callable[..., Any]) -> Callable[..., Any]:
        marked: Callable[..., Any] = RpcOfOperations.decorator(frozenset(callers))(answered(method))
        return marked

    return mark


def answer(channel: Any, call: Any, body: str) -> None:
    """Answer a call and acknowledge it, if that can be done.

    Whoever waits for an answer that is lost runs into the deadline, and asks again.
    """
    properties = call.properties
    try:
        with channel.together():
            if "reply_to" in properties:
                message = channel.prepare_message(
                    body,
                    content_type="application/json",
                    content_encoding="utf-8",
                    properties={
                        "correlation_id": properties.get("correlation_id"),
                        "delivery_mode": 1,
                    },
                )
                channel.send(message, broker.CALLS.name, properties["reply_to"])
            call.ack()
    except BROKER_ERRORS as error:
        log.warning("rpc: answer lost", error=str(error))


def _end(channel: Any, call: Any, _: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:
    """Of a worker: nameko's `handle_result`."""
    answer(channel, call, _plain(result, exc_info and exc_info[1]))
    return result, exc_info


def _plain(result: Any, error: Exception | None) -> str:
    """The body of an answer; where that cannot be JSON, of one that says so."""
    try:
        return to_json({"result": result, "error": error and serialize(error)})
    except TypeError as unsayable:
        log.exception("rpc: answer is not JSON")
        return to_json({"result": None, "error": serialize(unsayable)})
