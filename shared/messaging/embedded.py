"""The transport inside one process: kombu's memory transport, made fit for nameko and for waiting.

Queues live in the memory of the process and end with it. Nothing is lost by that: the event logs
keep every fact, and catch-up brings back what was under way.
"""

import math
import threading
import time
from collections import defaultdict
from contextlib import AbstractContextManager, nullcontext
from queue import Empty
from typing import Any, ClassVar
from weakref import WeakSet

from kombu.transport import memory, virtual


class Channel(memory.Channel):
    """A channel whose messages look as those of AMQP do, and that wakes who waits for them."""

    body_encoding = None  # type: ignore[assignment]  # kombu takes None as "as it is"

    def _put(self, queue: str, message: dict[str, Any], **_: Any) -> None:
        # nameko reads the content type where AMQP has it, among the properties.
        properties = message["properties"]
        properties.setdefault("content_type", message["content-type"])
        if "expiration" in properties:
            properties.setdefault(
                "expires", time.monotonic() + int(properties["expiration"]) / 1000
            )
        self._queue_for(queue).put(message)
        Transport.wake(queue)

    def _get(self, queue: str, timeout: float | None = None) -> dict[str, Any]:
        """The next message that has not expired. Raises Empty."""
        while True:
            message: dict[str, Any] = super()._get(queue, timeout)
            if message["properties"].get("expires", math.inf) > time.monotonic():
                return message

    def send(self, message: dict[str, Any], exchange: str, routing_key: str) -> None:
        """Publish: see `shared.messaging.amqp_connection.Channel.send`."""
        self.basic_publish(message, exchange, routing_key)

    def together(self) -> AbstractContextManager[None]:
        """Nothing has to be sent anywhere here: see `shared.messaging.amqp_connection.Channel`."""
        return nullcontext()

    def basic_consume(self, queue: str, *args: Any, **kwargs: Any) -> None:
        super().basic_consume(queue, *args, **kwargs)
        Transport.waiting[queue].add(self.connection)

    def basic_ack(self, delivery_tag: str, multiple: bool = False) -> None:
        """Acknowledge one message or, as in AMQP, all up to and including it."""
        if not self.qos.can_consume():  # now it can: what waits has not just arrived, though
            self.connection._arrived.set()
        if not multiple:
            super().basic_ack(delivery_tag)
            return
        for tag in list(self.qos._delivered):
            super().basic_ack(tag)
            if tag == delivery_tag:
                return


class Transport(memory.Transport):
    """Waits for a message instead of looking for one again and again."""

    Channel = Channel
    global_state = virtual.BrokerState()
    #: Who consumes each queue, or did.
    waiting: ClassVar["defaultdict[str, WeakSet[Transport]]"] = defaultdict(WeakSet)

    def __init__(self, client: Any, **kwargs: Any) -> None:
        super().__init__(client, **kwargs)
        self._arrived = threading.Event()
        self._interrupted = False

    @classmethod
    def wake(cls, queue: str) -> None:
        """Tell who consumes a queue that something is in it."""
        for transport in list(cls.waiting.get(queue, ())):
            transport._arrived.set()

    @classmethod
    def reset(cls) -> None:
        """Forget every exchange, queue and message: a fresh broker, for tests."""
        cls.global_state.clear()
        Channel.queues.clear()

    def has_message(self) -> bool:
        """Whether a consumer of this connection would get a message at once."""
        return any(
            Channel.queues[queue].qsize()
            for channel in self.channels
            if channel.qos.can_consume()
            for queue in channel._active_queues
        )

    def interrupt(self) -> None:
        """End somebody else's wait for a message, as if its time were over."""
        self._interrupted = True
        self._arrived.set()

    def drain_events(self, connection: Any, timeout: float | None = None, **_: Any) -> None:
        """Deliver one message. Raises socket.timeout where none came in time (0: at once)."""
        assert self.cycle is not None
        self._interrupted = False
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            self._arrived.clear()
            try:
                self.cycle.get(self._deliver, timeout=0)
                return
            except Empty:
                left = None if deadline is None else deadline - time.monotonic()
                if self._interrupted or (left is not None and left <= 0):
                    raise TimeoutError from None
                self._arrived.wait(left)
