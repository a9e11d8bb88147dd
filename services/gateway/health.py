"""Whether the platform lives, and whether it can do its work."""

import threading
import time
from collections.abc import Mapping

from flask import Flask, Response, g, jsonify, request

from services.gateway.calls import Health
from services.gateway.problems import problem

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

    Anybody may ask, so neither says more than yes or no: see `services.operators`.
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
