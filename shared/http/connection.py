"""One connection: requests in turn, each with its answer, until either side ends it."""

import io
import socket
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from email.utils import formatdate
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_to_bytes

import h11
import structlog
from werkzeug.exceptions import BadRequest, ClientDisconnected, HTTPException, RequestTimeout

from shared.http import heads, proxies
from shared.http.limits import Limits
from shared.http.refusals import Refused, problem

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

#: Bytes that are read at a time, and of an answer that are sent at a time.
PIECE = 64 * 1024
#: Bytes of an unread body that are read away to keep the connection; more of it ends it.
DRAINED = 64 * 1024
#: Bytes of a chunk's line, or of trailers, that may be waiting for their end.
LONGEST_LINE = 8 * 1024
#: Seconds in which a client may go on sending what is not wanted, so that it sees the answer.
LINGER_SECONDS = 2.0

log = structlog.get_logger("http")


class Gone(Exception):
    """The client ended the connection, or took too long."""


class Connection:
    """Serves the requests of one client."""

    def __init__(
        self,
        sock: socket.socket,
        peer: str,
        application: Application,
        limits: Limits,
        trusted: Sequence[proxies.Network],
    ) -> None:
        self._socket = sock
        self._peer = peer
        self._application = application
        self._limits = limits
        self._trusted = trusted
        self._read = b""
        self.stopping = False
        #: Since when it has been waiting for the client to send or to take something, by
        #: `time.monotonic()`; None: the application is at work for it.
        self.waiting_since: float | None = time.monotonic()

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

    def interrupt(self) -> None:
        """End it at once, from another thread."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def _serve(self) -> None:
        is_first = True
        try:
            while not self.stopping:
                head = self._read_head(is_first)
                is_first = False
                exchange = Exchange(self, head, self._limits)
                self._read = b""
                if not exchange.run(self._application, self._peer, self._trusted):
                    break
                self._read = exchange.left
                time.sleep(0)  # who asks without a pause keeps nobody else waiting
        except Refused as refused:
            self.send(problem(refused))
        self._linger()

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

    def take_read(self) -> bytes:
        """What was read beyond the head."""
        taken, self._read = self._read, b""
        return taken

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

    def _linger(self) -> None:
        """Closing over unread bytes would take the answer away from the client."""
        self._socket.shutdown(socket.SHUT_WR)
        self.waiting_since = time.monotonic()
        deadline = self.waiting_since + LINGER_SECONDS
        while True:
            self.receive(deadline)


class Body(io.RawIOBase):
    """The body of one request, as `wsgi.input` reads it: only as far as it is asked for.

    Raises what the application answers with: BadRequest, RequestTimeout, ClientDisconnected.
    """

    def __init__(self, connection: Connection, messages: h11.Connection, limits: Limits) -> None:
        self._connection = connection
        self._messages = messages
        self._limits = limits
        self._began: float | None = None
        self._data = memoryview(b"")
        self.is_at_end = False

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        if not self._data and not self.is_at_end:
            self._advance()
        taken = self._data[: len(into)]
        into[: len(taken)] = taken
        self._data = self._data[len(taken) :]
        return len(taken)

    def drain(self) -> bool:
        """Read a short rest away; whether that was all."""
        left = DRAINED
        while not self.is_at_end and left > 0:
            self._advance()
            left -= len(self._data)
            self._data = memoryview(b"")
        return self.is_at_end

    def _advance(self) -> None:
        """To the next bytes of the body, or its end."""
        if self._began is None:
            self._began = time.monotonic()
        deadline = self._began + self._limits.body_seconds
        try:
            while True:
                event = self._messages.next_event()
                if event is h11.NEED_DATA:
                    self._invite()
                    self._connection.waiting_since = self._began
                    self._messages.receive_data(self._connection.receive(deadline))
                    self._connection.waiting_since = None
                elif isinstance(event, h11.Data):
                    self._data = memoryview(bytes(event.data))
                    return
                else:
                    self.is_at_end = True
                    return
        except h11.RemoteProtocolError as error:
            raise BadRequest("The body is not framed as announced.") from error
        except TimeoutError as error:
            raise RequestTimeout("The body took too long.") from error
        except (Gone, OSError) as error:
            raise ClientDisconnected from error

    def _invite(self) -> None:
        if self._messages.they_are_waiting_for_100_continue:
            self._connection.send(
                self._messages.send(h11.InformationalResponse(status_code=100, headers=[])) or b""
            )


class Exchange:
    """One request and its answer."""

    def __init__(self, connection: Connection, head: bytes, limits: Limits) -> None:
        """Raises Refused."""
        self._connection = connection
        self._limits = limits
        self._messages = h11.Connection(h11.SERVER, max_incomplete_event_size=LONGEST_LINE)
        self._request = heads.read(head, self._messages, limits)
        self._path, self._query, self._host = heads.target_of(self._request, limits)
        rest = connection.take_read()
        if rest:
            self._messages.receive_data(rest)
        self._body = Body(connection, self._messages, limits)
        self._begun: tuple[str, list[tuple[str, str]]] | None = None
        self._is_sent = False

    @property
    def left(self) -> bytes:
        """What was read beyond this request."""
        return bytes(self._messages.trailing_data[0])

    def run(self, application: Application, peer: str, trusted: Sequence[proxies.Network]) -> bool:
        """Answer; whether another request may follow."""
        try:
            self._answer(application(self._environ(peer, trusted), self._start))
        except (Gone, OSError, Refused):
            raise
        except Exception as error:
            log.exception("answer failed", sent=self._is_sent)
            if self._is_sent:
                raise Gone from error
            raise Refused(500, "Something went wrong on our side.") from error
        return self._can_go_on()

    def _answer(self, content: Iterable[bytes]) -> None:
        try:
            for piece in content:
                if piece:
                    self._write(piece)
            self._end()
        finally:
            close = getattr(content, "close", None)
            if close:
                close()

    def _can_go_on(self) -> bool:
        if self._messages.our_state is not h11.DONE:
            return False
        try:
            return self._body.drain() and self._messages.their_state is h11.DONE
        except HTTPException:
            return False

    def _environ(self, peer: str, trusted: Sequence[proxies.Network]) -> dict[str, Any]:
        headers = _joined(self._request.headers)
        origin = proxies.origin(
            peer,
            headers.pop("HTTP_X_FORWARDED_FOR", ""),
            headers.pop("HTTP_X_FORWARDED_PROTO", ""),
            headers.pop("HTTP_X_FORWARDED_HOST", ""),
            trusted,
        )
        if origin.host:
            heads.check_host(origin.host)
        host = origin.host or self._host
        name, _, port = host.rpartition(":") if host[-1:] != "]" and ":" in host else (host, "", "")
        environ = {
            **headers,
            "REQUEST_METHOD": self._request.method.decode("ascii"),
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(self._path).decode("latin-1"),
            "RAW_URI": self._request.target.decode("ascii"),
            "QUERY_STRING": self._query,
            "SERVER_PROTOCOL": f"HTTP/{self._request.http_version.decode()}",
            "SERVER_NAME": name or "localhost",
            "SERVER_PORT": port or ("443" if origin.scheme == "https" else "80"),
            "REMOTE_ADDR": origin.address,
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": origin.scheme,
            "wsgi.input": io.BufferedReader(self._body, PIECE),
            "wsgi.input_terminated": True,
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        if host:
            environ["HTTP_HOST"] = host
        return environ

    def _start(
        self, status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], None]:
        if exc_info and self._is_sent:
            raise exc_info[1].with_traceback(exc_info[2])
        self._begun = status, headers
        return self._write

    def _write(self, piece: bytes) -> None:
        head = self._head()
        if not self._has_no_content:
            head += self._messages.send(h11.Data(data=piece)) or b""
        self._connection.send(head)

    def _end(self) -> None:
        self._connection.send(self._head() + (self._messages.send(h11.EndOfMessage()) or b""))

    @property
    def _has_no_content(self) -> bool:
        assert self._begun is not None
        return self._request.method == b"HEAD" or self._begun[0][:3] in ("204", "304")

    def _head(self) -> bytes:
        """The head of the answer, the first time; nothing afterwards."""
        if self._is_sent:
            return b""
        assert self._begun is not None  # an application that answers has said how
        self._is_sent = True
        status, headers = self._begun
        sent = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        sent.append((b"Date", formatdate(usegmt=True).encode()))
        if self._connection.stopping or (not self._body.is_at_end and self._is_waiting):
            sent.append((b"Connection", b"close"))
        code, _, reason = status.partition(" ")
        response = h11.Response(
            status_code=int(code),
            headers=sent,
            reason=(reason or HTTPStatus(int(code)).phrase).encode("latin-1"),
        )
        return self._messages.send(response) or b""

    @property
    def _is_waiting(self) -> bool:
        """Whether the client holds its body back until it is asked for: it never was."""
        return self._messages.they_are_waiting_for_100_continue


def _joined(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers as WSGI wants them; a name with an underscore would pass for another."""
    joined: dict[str, str] = {}
    for raw, value in headers:
        if b"_" in raw or raw in (b"host", b"transfer-encoding"):
            continue
        name = raw.decode("ascii").upper().replace("-", "_")
        if name not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            name = f"HTTP_{name}"
        text = value.decode("latin-1")
        if name in joined:
            text = f"{joined[name]}{'; ' if name == 'HTTP_COOKIE' else ','}{text}"
        joined[name] = text
    return joined
