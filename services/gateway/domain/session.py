"""Sessions: somebody signed in to the pages, until they sign out or time ends it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from shared.aggregate import Aggregate
from shared.errors import Unauthenticated
from shared.events.gateway import SignedIn, SignedOut
from shared.identifiers import new_id


@dataclass(eq=False, kw_only=True)
class Session(Aggregate):
    """Lets one browser in as the bearer of a token. digest: of the secret in its cookie."""

    kind: ClassVar[str] = "session"

    id: UUID
    digest: str
    token_id: UUID
    began_at: datetime
    seen_at: datetime
    ends_at: datetime
    ended_at: datetime | None = None
    version: int = 0

    @classmethod
    def begin(
        cls, *, digest: str, token_id: UUID, address: str, hours: int, at: datetime
    ) -> "Session":
        """A session that ends after `hours` at the latest; address: the address it comes from."""
        session = cls(
            id=new_id(),
            digest=digest,
            token_id=token_id,
            began_at=at,
            seen_at=at,
            ends_at=at + timedelta(hours=hours),
        )
        session.record(SignedIn(session_id=session.id, token_id=token_id, address=address))
        return session

    def is_open(self, at: datetime, *, idle_minutes: int) -> bool:
        """Whether it lets anybody in: not ended, not too old, not left alone for too long."""
        idle_until = self.seen_at + timedelta(minutes=idle_minutes)
        return self.ended_at is None and at < self.ends_at and at < idle_until

    def end(self, *, address: str, at: datetime) -> None:
        """Sign out. Of a session that has ended before nothing more is recorded."""
        if self.ended_at is None:
            self.ended_at = at
            self.record(SignedOut(session_id=self.id, token_id=self.token_id, address=address))


@dataclass(eq=False, kw_only=True)
class SignInCode(Aggregate):
    """Lets its holder in once, soon after it was made, as the bearer of a token."""

    kind: ClassVar[str] = "sign_in_code"

    id: UUID
    digest: str
    token_id: UUID
    ends_at: datetime
    used_at: datetime | None = None
    version: int = 0

    def use(self, *, at: datetime) -> None:
        """Raises Unauthenticated where it was used before or is too old."""
        if self.used_at is not None:
            raise Unauthenticated(
                f"This sign-in link has been used already; each works once. {ANOTHER_LINK}",
                rule="link-used",
            )
        if at >= self.ends_at:
            raise Unauthenticated(
                f"This sign-in link is too old; it worked for a few minutes. {ANOTHER_LINK}",
                rule="link-expired",
            )
        self.used_at = at


#: What somebody does whose link does not work (any more).
ANOTHER_LINK = "For a new one, run “entente sign-in” on the computer on which Entente runs."
