"""One connection: requests in turn, each with its answer, until either side ends it."""

import socket
import time
from collections.abc import Sequence
from contextlib import suppress

import structlog

from shared.http import heads, proxies
from shared.http.client_socket import ClientSocket, Gone
from shared.http.exchange import Application, Exchange
from shared.http.limits import Limits
from shared.http.refusals import Refused, problem

log = structlog.get_logger("http")


class Connection(ClientSocket):
    """Serves the requests of one client."""

    def __init__(
        self,
        sock: socket.socket,
        peer: str,
        application: Application,
        limits: Limits,
        trusted: Sequence[proxies.Network],
    ) -> None:
        super().__init__(sock, limits)
        self._peer = peer
        self._application = application
        self._trusted = trusted
        #: What was read and belongs to the next request.
        self._read = b""

    def serve(self) -> None:
        """Until the connection ends; it is closed then. Raises nothing."""
        try:
            with suppress(Gone, OSError):
                self._serve()
        except Exception:
            log.exception("connection failed")
        finally:
            with suppress(OSError):
                self._socket.close()

    def _serve(self) -> None:
        is_first = True
        try:
            while not self.stopping:
                head = self._read_head(is_first)
                is_first = False
                rest, self._read = self._read, b""
                exchange = Exchange(self, head, rest, self._limits)
                if not exchange.run(self._application, self._peer, self._trusted):
                    break
                self._read = exchange.left
                time.sleep(0)  # who asks without a pause keeps nobody else waiting
        except Refused as refused:
            self.send(problem(refused))
        self.linger()

    def _read_head(self, is_first: bool) -> bytes:
        """The next head, to its end; what follows is kept. Raises Refused, Gone."""
        limits = self._limits
        self.waiting_since = time.monotonic()
        if not self._read:
            self._read = self.receive(
                time.monotonic() + (limits.head_seconds if is_first else limits.idle_seconds)
            )
        deadline = time.monotonic() + limits.head_seconds
        if self._read.startswith(b"\r\n"):  # some clients end a body with it
            self._read = self._read[2:]
        checked = 0
        while (end := self._read.find(heads.END, max(0, checked - 3))) < 0:
            heads.check_so_far(self._read, limits, checked)
            checked = len(self._read)
            try:
                self._read += self.receive(deadline)
            except TimeoutError as error:
                raise Refused(408, "The headers took too long.") from error
        self.waiting_since = None
        end += len(heads.END)
        head, self._read = self._read[:end], self._read[end:]
        return head
