"""Taking connections: as many as there is room for, from everybody their share."""

import errno
import socket
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress

import structlog

from shared.http.connection import Connection
from shared.http.exchange import Application
from shared.http.limits import Limits
from shared.http.proxies import Network, counted_as, is_trusted
from shared.http.refusals import Refused, problem

#: Seconds before the next try where the process, or the machine, has no file left.
PAUSE = 0.2
#: Seconds in which taking connections has to end.
STOP_ACCEPTING = 1.0
#: Seconds between two log lines about the same trouble.
QUIET = 10.0
_NO_ROOM = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}

log = structlog.get_logger("http")


class Server:
    """Serves an application on a listening socket, from `start` to `stop`."""

    def __init__(
        self,
        listener: socket.socket,
        application: Application,
        limits: Limits,
        trusted: Sequence[Network] = (),
    ) -> None:
        """trusted: networks of proxies, which are believed who a request comes from."""
        self._listener = listener
        self._application = application
        self._limits = limits
        self._room = limits.connections_here
        self._trusted = trusted
        #: Each with what stands for its client where clients are counted.
        self._connections: dict[Connection, str] = {}
        self._of_address: Counter[str] = Counter()
        self._counting = threading.Lock()
        self._stopping = False
        self._quiet_until = 0.0

    def start(self) -> None:
        self._accepting = threading.Thread(target=self._accept, name="http", daemon=True)
        self._accepting.start()

    def stop(self) -> None:
        """Take no more; wait a little for what is being worked on; end the rest."""
        self._stopping = True
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        # Closed under whoever waits on it, its number would be taken for that of the next file.
        self._accepting.join(STOP_ACCEPTING)
        self._listener.close()
        for each in list(self._connections):
            each.stopping = True
            if each.waiting_since is not None:
                each.interrupt()
        deadline = time.monotonic() + self._limits.stop_seconds
        while self._connections and time.monotonic() < deadline:
            time.sleep(0.02)
        for each in list(self._connections):
            each.interrupt()

    def _accept(self) -> None:
        while not self._stopping:
            try:
                sock, address = self._listener.accept()
            except OSError as error:
                if self._is_stopping():
                    return
                # Whatever it is: the door stays open for the next one.
                if error.errno in _NO_ROOM:
                    self._note("no file left for a connection", error=str(error))
                    self._drop_a_waiting_one(list(self._connections))
                if error.errno != errno.ECONNABORTED:
                    time.sleep(PAUSE)
                continue
            self._take(sock, str(address[0]))

    def _is_stopping(self) -> bool:
        return self._stopping

    def _take(self, sock: socket.socket, peer: str) -> None:
        key = counted_as(peer)
        limit = self._limits.connections_of_address
        if self._of_address[key] >= limit and not is_trusted(peer, self._trusted):
            self._note("too many connections of one address")
            if not self._drop_a_waiting_one(self._connections_of(key)):
                words = f"One address may have {limit} connections at a time."
                _turn_away(sock, Refused(429, words))
                return
        everything = list(self._connections)
        if len(everything) >= self._room and not self._drop_a_waiting_one(everything):
            self._note("too many connections")
            _turn_away(sock, Refused(503, "Too many connections right now. Try again soon."))
            return
        connection = Connection(sock, peer, self._application, self._limits, self._trusted)
        with self._counting:
            self._connections[connection] = key
            self._of_address[key] += 1
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(connection, key), daemon=True).start()
        except (OSError, RuntimeError) as error:  # gone already, or no thread left
            self._note("connection not served", error=str(error))
            self._forget(connection, key)
            sock.close()

    def _serve(self, connection: Connection, key: str) -> None:
        try:
            connection.serve()
        finally:
            self._forget(connection, key)

    def _forget(self, connection: Connection, key: str) -> None:
        with self._counting:
            self._connections.pop(connection, None)
            self._of_address[key] -= 1
            if self._of_address[key] <= 0:
                del self._of_address[key]

    def _connections_of(self, key: str) -> list[Connection]:
        return [each for each, whose in list(self._connections.items()) if whose == key]

    def _drop_a_waiting_one(self, among: list[Connection]) -> bool:
        """Make room: end the connection that sends no request for longest. Whether there is one."""
        waiting = [(since, each) for each in among if (since := each.waiting_since) is not None]
        if not waiting:
            return False
        _, longest = min(waiting, key=lambda each: each[0])
        longest.waiting_since = None
        longest.interrupt()
        return True

    def _note(self, what: str, **more: str) -> None:
        """Log it, not for each of thousands."""
        now = time.monotonic()
        if now >= self._quiet_until:
            self._quiet_until = now + QUIET
            log.warning(what, connections=len(self._connections), **more)


def _turn_away(sock: socket.socket, refused: Refused) -> None:
    """As far as the system takes the answer at once: nobody waits for who is turned away."""
    with suppress(OSError), sock:
        sock.settimeout(0)
        sock.send(problem(refused))
