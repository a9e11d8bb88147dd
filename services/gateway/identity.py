"""Who is asking: a program by its bearer token, a person by the cookie of the pages."""

import hmac
from typing import Protocol
from uuid import UUID

from flask import Request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from services.gateway.domain.token import Token
from services.gateway.secret import PREFIX, digest
from shared.errors import Unauthenticated
from shared.work import Actor

COOKIE = "entente"


class Tokens(Protocol):
    """The issued tokens. Both raise Unavailable where the gateway's database is down."""

    def by_digest(self, digest: str) -> Token | None: ...

    def by_id(self, id: UUID) -> Token | None: ...


def actor_of(token: Token) -> Actor:
    """The token as the actor that services decide about; carries no name."""
    return Actor(id=str(token.id), roles=frozenset({token.role.value}), scope=token.partner_id)


def by_secret(tokens: Tokens, secret: str) -> Token | None:
    """The token with this secret, unless it was revoked."""
    if not secret.startswith(PREFIX):
        return None
    wanted = digest(secret)
    token = tokens.by_digest(wanted)
    if token is None or token.is_revoked or not hmac.compare_digest(token.digest, wanted):
        return None
    return token


def by_bearer(tokens: Tokens, request: Request) -> Token:
    """The token in the Authorization header. Raises Unauthenticated."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise Unauthenticated(
            "Send an API token in the Authorization header.",
            rule="token",
            field="Authorization",
            accepted="Bearer ent_…",
        )
    token = by_secret(tokens, secret.strip())
    if token is None:
        raise Unauthenticated(
            "This token is unknown or was revoked. Ask an administrator for a new one.",
            rule="token",
            field="Authorization",
            accepted="Bearer ent_…",
        )
    return token


class Visit:
    """Keeps a person signed in to the pages: a signed cookie that names the token, never tells it.

    Only the read-only pages take it; the API does not, so no other site can act through it.
    """

    def __init__(self, key: str, tokens: Tokens, *, hours: int) -> None:
        """key: signs the cookies; hours: how long a person stays signed in."""
        self._signer = URLSafeTimedSerializer(key, salt="visit")
        self._tokens = tokens
        self._seconds = hours * 3600

    def begin(self, token: Token, request: Request, response: Response) -> Response:
        response.set_cookie(
            COOKIE,
            self._signer.dumps(str(token.id)),
            max_age=self._seconds,
            httponly=True,
            samesite="Strict",
            secure=request.is_secure,
        )
        return response

    def end(self, response: Response) -> Response:
        response.delete_cookie(COOKIE, httponly=True, samesite="Strict")
        return response

    def token(self, request: Request) -> Token | None:
        """Whose visit this is; None for nobody, for an old cookie and for a revoked token."""
        try:
            id = self._signer.loads(request.cookies.get(COOKIE, ""), max_age=self._seconds)
        except BadSignature:
            return None
        token = self._tokens.by_id(UUID(id))
        return None if token is None or token.is_revoked else token
