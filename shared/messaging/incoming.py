"""What the broker brings, read from the connection while the last of it is being worked on."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Generic, Self, TypeVar

from kombu import Connection, Consumer, Queue

from shared.messaging import broker
from shared.messaging.receiver import Receiver

T = TypeVar("T")

#: Seconds to wait for the reader's next ones.
MOMENT = 0.001


class Incoming(Generic[T]):
    """The messages of some queues, oldest first; as a context manager, for as long as it lasts.

    A task of its own reads the connection, of which nobody else may ask anything meanwhile. So
    heartbeats are looked after, however long somebody works on what has come.
    """

    def __init__(
        self,
        connection: Connection,
        queues: Sequence[Queue],
        prefetch: int,
        open: Callable[[Any], T],
        awake: threading.Event,
    ) -> None:
        """prefetch: how many may have come without being acknowledged. open: what is made of a
        message when it comes. awake: set when some have come, or the connection has broken."""
        self._receiver = Receiver(connection)
        self._queues = queues
        self._channel = connection.channel()
        for queue in queues:
            broker.declared(queue, connection, self._channel)
        self._consumer = Consumer(self._channel, queues, on_message=self._keep, auto_declare=False)
        self._consumer.qos(prefetch_count=prefetch)
        self._open = open
        self._awake = awake
        self._arrived: deque[tuple[Any, T]] = deque()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._is_over = False
        self._is_to_bind = False
        #: What the reader ended of.
        self._error: Exception | None = None

    def __enter__(self) -> Self:
        self._consumer.__enter__()
        self._reader.start()
        return self

    def __exit__(self, *error: Any) -> None:
        self._is_over = True
        self._receiver.interrupt()
        self._reader.join()
        self._consumer.__exit__(*error)

    @property
    def has_more(self) -> bool:
        """Whether something has come that was not taken. Raises what broke the connection."""
        return bool(self._arrived) or self._receiver.has_more

    def take(self, most: int, seconds: float) -> list[tuple[Any, T]]:
        """What has come, each message with what was made of it; waits so many seconds for it, or
        until somebody sets `awake`. Raises what broke the connection."""
        if not self._arrived:
            self._awake.wait(seconds)
        while self._reader.is_alive() and len(self._arrived) < most and self._receiver.has_more:
            time.sleep(MOMENT)
        self._awake.clear()
        if self._error is not None:
            raise self._error
        return [self._arrived.popleft() for _ in range(min(most, len(self._arrived)))]

    def acknowledge(self, message: Any) -> None:
        """This one and all before it."""
        self._channel.basic_ack(message.delivery_tag, multiple=True)

    def bind(self) -> None:
        """Bind the queues again, soon: somebody may have taken the bindings away."""
        self._is_to_bind = True
        self._receiver.interrupt()

    def _read(self) -> None:
        try:
            while not self._is_over:
                self._receiver.receive()
                if self._arrived:
                    self._awake.set()
                if self._is_to_bind:
                    self._is_to_bind = False
                    broker.bind(self._queues, self._channel)
                time.sleep(0)  # others go on: a database may have answered meanwhile
        except Exception as error:  # noqa: BLE001 - whoever takes what has come raises it
            self._error = error
        self._awake.set()

    def _keep(self, message: Any) -> None:
        self._arrived.append((message, self._open(message)))
