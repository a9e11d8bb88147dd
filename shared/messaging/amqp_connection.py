"""kombu's AMQP transport, with an end to its patience, reading ahead, and one who reads for many.

A broker that accepts a connection and then says nothing (it is still starting, or its machine has
gone) would hold whoever waits for its answer for ever: heartbeats are looked at only between
answers. Used for every ``amqp://`` and ``amqps://`` address.
"""

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any

from amqp import spec
from amqp.exceptions import RecoverableConnectionError, UnexpectedFrame
from amqp.transport import TCPTransport
from eventlet import getcurrent
from eventlet.hubs import get_hub
from eventlet.patcher import original
from kombu.transport import pyamqp

#: Seconds to wait for the broker's answer where the caller names no other limit. It raises
#: TimeoutError, which counts as a broken connection. Shorter than the broker's pause between
#: heartbeats, since each of them starts the wait again.
ANSWER_TIMEOUT = 4.0

#: Bytes read at once.
AHEAD = 65_536

#: Type, channel, and what a frame carries.
Frame = tuple[int, int, bytes]

_HEADER = struct.Struct(">BHI")
_FRAME_END = 0xCE

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

    def together(self) -> AbstractContextManager[None]:
        """Within it, what one task sends leaves at the end, in one piece.

        Each piece costs a call of the system, here and at the broker.
        """
        if self.connection is None:
            raise RecoverableConnectionError("connection already closed")
        together: AbstractContextManager[None] = self.connection.writer.together()
        return together


class BufferedTransport(TCPTransport):
    """A socket that is asked once for several frames.

    py-amqp's own asks for each part of each, nine times a message.
    """

    _read_buffer: bytes
    #: Where the next frame begins in it; it is empty where nothing is left.
    _at = 0

    def frame_at_hand(self) -> Frame | None:
        """The next frame, where all of it has come."""
        come = self._read_buffer
        start = self._at + _HEADER.size
        if len(come) < start:
            return None
        kind, channel, size = _HEADER.unpack_from(come, self._at)
        end = start + size
        if len(come) <= end:
            return None
        if come[end] != _FRAME_END:
            raise UnexpectedFrame(f"a frame ends with {come[end]:#04x}")
        if end + 1 == len(come):
            self._read_buffer, self._at = b"", 0
        else:
            self._at = end + 1
        return kind, channel, come[start:end]

    def read_frame(self, *_: Any) -> Frame:
        """Raises TimeoutError, which loses nothing; or OSError, and the connection is over."""
        while (frame := self.frame_at_hand()) is None:
            self._read_buffer, self._at = self._read_buffer[self._at :] + self._more(), 0
        return frame

    def _more(self) -> bytes:
        try:
            more: bytes = self.sock.recv(AHEAD)
            if not more:
                raise ConnectionResetError("the broker closed the connection")
        except (TimeoutError, BlockingIOError):  # the latter where there is no patience at all
            raise
        except OSError:
            self.connected = False
            raise
        return more


class Writer:
    """Writes frames to the end, or ends the connection: others may not go on after half of one.

    Whoever reads the connection hears of it at once.
    """

    def __init__(self, sock: Any, write: Callable[[Any], None]) -> None:
        """write: puts all that it is given into the socket."""
        self._sock = sock
        self._write = write
        self._writing = threading.Lock()
        #: What tasks hold back until they have all of it.
        self._held_back: dict[Any, list[bytes]] = {}

    def __call__(self, frames: Any) -> None:
        held_back = self._held_back.get(getcurrent())
        if held_back is not None:
            held_back.append(bytes(frames))  # py-amqp writes the next one into the same memory
            return
        with self._writing:
            try:
                self._write(frames)
            except BaseException:
                with suppress(OSError):
                    self._sock.shutdown(socket.SHUT_RDWR)
                raise

    @contextmanager
    def together(self) -> Iterator[None]:
        """Write what the current task writes within at its end; nothing, where that fails."""
        task = getcurrent()
        held_back = self._held_back[task] = []
        try:
            yield
        finally:
            del self._held_back[task]
        if held_back:
            self(b"".join(held_back))


class Connection(pyamqp.Connection):
    """A connection whose socket gives up, and is asked once for several messages."""

    Channel = Channel

    #: The wait for messages that is going on: a list of its own, with who waits.
    _wait: list[Any] | None = None

    def connect(self, callback: Any = None) -> Any:
        connected = super().connect(callback)
        transport = self.transport
        transport.sock.settimeout(ANSWER_TIMEOUT)
        self._arrivals = _select.poll()  # has no limit to the number of files, as `select` has
        self._arrivals.register(transport.sock, _select.POLLIN)
        self.writer = transport._write = Writer(transport.sock, transport._write)
        return connected

    def Transport(  # noqa: N802 - py-amqp's name
        self, host: str, connect_timeout: Any, ssl: Any = False, *timeouts: Any, **settings: Any
    ) -> Any:
        if ssl:  # TLS reads ahead by itself
            return super().Transport(host, connect_timeout, ssl, *timeouts, **settings)
        return BufferedTransport(host, connect_timeout, *timeouts, **settings)

    def blocking_read(self, timeout: float | None = None) -> Any:
        """Take a frame. py-amqp's own sets the socket's patience before each, needed or not."""
        transport = self.transport
        frame = transport.frame_at_hand() if isinstance(transport, BufferedTransport) else None
        if frame is None:
            return super().blocking_read(timeout)
        return self.on_inbound_frame(frame)

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
