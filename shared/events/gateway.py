"""Events of the gateway: who was let in or refused, and who no longer is let in.

address: where a request came from, or "command line"; it is told to those alone who may
read of access.
"""

from uuid import UUID

from shared.events.base import Event, event
from shared.events.vocabulary import Role


@event("gateway.token_issued")
class TokenIssued(Event):
    token_id: UUID
    roles: tuple[Role, ...]
    partner_id: UUID | None
    address: str = "unknown"


@event("gateway.token_revoked")
class TokenRevoked(Event):
    token_id: UUID
    address: str = "unknown"


@event("gateway.signed_in")
class SignedIn(Event):
    session_id: UUID
    token_id: UUID
    address: str


@event("gateway.signed_out")
class SignedOut(Event):
    session_id: UUID
    token_id: UUID
    address: str


@event("gateway.access_refused")
class AccessRefused(Event):
    """One refusal at once; those of the same kind and address in the next minute as one more.

    token_id: whose request it was, where a token was known; rule: the stable name of the reason;
    operation: what was asked for; times: how many refusals it stands for.
    """

    token_id: UUID | None
    address: str
    rule: str
    operation: str
    times: int
