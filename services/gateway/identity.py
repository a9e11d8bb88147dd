"""Who is asking, by the bearer token of a program; people on the pages are known by `visits`."""

import hmac
from typing import Protocol
from uuid import UUID

from flask import Request

from services.gateway.domain.token import Token
from services.gateway.secret import PREFIX, digest
from shared.errors import Unauthenticated
from shared.work import Actor


class Tokens(Protocol):
    """The issued tokens. Both raise Unavailable where the gateway's database is down."""

    def by_digest(self, digest: str) -> Token | None: ...

    def by_id(self, id: UUID) -> Token | None: ...


def actor_of(token: Token) -> Actor:
    """The token as the actor that services decide about; carries no name."""
    return Actor(id=str(token.id), roles=frozenset(token.roles), scope=token.partner_id)


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
