"""A request and its answer: what WSGI makes of them."""

import io
import sys
from collections.abc import Callable, Iterable, Sequence
from email.utils import formatdate
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_to_bytes

import h11
import structlog
from werkzeug.exceptions import HTTPException

from shared.http import heads, proxies
from shared.http.body import Body
from shared.http.client_socket import PIECE, ClientSocket, Gone
from shared.http.limits import Limits
from shared.http.refusals import Refused

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

#: Bytes of a chunk's line, or of trailers, that may be waiting for their end.
LONGEST_LINE = 8 * 1024

log = structlog.get_logger("http")


class Exchange:
    """One request and its answer."""

    def __init__(self, connection: ClientSocket, head: bytes, rest: bytes, limits: Limits) -> None:
        """rest: what was read beyond the head. Raises Refused."""
        self._connection = connection
        self._limits = limits
        self._messages = h11.Connection(h11.SERVER, max_incomplete_event_size=LONGEST_LINE)
        self._request = heads.read(head, self._messages, limits)
        self._path, self._query, self._host = heads.target_of(self._request, limits)
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
