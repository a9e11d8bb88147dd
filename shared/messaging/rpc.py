"""Calls to a service by nameko's RPC, with a deadline: every call ends, one way or the other."""

import threading
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from kombu import Connection, Consumer, Exchange, Queue
from kombu.pools import producers

from shared.errors import Unavailable, Unexpected, from_plain
from shared.messaging import broker
from shared.messaging.broker import BROKER_ERRORS
from shared.work import Call

log = structlog.get_logger()

_EXCHANGE = Exchange("nameko-rpc", type="topic", durable=True)


class _Pending:
    """A call that waits for its answer."""

    def __init__(self) -> None:
        self.answered = threading.Event()
        self.answer: dict[str, Any] | None = None


class ServiceCalls(ABC):
    """Calls to services, whatever carries them."""

    @abstractmethod
    def call(
        self,
        service: str,
        method: str,
        *,
        deadline: float | None = None,
        **arguments: Any,
    ) -> Any:
        """What the service's method returns. Raises its Refusal, or Unavailable in time."""

    def execute(self, service: str, name: str, body: dict[str, Any], call: Call) -> dict[str, Any]:
        """Carry out a command of a service: `shared.desk.Desk.execute` from afar."""
        answer: dict[str, Any] = self.call(
            service, "execute", name=name, body=body, call=call.to_plain()
        )
        return answer

    def ask(
        self, service: str, name: str, parameters: dict[str, Any], call: Call
    ) -> dict[str, Any]:
        """Run a query of a service: `shared.desk.Desk.ask` from afar."""
        answer: dict[str, Any] = self.call(
            service, "ask", name=name, parameters=parameters, call=call.to_plain()
        )
        return answer

    def window(self, source: str, after: int, limit: int) -> dict[str, Any]:
        found: dict[str, Any] = self.call(source, "log_window", after=after, limit=limit)
        return found

    def events(self, source: str, after: int, until: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.call(source, "log_events", after=after, until=until)
        return found

    def reached(self, source: str, subjects: Sequence[str]) -> dict[str, int]:
        found: dict[str, int] = self.call(source, "log_reached", subjects=list(subjects))
        return found

    def beyond(self, source: str, link: int, deadline: float | None = None) -> dict[str, Any]:
        found: dict[str, Any] = self.call(source, "log_beyond", deadline=deadline, link=link)
        return found


class RpcClient(ServiceCalls):
    """One process's (or service's) way to call others.

    Messages are transient and unconfirmed: a lost call runs into its deadline and is made again
    by whoever made it, under the same command id.
    """

    def __init__(self, uri: str, name: str, deadline: float) -> None:
        """deadline: seconds after which a call is given up, where it does not name its own."""
        self.uri = uri
        self.deadline = deadline
        #: For publishing. It may lie idle for long; before each use it is seen whether it is open.
        self._connection = broker.connect(uri, heartbeat=0)
        self._reply_to = str(uuid.uuid4())
        self._queue = Queue(
            f"rpc.reply-{name}-{self._reply_to}",
            _EXCHANGE,
            routing_key=self._reply_to,
            exclusive=True,
            auto_delete=True,
            durable=False,
        )
        self._pending: dict[str, _Pending] = {}
        self._listening = threading.Event()
        self._interrupt: Callable[[], None] = lambda: None
        self._stopping = False

    def run(self) -> None:
        """Receive answers until stopped."""
        while not self._stopping:
            try:
                with broker.connect(self.uri) as connection:
                    self._listen(connection)
            except BROKER_ERRORS as error:
                log.warning("rpc: broker away", error=str(error))
            self._listening.clear()
            self._fail_pending()
            if not self._stopping:
                time.sleep(0.5)

    def stop(self) -> None:
        self._stopping = True
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
        if not self._listening.wait(seconds):
            raise _unreachable(service)
        correlation_id = str(uuid.uuid4())
        pending = self._pending[correlation_id] = _Pending()
        try:
            self._publish(service, method, arguments, correlation_id, seconds)
            pending.answered.wait(max(0.0, until - time.monotonic()))
        except BROKER_ERRORS as error:
            raise _unreachable(service) from error
        finally:
            self._pending.pop(correlation_id, None)
        if pending.answer is None:
            raise Unavailable(
                f"The {service} service did not answer in time. Try again in a moment.",
                rule="deadline",
            )
        return _result(service, pending.answer)

    def _publish(
        self,
        service: str,
        method: str,
        arguments: dict[str, Any],
        correlation_id: str,
        seconds: float,
    ) -> None:
        with producers[self._connection].acquire(block=True, timeout=seconds) as producer:
            producer.publish(
                {"args": [], "kwargs": arguments},
                exchange=_EXCHANGE,
                routing_key=f"{service}.{method}",
                serializer="json",
                reply_to=self._reply_to,
                correlation_id=correlation_id,
                delivery_mode=1,
                expiration=seconds,  # nobody waits for the answer after that
                retry=True,
                retry_policy={"max_retries": 1, "interval_start": 0},
            )

    def _listen(self, connection: Connection) -> None:
        channel = connection.channel()
        self._queue(channel).declare()
        with Consumer(
            channel,
            [self._queue],
            on_message=self._on_answer,
            no_ack=True,
            auto_declare=False,
        ):
            self._interrupt = connection.connection.interrupt
            self._listening.set()
            while not self._stopping:
                try:
                    connection.drain_events(timeout=broker.longest_wait(connection))
                except TimeoutError:
                    connection.heartbeat_check()

    def _on_answer(self, message: Any) -> None:
        pending = self._pending.get(message.properties.get("correlation_id"))
        if pending is not None:
            pending.answer = message.decode()
            pending.answered.set()

    def _fail_pending(self) -> None:
        for pending in list(self._pending.values()):
            pending.answered.set()


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
