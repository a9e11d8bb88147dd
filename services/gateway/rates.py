"""How often one address, and one token, may ask."""

import math
import time
from dataclasses import dataclass

import limits
from flask import Flask, Request, Response, g, request
from limits import RateLimitItem
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from services.gateway.problems import TooManyRequests, of_refusal
from services.gateway.secret import digest
from services.gateway.visits import session_secret
from shared.http.proxies import counted_as

#: Asked by machines that keep the platform running: never refused.
_UNCOUNTED = {"/livez", "/readyz"}


@dataclass(frozen=True)
class Rates:
    """Requests in a time; None: as many as anybody likes.

    of_refused: of one address, with a token or cookie that lets nobody in.
    """

    of_address: RateLimitItem | None = None
    of_token: RateLimitItem | None = None
    of_refused: RateLimitItem | None = None

    @classmethod
    def of(cls, address: str, token: str, refused: str) -> "Rates":
        """From texts such as ``600/minute``; an empty one stands for None."""
        return cls(*(limits.parse(each) if each else None for each in (address, token, refused)))


def limit_rates(app: Flask, rates: Rates) -> None:
    """Refuse with 429 what comes too often. Counted in this process alone."""
    limiter = FixedWindowRateLimiter(MemoryStorage())

    def count(rate: RateLimitItem | None, *whose: str) -> None:
        """Raises TooManyRequests."""
        if rate is None or limiter.hit(rate, *whose):
            return
        seconds = limiter.get_window_stats(rate, *whose).reset_time - time.time()
        allowed = f"{rate.amount} requests in {rate.get_expiry()} s"
        raise TooManyRequests(allowed, max(1, math.ceil(seconds)))

    @app.before_request
    def count_request() -> None:
        if request.path in _UNCOUNTED:
            return
        count(rates.of_address, "address", _address(request))
        credential = _credential(request)
        if credential:
            count(rates.of_token, "token", digest(credential))

    @app.after_request
    def count_refused(response: Response) -> Response:
        """Whoever is let in is never held up by others who try from the same address."""
        if response.status_code != 401 or not _credential(request):
            return response
        try:
            count(rates.of_refused, "refused", _address(request))
        except TooManyRequests as refusal:
            return of_refusal(refusal, instance=request.path, correlation_id=g.correlation_id)
        return response


def _address(request: Request) -> str:
    return counted_as(request.remote_addr or "")


def _credential(request: Request) -> str:
    """What the caller wants to be let in with, if anything."""
    typed = request.form.get("token", "") if request.path == "/enter" else ""
    return request.headers.get("Authorization") or typed or session_secret(request)
