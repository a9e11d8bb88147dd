"""Calls to a service by nameko's RPC, with a deadline: every call ends, one way or the other."""

import threading
import time
import uuid
from itertools import count
from typing import Any

import structlog
from kombu import Connection, Consumer, Queue, binding

from shared.errors import Unavailable, Unexpected, from_plain
from shared.messaging import broker
from shared.messaging.broker import BROKER_ERRORS
from shared.messaging.receiver import Receiver
from shared.messaging.service_calls import ServiceCalls
from shared.messaging.signing import Answer, Signer
from shared.values import from_json, to_json

log = structlog.get_logger()


class _Pending:
    """A call that waits for its answer."""

    def __init__(self, number: str) -> None:
        self.number = number
        self._answer: bytes | str | None = None
        # A lock that is taken already costs a third of an event.
        self._awaited = threading.Lock()
        self._awaited.acquire()

    def wait(self, seconds: float) -> bytes | str | None:
        """The answer; None where there is none in time, or none to come any more."""
        self._awaited.acquire(timeout=max(0.0, seconds))
        return self._answer

    def end(self, answer: bytes | str | None) -> None:
        self._answer = answer
        self._awaited.release()


class RpcClient(ServiceCalls):
    """One process's (or service's) way to call others.

    Messages are transient and unconfirmed: a lost call runs into its deadline and is made again
    by whoever made it, under the same command id.
    """

    def __init__(self, uri: str, name: str, deadline: float, signer: Signer) -> None:
        """deadline: seconds after which a call is given up, where it does not name its own."""
        self.uri = uri
        self._signer = signer
        self.deadline = deadline
        #: Begins with our name: the broker lets nobody else hear such answers.
        self._reply_to = f"{name}-{uuid.uuid4()}"
        self._queue = Queue(
            f"rpc.reply-{self._reply_to}",
            bindings=[binding(broker.CALLS, self._reply_to)],
            exclusive=True,
            auto_delete=True,
            durable=False,
        )
        self._numbers = count()
        self._pending: dict[str, _Pending] = {}
        #: Over which calls leave, of the connection on which answers are heard.
        self._channel: Any = None
        #: Whether a call over it was not answered.
        self._is_doubted = False
        self._listening = threading.Event()
        self._receiver: Receiver | None = None
        self._stopping = threading.Event()

    def run(self) -> None:
        """Receive answers until stopped."""
        while not self._stopping.is_set():
            try:
                with broker.connect(self.uri) as connection:
                    self._listen(connection)
            except BROKER_ERRORS as error:
                log.warning("rpc: broker away", error=str(error))
            self._listening.clear()
            self._fail_pending()
            self._stopping.wait(broker.PAUSE)

    def stop(self) -> None:
        self._stopping.set()
        self._interrupt()

    def call(
        self,
        service: str,
        method: str,
        *,
        deadline: float | None = None,
        **arguments: Any,
    ) -> Any:
        seconds = deadline or self.deadline
        until = time.monotonic() + seconds
        body = to_json({"args": [], "kwargs": arguments}).encode()
        pending = self._sent(service, method, body, until)
        try:
            answer = pending.wait(until - time.monotonic()) if pending else None
        finally:
            if pending is not None:
                self._pending.pop(pending.number, None)
        if pending is None:
            raise _unreachable(service)
        if answer is None:
            self._is_doubted = True
            self._interrupt()
            raise Unavailable(
                f"The {service} service did not answer in time. Try again in a moment.",
                rule="deadline",
            )
        return _result(service, from_json(answer))

    def _sent(self, service: str, method: str, body: bytes, until: float) -> _Pending | None:
        """The call under way. None where the broker did not take it in time, nor at two tries.

        Each try is a call of its own: a service takes none twice.
        """
        for _ in range(2):
            left = until - time.monotonic()
            if not (self._listening.is_set() or self._listening.wait(max(0.0, left))):
                break
            pending = _Pending(str(next(self._numbers)))
            self._pending[pending.number] = pending
            channel = self._channel
            answer_to = Answer(self._reply_to, pending.number)
            headers = self._signer.headers(service, method, body, answer_to)
            try:
                self._send(
                    channel,
                    f"{service}.{method}",
                    body,
                    headers,
                    answer_to,
                    until - time.monotonic(),
                )
                return pending
            except BROKER_ERRORS:
                self._pending.pop(pending.number, None)
                if channel is self._channel:  # who listens on it has yet to hear of it, and leaves
                    self._listening.clear()
        return None

    def _send(
        self,
        channel: Any,
        to: str,
        body: bytes,
        headers: dict[str, str],
        answer_to: Answer,
        seconds: float,
    ) -> None:
        message = channel.prepare_message(
            body,
            content_type="application/json",
            content_encoding="utf-8",
            headers=headers,
            properties={
                "reply_to": answer_to.reply_to,
                "correlation_id": answer_to.number,
                "delivery_mode": 1,
                # Nobody waits for the answer after that.
                "expiration": str(max(1, int(seconds * 1000))),
            },
        )
        channel.send(message, broker.CALLS.name, to)

    def _listen(self, connection: Connection) -> None:
        channel = broker.declared(self._queue, connection)
        receiver = self._receiver = Receiver(connection)
        with Consumer(
            channel,
            [self._queue],
            on_message=self._on_answer,
            no_ack=True,
            auto_declare=False,
        ):
            self._channel, self._is_doubted = connection.channel(), False
            self._listening.set()
            while self._listening.is_set() and not self._stopping.is_set():
                receiver.receive()
                if self._is_doubted:
                    self._renew(connection)

    def _renew(self, connection: Connection) -> None:
        """Have calls leave over another channel: see `ConfirmedPublisher.renew`."""
        self._is_doubted = False
        doubted, self._channel = self._channel, connection.channel()
        doubted.close()

    def _interrupt(self) -> None:
        if self._receiver is not None:
            self._receiver.interrupt()

    def _on_answer(self, message: Any) -> None:
        pending = self._pending.pop(message.properties.get("correlation_id"), None)
        if pending is not None:
            pending.end(message.body)

    def _fail_pending(self) -> None:
        while self._pending:
            self._pending.popitem()[1].end(None)


def _result(service: str, answer: dict[str, Any]) -> Any:
    if answer["error"] is not None:
        log.error(
            "rpc: the service failed",
            service=service,
            error=answer["error"].get("value"),
        )
        raise Unexpected(
            f"The {service} service failed on this request; its log says why.",
            rule="service-failed",
        )
    result = answer["result"]
    if isinstance(result, dict) and "refusal" in result:
        raise from_plain(result["refusal"])
    return result


def _unreachable(service: str) -> Unavailable:
    return Unavailable(
        f"The {service} service cannot be reached: the message broker does not answer. "
        "Try again in a moment.",
        rule="broker-down",
    )
