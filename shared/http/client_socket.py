"""A client's socket: what comes and goes over it, each within its time."""

import socket
import time
from contextlib import suppress

from shared.http.limits import Limits

#: Bytes that are read at a time, and of an answer that are sent at a time.
PIECE = 64 * 1024
#: Seconds in which a client may go on sending what is not wanted, so that it sees the answer.
LINGER_SECONDS = 2.0


class Gone(Exception):
    """The client ended the connection, or took too long."""


class ClientSocket:
    """Reads and sends with deadlines, and knows since when it waits for the client."""

    def __init__(self, sock: socket.socket, limits: Limits) -> None:
        self._socket = sock
        self._limits = limits
        self.stopping = False
        #: Since when it has been waiting for the client to send or to take something, by
        #: `time.monotonic()`; None: the application is at work for it.
        self.waiting_since: float | None = time.monotonic()

    def receive(self, deadline: float) -> bytes:
        """What comes next. Raises TimeoutError at the deadline, Gone at the end."""
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._socket.settimeout(left)
        received = self._socket.recv(PIECE)
        if not received:
            raise Gone
        return received

    def send(self, content: bytes) -> None:
        """All of it. Raises Gone where the client does not take it in time."""
        view = memoryview(content)
        for begin in range(0, len(view), PIECE):
            piece = view[begin : begin + PIECE]
            self.waiting_since = time.monotonic()
            deadline = self.waiting_since + self._limits.write_seconds
            while piece:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise Gone
                self._socket.settimeout(left)
                piece = piece[self._socket.send(piece) :]
            self.waiting_since = None

    def interrupt(self) -> None:
        """End it at once, from another thread."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def linger(self) -> None:
        """Closing over unread bytes would take the answer away from the client."""
        self._socket.shutdown(socket.SHUT_WR)
        self.waiting_since = time.monotonic()
        deadline = self.waiting_since + LINGER_SECONDS
        while True:
            self.receive(deadline)
