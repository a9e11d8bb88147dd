"""What may be read of tokens; never their secrets."""

from typing import Any

from sqlalchemy import Select, Text, cast, select

from services.gateway import schemas
from services.gateway.domain.token import Token
from services.gateway.operations import operations
from services.gateway.store import tokens
from shared.events.permissions import Permission
from shared.work import Work


@operations.query(
    "GET /tokens/{id}", needs=Permission.ACCESS_READ, on=Token, gives=schemas.TokenView
)
def get_token(_work: Work, token: Token, _: dict[str, Any]) -> Token:
    """One token, without its secret."""
    return token


@operations.listing(
    "GET /tokens",
    needs=Permission.ACCESS_READ,
    takes=schemas.TokenFilter,
    gives=schemas.TokenView,
    sorts={"issued_at": tokens.c.issued_at, "name": tokens.c.name},
    default_sort="-issued_at",
    key=tokens.c.id,
)
def list_tokens(_work: Work, wanted: dict[str, Any]) -> Select[Any]:
    """Issued tokens, by one of their roles, valid or revoked."""
    statement = select(Token)
    if "role" in wanted:
        # The roles are one JSON value; each stands in it once, within quotation marks.
        has_role = cast(tokens.c.roles, Text).contains(f'"{wanted["role"]}"')
        statement = statement.where(has_role)
    if "revoked" in wanted:
        revoked = tokens.c.revoked_at.is_not(None)
        statement = statement.where(revoked if wanted["revoked"] else ~revoked)
    return statement
