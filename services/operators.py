"""What operators alone see, on a port of its own."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from shared.values import to_json


def operations_app(
    registry: CollectorRegistry, health: Callable[[], Mapping[str, str]] | None
) -> Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]:
    """A WSGI application for operators alone, on a port of its own: /metrics, /livez, and where
    `health` is known /readyz with each part: by its name why it is down, or an empty text.
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
