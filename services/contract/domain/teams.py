"""Who works under which contract, as the consultancy service told it."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(eq=False)
class KnownConsultant:
    id: UUID
    account_id: str | None


@dataclass(eq=False)
class KnownTeam:
    """The team of an engagement, by its id; it stays after the engagement has ended."""

    id: UUID
    contract_id: UUID
    consultant_ids: tuple[UUID, ...]
