"""The gateway's own tables, mapped onto its domain, and how tokens and sessions are looked up."""

from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Column, Integer, Select, String, Table, Uuid, bindparam, select
from sqlalchemy.orm import registry

from services.gateway.domain.session import Session, SignInCode
from services.gateway.domain.token import Token
from shared.columns import Moment, Values, new_metadata
from shared.database import Database, is_down
from shared.errors import Unavailable
from shared.events.vocabulary import Role

T = TypeVar("T")

metadata = new_metadata()

tokens = Table(
    "tokens",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("name", String(200), nullable=False),
    Column("roles", Values(Role), nullable=False),
    Column("partner_id", Uuid),
    Column("digest", String(64), nullable=False, unique=True),
    Column("issued_by", String(80), nullable=False),
    Column("issued_at", Moment, nullable=False, index=True),
    Column("revoked_at", Moment),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("digest", String(64), nullable=False, unique=True),
    Column("token_id", Uuid, nullable=False, index=True),
    Column("began_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False, index=True),
    Column("ended_at", Moment),
)

sign_in_codes = Table(
    "sign_in_codes",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("digest", String(64), nullable=False, unique=True),
    Column("token_id", Uuid, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("used_at", Moment),
)

_mapped = registry(metadata=metadata)
_mapped.map_imperatively(Token, tokens, version_id_col=tokens.c.version)
_mapped.map_imperatively(Session, sessions, version_id_col=sessions.c.version)
_mapped.map_imperatively(SignInCode, sign_in_codes, version_id_col=sign_in_codes.c.version)


_BY_DIGEST = select(Token).where(tokens.c.digest == bindparam("wanted"))
_SESSION = select(Session).where(sessions.c.digest == bindparam("wanted"))
_BY_ID = select(Token).where(tokens.c.id == bindparam("wanted"))


class TokenStore:
    """Finds tokens for whoever knocks. Raises Unavailable where the database is down."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def by_digest(self, digest: str) -> Token | None:
        return self._one(_BY_DIGEST, digest)

    def by_id(self, id: UUID) -> Token | None:
        return self._one(_BY_ID, id)

    def session(self, digest: str) -> Session | None:
        return self._one(_SESSION, digest)

    def _one(self, statement: Select[T], wanted: str | UUID) -> T | None:
        try:
            with self._database.reading() as session:
                found: Any = session.scalar(statement, {"wanted": wanted})
                return found
        except Exception as error:
            if is_down(error):
                raise Unavailable(
                    "Nobody can be let in right now: the gateway's database cannot be reached. "
                    "Try again in a moment.",
                    rule="database-down",
                ) from error
            raise
