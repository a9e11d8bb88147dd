"""API tokens: who is let in, as what, until somebody revokes it."""

from collections.abc import Collection
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
    """Lets its bearer in with one or more roles; a partner guest sees one partner and no other.

    digest: SHA-256 of the secret, hexadecimal; the secret itself is kept nowhere.
    """

    kind: ClassVar[str] = "token"

    id: UUID
    name: str
    roles: tuple[Role, ...]
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
        roles: Collection[Role],
        partner_id: UUID | None,
        digest: str,
        by: str,
        address: str,
        at: datetime,
    ) -> "Token":
        """A new token; address: where it was issued from. What any of its roles permits, it does.

        Raises Invalid where roles and partner do not go together.
        """
        if Role.PARTNER_GUEST in roles and set(roles) != {Role.PARTNER_GUEST}:
            raise Invalid(
                "A partner guest is from outside the office and has no other role. Issue two "
                "tokens for somebody who is both.",
                rule="guests-have-no-other-role",
                field="roles",
                accepted="partner_guest alone, or roles of the office",
            )
        if Role.PARTNER_GUEST in roles and partner_id is None:
            raise Invalid(
                "A partner guest sees one partner: say which.",
                rule="guest-has-partner",
                field="partner_id",
                accepted="the id of the guest's partner",
            )
        if Role.PARTNER_GUEST not in roles and partner_id is not None:
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
            roles=tuple(each for each in Role if each in roles),
            partner_id=partner_id,
            digest=digest,
            issued_by=by,
            issued_at=at,
        )
        token.record(
            TokenIssued(
                token_id=token.id, roles=token.roles, partner_id=partner_id, address=address
            )
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
