"""Whether the platform lives, and whether it can do its work."""

from flask import Flask, Response, g, jsonify, request

from services.gateway.calls import Health
from services.gateway.problems import problem


def add_health(app: Flask, health: Health) -> None:
    """Serve /livez (the process answers) and /readyz (everything that it needs answers)."""

    @app.get("/livez")
    def livez() -> Response:
        return jsonify(status="alive")

    @app.get("/readyz")
    def readyz() -> Response:
        parts = health()
        down = sorted(name for name, why in parts.items() if why)
        told = {name: f"down: {why}" if why else "up" for name, why in sorted(parts.items())}
        if not down:
            return jsonify(status="ready", parts=told)
        return problem(
            "unavailable",
            f"Down: {', '.join(down)}.",
            instance=request.path,
            correlation_id=g.correlation_id,
            parts=told,
        )
