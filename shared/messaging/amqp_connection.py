"""kombu's AMQP transport, with an end to its patience, reading ahead, and one who reads for many.

A broker that accepts a connection and then says nothing (it is still starting, or its machine has
gone) would hold whoever waits for its answer for ever: heartbeats are looked at only between
answers. Used for every ``amqp://`` and ``amqps://`` address.
"""

import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from amqp import spec
from amqp.transport import TCPTransport
from eventlet import getcurrent
from eventlet.hubs import get_hub
from eventlet.patcher import original
from kombu.transport import pyamqp

#: Seconds to wait for the broker's answer where the caller names no other limit. It raises
#: TimeoutError, which counts as a broken connection. Shorter than the broker's pause between
#: heartbeats, since each of them starts the wait again.
ANSWER_TIMEOUT = 4.0

#: Bytes read at once. py-amqp asks the socket for each part of each frame: nine calls a message.
AHEAD = 16_384

# To look without waiting there is no need to ask the hub, as eventlet's own does.
_select = original("select")


class Channel(pyamqp.Channel):
    """A channel over which several may send while somebody else reads the connection."""

    def send(self, message: Any, exchange: str, routing_key: str) -> None:
        """Publish, and leave it to the reader to hear what the broker says of it.

        py-amqp's own looks for that itself, before each message: two would read the same socket.
        """
        self.send_method(
            spec.Basic.Publish, "Bssbb", (0, exchange, routing_key, False, False), message
        )


class Connection(pyamqp.Connection):
    """A connection whose socket gives up, and is asked once for several messages."""

    Channel = Channel

    #: The wait for messages that is going on: a list of its own, with who waits.
    _wait: list[Any] | None = None

    def connect(self, callback: Any = None) -> Any:
        connected = super().connect(callback)
        transport = self.transport
        transport.sock.settimeout(ANSWER_TIMEOUT)
        if isinstance(transport, TCPTransport):  # TLS reads ahead by itself
            receive = transport.sock.recv
            transport._quick_recv = lambda missing: receive(max(missing, AHEAD))
        self._arrivals = _select.poll()  # has no limit to the number of files, as `select` has
        self._arrivals.register(transport.sock, _select.POLLIN)
        transport._write = whole_or_over(transport.sock, transport._write)
        return connected

    def drain_events(self, timeout: float | None = None) -> None:
        """Take one message or answer. Raises TimeoutError where none comes in so many seconds.

        Unlike py-amqp's own also where heartbeats do come: who waits for ever sends none.
        """
        until = None if timeout is None else time.monotonic() + timeout
        left = timeout
        self._wait = [getcurrent()]
        try:
            while not self.blocking_read(left):
                if until is not None:
                    # Not 0: asked that way, py-amqp would go round and round in mid-frame.
                    left = max(until - time.monotonic(), 0.001)
        finally:
            self._wait = None

    def interrupt(self) -> None:
        """End somebody else's wait for a message, as if its time were over."""
        if self._wait is not None:
            get_hub().schedule_call_global(0, self._end, self._wait)

    def _end(self, wait: list[Any]) -> None:
        if self._wait is wait:  # still the same: nothing else is to be disturbed
            wait[0].throw(TimeoutError())

    def has_message(self) -> bool:
        """Whether a message (or a part of one) can be taken without waiting for the network."""
        if self.transport._read_buffer:
            return True
        return bool(self._arrivals.poll(0))


class Transport(pyamqp.Transport):
    Connection = Connection


class SSLTransport(pyamqp.SSLTransport):
    Connection = Connection


def whole_or_over(sock: Any, write: Callable[[Any], None]) -> Callable[[Any], None]:
    """Writes a frame to the end, or ends the connection: others may not go on after half of one.

    Whoever reads the connection hears of it at once.
    """

    def write_frame(frame: Any) -> None:
        try:
            write(frame)
        except BaseException:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            raise

    return write_frame
