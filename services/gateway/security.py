"""Headers that keep a browser from doing what a page never meant."""

import re
from collections.abc import Sequence

from flask import Flask, Response, request

from services.gateway.api import PREFIX
from services.gateway.problems import BadRequest

#: Everything comes from here; Swagger UI and Bootstrap carry their icons as data: images.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)


#: Bytes of what a page sends.
LARGEST_FORM = 16 * 1024
#: Seconds for which a browser that came by HTTPS comes by nothing else.
HSTS_SECONDS = 365 * 24 * 3600
#: Asked by address, by whatever keeps the process running.
_BY_ANY_NAME = {"/livez", "/readyz"}


def protect(app: Flask, hosts: Sequence[str]) -> None:
    """Put the headers on every answer, and refuse requests for hosts that are not ours.

    hosts: names without ports; none: any.
    """

    @app.before_request
    def bound_form() -> None:
        """Nobody who is not let in yet has a megabyte of fields taken apart."""
        if not request.path.startswith(PREFIX):
            request.max_content_length = min(LARGEST_FORM, app.config["MAX_CONTENT_LENGTH"])

    @app.before_request
    def check_host() -> None:
        name = request.host.lower()
        name = name if name.endswith("]") else re.sub(r":\d+$", "", name)
        if hosts and name not in hosts and request.path not in _BY_ANY_NAME:
            raise BadRequest(
                "Nothing is served under this host name.",
                rule="host",
                field="Host",
                accepted="one of the names that ENTENTE_HOSTS lists",
            )

    @app.after_request
    def add_headers(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["X-Frame-Options"] = "DENY"
        # Not "no-referrer": with it browsers send `Origin: null` with our own forms.
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers.setdefault("Cache-Control", "no-store")
        if response.location:  # as routing writes it, it names whatever host was asked for
            response.location = response.location.removeprefix(request.host_url.rstrip("/"))
        if request.is_secure:
            response.headers["Strict-Transport-Security"] = f"max-age={HSTS_SECONDS}"
        return response
