"""What may be done to tokens: administrators only."""

from typing import Any

from sqlalchemy import update

from services.gateway import schemas
from services.gateway.domain.token import Token
from services.gateway.operations import operations
from services.gateway.secret import digest, new_secret
from services.gateway.store import sessions
from shared.errors import Invalid
from shared.events.permissions import Permission
from shared.work import Work


@operations.command(
    "POST /tokens",
    needs=Permission.ACCESS_MANAGE,
    takes=schemas.NewToken,
    gives=schemas.IssuedToken,
    creates="/tokens/{id}",
)
def issue_token(work: Work, body: dict[str, Any]) -> Token:
    """Issue an API token; its secret is in the answer, this once.

    Takes no Idempotency-Key: the answers to those are kept, and the secret must not be.
    """
    if work.call.command_id is not None:
        raise Invalid(
            "A token's secret is shown once and kept nowhere, so this request cannot be answered "
            "twice. Send it without Idempotency-Key; if its answer is lost, revoke the token and "
            "issue another.",
            rule="secret-shown-once",
            field="Idempotency-Key",
            accepted="no Idempotency-Key",
        )
    secret = new_secret()
    token = work.add(
        Token.issue(
            **body, digest=digest(secret), by=work.actor.id, address=_address(work), at=work.now
        )
    )
    token.secret = secret  # type: ignore[attr-defined]  # for the answer; not mapped, not stored
    return token


@operations.command(
    "POST /tokens/{id}/revoke",
    needs=Permission.ACCESS_MANAGE,
    on=Token,
    needs_version=False,
    gives=schemas.TokenView,
)
def revoke_token(work: Work, token: Token, _: dict[str, Any]) -> Token:
    """Revoke a token: from now on nobody is let in with it, and its sessions end.

    Needs no If-Match: a leaked token must go, whatever else changed.
    """
    token.revoke(address=_address(work), at=work.now)
    open_ones = sessions.c.token_id == token.id, sessions.c.ended_at.is_(None)
    work.session.execute(update(sessions).where(*open_ones).values(ended_at=work.now))
    return token


def _address(work: Work) -> str:
    """Where the command comes from, as audited."""
    return work.call.address or "command line"
