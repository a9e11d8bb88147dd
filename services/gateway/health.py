"""Whether the platform lives, and whether it can do its work."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask import Flask, Response, g, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from services.gateway.calls import Health
from services.gateway.problems import problem
from shared.values import to_json

#: Seconds for which what a look found is told again.
FRESH = 1.0


class Readiness:
    """What `health` finds, looked at once a second at most however often it is asked for."""

    def __init__(self, health: Health) -> None:
        self._health = health
        self._looking = threading.Lock()
        self._found: Mapping[str, str] = {}
        self._fresh_until = 0.0

    def __call__(self) -> Mapping[str, str]:
        """As `Health`; those who ask during a look wait for that one."""
        with self._looking:
            if time.monotonic() >= self._fresh_until:
                self._found = self._health()
                self._fresh_until = time.monotonic() + FRESH
            return self._found


def add_health(app: Flask, health: Health) -> None:
    """Serve /livez (the process answers) and /readyz (everything that it needs answers).

    Anybody may ask, so neither says more than yes or no: see `operations_app`.
    """

    @app.get("/livez")
    def livez() -> Response:
        return jsonify(status="alive")

    @app.get("/readyz")
    def readyz() -> Response:
        if not any(health().values()):
            return jsonify(status="ready")
        return problem(
            "unavailable",
            "Entente is not ready. Its operators find what is down at the operations port.",
            instance=request.path,
            correlation_id=g.correlation_id,
        )


def operations_app(
    registry: CollectorRegistry, health: Health | None
) -> Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]:
    """A WSGI application for operators alone, on a port of its own: /metrics, /livez, and where
    `health` is known /readyz with each part.
    """

    def metrics() -> tuple[str, str, bytes]:
        return "200 OK", CONTENT_TYPE_LATEST, generate_latest(registry)

    def livez() -> tuple[str, str, bytes]:
        return "200 OK", "application/json", b'{"status":"alive"}'

    def readyz() -> tuple[str, str, bytes]:
        parts = health() if health else {}
        told = {name: f"down: {why}" if why else "up" for name, why in sorted(parts.items())}
        status = "503 Service Unavailable" if any(parts.values()) else "200 OK"
        word = "not ready" if any(parts.values()) else "ready"
        content = to_json({"status": word, "parts": told})
        return status, "application/json", content.encode()

    pages = {"/metrics": metrics, "/livez": livez} | ({"/readyz": readyz} if health else {})

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        page = pages.get(environ["PATH_INFO"])
        if page is None:
            status, kind, content = "404 Not Found", "text/plain", b"Not found\n"
        elif environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            status, kind, content = "405 Method Not Allowed", "text/plain", b"Only GET\n"
        else:
            status, kind, content = page()
        start_response(status, [("Content-Type", kind), ("Content-Length", str(len(content)))])
        return [content]

    return application
