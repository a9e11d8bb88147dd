"""A server on a real socket, with a small application behind it, and clients that misbehave."""

import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from ipaddress import ip_network
from typing import Any

import pytest

from shared.http.limits import Limits
from shared.http.listening import listen
from shared.http.server import Server

#: Seconds are short enough to wait for, and long enough for a busy machine.
LIMITS = Limits(
    connections=8,
    connections_of_address=8,
    head_seconds=1.0,
    body_seconds=1.0,
    idle_seconds=1.0,
    write_seconds=1.0,
    stop_seconds=1.0,
)

GET = b"GET / HTTP/1.1\r\nHost: office.example\r\n\r\n"


#: Ends the work on every request for /works.
WORK_ENDS = threading.Event()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Tells what reached it; /stream answers in pieces, /unread without reading the body."""
    if environ["PATH_INFO"] == "/fails":
        raise ValueError("as it was asked for")
    if environ["PATH_INFO"] == "/works":
        WORK_ENDS.wait(20)
    if environ["PATH_INFO"] == "/stream":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return iter([b"one\n", b"two\n"])
    if environ["PATH_INFO"] == "/large":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return iter([b"x" * 1_000_000] * 50)
    body = b"" if environ["PATH_INFO"] == "/unread" else environ["wsgi.input"].read()
    told = {key: value for key, value in environ.items() if isinstance(value, str)}
    content = json.dumps(told | {"body": body.decode("latin-1")}).encode()
    start_response("200 OK", [("Content-Length", str(len(content)))])
    return [content]


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.body)
        return told


class Client:
    """A connection, on which anything can be sent."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.settimeout(20)
        self._read = b""

    def send(self, raw: bytes) -> "Client":
        self.socket.sendall(raw)
        return self

    def more(self) -> bytes:
        try:
            piece = self.socket.recv(65536)
        except ConnectionError:
            piece = b""
        self._read += piece
        return piece

    def answer(self, *, without_body: bool = False) -> Answer:
        """The next whole answer; fails where the connection ends before."""
        while b"\r\n\r\n" not in self._read:
            assert self.more(), f"ended after {self._read!r}"
        head, _, self._read = self._read.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {
            name.lower(): value for name, _, value in (each.partition(": ") for each in lines)
        }
        status = int(first.split(" ")[1])
        if status < 200 or without_body:
            return Answer(status, headers, b"")
        if headers.get("transfer-encoding") == "chunked":
            while b"0\r\n\r\n" not in self._read:
                assert self.more()
            body, _, self._read = self._read.partition(b"0\r\n\r\n")
            return Answer(
                status, headers, re.sub(rb"[0-9a-f]+\r\n(.*?)\r\n", rb"\1", body, flags=re.S)
            )
        length = int(headers.get("content-length", "0"))
        while len(self._read) < length:
            assert self.more()
        body, self._read = self._read[:length], self._read[length:]
        return Answer(status, headers, body)

    def is_ended(self) -> bool:
        """Whether the server ends the connection, without another answer."""
        return not self._read and not self.more()

    def close(self) -> None:
        self.socket.close()


class House:
    """Servers and their clients, which end with the test."""

    def __init__(self) -> None:
        self._servers: list[Server] = []
        self._clients: list[Client] = []

    def open(self, *, trusted: str = "", **limits: Any) -> Callable[[], Client]:
        """Start a server with other limits; what connects to it."""
        listener = listen("127.0.0.1", 0, "ENTENTE_PORT")
        port = listener.getsockname()[1]
        networks = [ip_network(trusted)] if trusted else []
        server = Server(listener, application, replace(LIMITS, **limits), networks)
        server.start()
        self._servers.append(server)

        def connect() -> Client:
            self._clients.append(Client(port))
            return self._clients[-1]

        return connect

    def end_work(self) -> None:
        """Let the application answer the requests for /works."""
        WORK_ENDS.set()

    def stop(self) -> float:
        """Stop every server; the seconds that it took."""
        began = time.monotonic()
        for server in self._servers:
            server.stop()
        self._servers.clear()
        return time.monotonic() - began

    def end(self) -> None:
        self.end_work()
        for client in self._clients:
            client.close()
        self.stop()


@pytest.fixture
def house() -> Iterator[House]:
    WORK_ENDS.clear()
    made = House()
    yield made
    made.end()


@pytest.fixture
def connect(house: House) -> Callable[[], Client]:
    """Opens a connection to a server."""
    return house.open()
