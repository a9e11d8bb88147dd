"""Clients at the door, each on one connection: a request, its answer, the next request.

    python -m tests.benchmarks.load HOST PORT CLIENTS SECONDS FILE

FILE is a JSON list of whole requests, which are sent in turn, over and over. Prints a JSON object
with requests a second and milliseconds an answer took. An answer that is no success ends it all.
"""

import json
import selectors
import socket
import sys
import time
from pathlib import Path

#: A share of the time for which answers are not counted at first.
WARMING = 0.2


class Client:
    def __init__(self, host: str, port: int) -> None:
        self.socket = socket.create_connection((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = b""
        self.sent_at = 0.0

    def send(self, request: bytes) -> None:
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def has_answer(self) -> bool:
        """Read what is there; whether the answer is whole now."""
        chunk = self.socket.recv(262_144)
        if not chunk:
            raise ConnectionError("the server closed the connection")
        self._received += chunk
        head, end, body = self._received.partition(b"\r\n\r\n")
        if not end:
            return False
        if head[9:10] != b"2":
            raise ValueError(self._received.decode(errors="replace")[:2000])
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        if len(body) < length:
            return False
        self._received = b""
        return True


def load(host: str, port: int, clients: int, seconds: float, requests: list[bytes]) -> list[float]:
    """Seconds that each answer took, of those that came after the warming."""
    watched = selectors.DefaultSelector()
    number = 0
    for _ in range(clients):
        client = Client(host, port)
        watched.register(client.socket, selectors.EVENT_READ, client)
        client.send(requests[number % len(requests)])
        number += 1
    began = time.perf_counter()
    counted_from, end = began + seconds * WARMING, began + seconds * (1 + WARMING)
    took = []
    while time.perf_counter() < end:
        for key, _ in watched.select(timeout=1):
            client = key.data
            if client.has_answer():
                now = time.perf_counter()
                if counted_from < now < end:
                    took.append(now - client.sent_at)
                client.send(requests[number % len(requests)])
                number += 1
    return took


def main(host: str, port: str, clients: str, seconds: str, file: str) -> None:
    requests = [each.encode() for each in json.loads(Path(file).read_text("utf-8"))]
    took = sorted(load(host, int(port), int(clients), float(seconds), requests))
    found = {
        "per_s": len(took) / float(seconds),
        "p50_ms": took[len(took) // 2] * 1000,
        "p99_ms": took[int(len(took) * 0.99)] * 1000,
    }
    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
