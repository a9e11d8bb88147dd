"""Events of the gateway: who was let in, and who no longer is."""

from uuid import UUID

from shared.events.base import Event, event
from shared.events.vocabulary import Role


@event("gateway.token_issued")
class TokenIssued(Event):
    token_id: UUID
    role: Role
    partner_id: UUID | None


@event("gateway.token_revoked")
class TokenRevoked(Event):
    token_id: UUID
