"""The gateway's own table, mapped onto its domain, and how tokens are looked up."""

from uuid import UUID

from sqlalchemy import Column, Integer, Select, String, Table, Uuid, bindparam, select
from sqlalchemy.orm import registry

from services.gateway.domain.token import Token
from shared.columns import Moment, Word, new_metadata
from shared.database import Database, is_down
from shared.errors import Unavailable
from shared.events.vocabulary import Role

metadata = new_metadata()

tokens = Table(
    "tokens",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("name", String(200), nullable=False),
    Column("role", Word(Role), nullable=False),
    Column("partner_id", Uuid),
    Column("digest", String(64), nullable=False, unique=True),
    Column("issued_by", String(80), nullable=False),
    Column("issued_at", Moment, nullable=False, index=True),
    Column("revoked_at", Moment),
)

registry(metadata=metadata).map_imperatively(Token, tokens, version_id_col=tokens.c.version)


_BY_DIGEST = select(Token).where(tokens.c.digest == bindparam("wanted"))
_BY_ID = select(Token).where(tokens.c.id == bindparam("wanted"))


class TokenStore:
    """Finds tokens for whoever knocks. Raises Unavailable where the database is down."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def by_digest(self, digest: str) -> Token | None:
        return self._one(_BY_DIGEST, digest)

    def by_id(self, id: UUID) -> Token | None:
        return self._one(_BY_ID, id)

    def _one(self, statement: Select[Token], wanted: str | UUID) -> Token | None:
        try:
            with self._database.reading() as session:
                found: Token | None = session.scalar(statement, {"wanted": wanted})
                return found
        except Exception as error:
            if is_down(error):
                raise Unavailable(
                    "Nobody can be let in right now: the gateway's database cannot be reached. "
                    "Try again in a moment.",
                    rule="database-down",
                ) from error
            raise
