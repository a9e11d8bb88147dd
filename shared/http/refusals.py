"""What the server itself refuses, before any application is asked."""

import json
from http import HTTPStatus


class Refused(Exception):
    """The request is not one that is served; the connection ends with the answer."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


def problem(refused: Refused) -> bytes:
    """A whole answer with problem details (RFC 9457)."""
    status = HTTPStatus(refused.status)
    content = json.dumps(
        {
            "type": "about:blank",
            "title": status.phrase,
            "status": status.value,
            "detail": refused.detail,
        }
    ).encode()
    head = [
        f"HTTP/1.1 {status.value} {status.phrase}",
        "Content-Type: application/problem+json",
        f"Content-Length: {len(content)}",
        "Cache-Control: no-store",
        "Connection: close",
    ]
    if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        head.append("Retry-After: 5")
    return "\r\n".join([*head, "", ""]).encode() + content
