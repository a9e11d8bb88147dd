"""The newest signed head of every event log, for anybody to keep.

A head proves what a log said only where it was kept before somebody changed the log, and by
somebody else: so no token is needed. It holds hashes and numbers, and nothing about anybody.
"""

import threading
import time
from typing import Any, Protocol

from flask import Flask, Response, request
from marshmallow import fields

from services.gateway import reading
from shared.errors import Unavailable
from shared.schemas import View
from shared.values import to_json

PATH = "/log-heads"
SUMMARY = "The newest signed head of each event log"

#: Seconds for which what the services said is repeated: heads are signed every few minutes. And
#: the same where one of them did not answer.
FRESH, INCOMPLETE = 60.0, 5.0


class HeadView(View):
    service = fields.String(metadata={"description": "The service whose log it is"})
    link = fields.Integer(metadata={"description": "How many events the log had"})
    hash = fields.String(metadata={"description": "SHA-256 over all of them, in hexadecimal"})
    signed_at = fields.String(metadata={"description": "The moment, as it was signed"})
    key = fields.String(metadata={"description": "The id of the public key"})
    signature = fields.String(metadata={"description": "Ed25519, in base64"})
    public_key = fields.String(
        metadata={"description": "32 bytes in URL-safe base64: compare it with one kept elsewhere"}
    )


class LogHeadsView(View):
    items = fields.List(
        fields.Nested(HeadView),
        metadata={"description": "By service; an empty log has no head"},
    )
    unreachable = fields.List(
        fields.String(), metadata={"description": "Services that did not answer: ask again later"}
    )


class LogHeads(Protocol):
    """Asks every service for the newest head of its log, all at the same time."""

    def __call__(self) -> tuple[list[dict[str, Any]], list[str]]:
        """The heads as `HeadView` shows them, and the services that did not answer."""
        ...


class PublishedHeads:
    """What the services said, asked once a minute at most however often it is read."""

    def __init__(self, heads: LogHeads) -> None:
        self._heads = heads
        self._asking = threading.Lock()
        self._content = ""
        self._fresh_until = 0.0

    def __call__(self) -> str:
        """As JSON. Raises Unavailable where no service answered."""
        with self._asking:
            if time.monotonic() >= self._fresh_until:
                items, unreachable = self._heads()
                shown = LogHeadsView().dump({"items": items, "unreachable": unreachable})
                self._content = "" if unreachable and not items else to_json(shown)
                self._fresh_until = time.monotonic() + (INCOMPLETE if unreachable else FRESH)
            if not self._content:
                raise Unavailable("No service answers. Try again in a moment.", rule="no-service")
            return self._content


def add_log_heads(app: Flask, prefix: str, heads: LogHeads) -> None:
    published = PublishedHeads(heads)

    @app.get(f"{prefix}{PATH}")
    def log_heads() -> Response:
        reading.check_acceptable(request)
        return Response(published(), mimetype="application/json")
