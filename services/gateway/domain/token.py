"""API tokens: who is let in, as what, until somebody revokes it."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from shared.aggregate import Aggregate
from shared.errors import Conflict, Invalid
from shared.events.gateway import TokenIssued, TokenRevoked
from shared.events.vocabulary import Role
from shared.identifiers import new_id


@dataclass(eq=False, kw_only=True)
class Token(Aggregate):
    """Lets its bearer in with one role; a partner guest sees one partner and no other.

    digest: SHA-256 of the secret, hexadecimal; the secret itself is kept nowhere.
    """

    kind: ClassVar[str] = "token"

    id: UUID
    name: str
    role: Role
    partner_id: UUID | None
    digest: str
    issued_by: str
    issued_at: datetime
    revoked_at: datetime | None = None
    version: int = 0

    @classmethod
    def issue(
        cls,
        *,
        name: str,
        role: Role,
        partner_id: UUID | None,
        digest: str,
        by: str,
        address: str,
        at: datetime,
    ) -> "Token":
        """A new token; address: where it was issued from.

        Raises Invalid where role and partner do not go together.
        """
        if role is Role.PARTNER_GUEST and partner_id is None:
            raise Invalid(
                "A partner guest sees one partner: say which.",
                rule="guest-has-partner",
                field="partner_id",
                accepted="the id of the guest's partner",
            )
        if role is not Role.PARTNER_GUEST and partner_id is not None:
            raise Invalid(
                "Only a partner guest is tied to a partner. Leave the partner out, "
                "or issue the token for the role partner_guest.",
                rule="only-guests-have-a-partner",
                field="partner_id",
                accepted="no partner",
            )
        token = cls(
            id=new_id(),
            name=name,
            role=role,
            partner_id=partner_id,
            digest=digest,
            issued_by=by,
            issued_at=at,
        )
        token.record(
            TokenIssued(token_id=token.id, role=role, partner_id=partner_id, address=address)
        )
        return token

    @property
    def is_revoked(self) -> bool:
        return self.revoked_at is not None

    def revoke(self, *, address: str, at: datetime) -> None:
        """From now on nobody is let in with it. Raises Conflict where it was revoked before."""
        if self.is_revoked:
            raise Conflict("This token has been revoked already.", rule="revoked-once")
        self.revoked_at = at
        self.record(TokenRevoked(token_id=self.id, address=address))
