"""What this service has learned of the contracts, from their events."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from shared.errors import Conflict


class ContractStanding(StrEnum):
    AGREEING = "agreeing"
    ACTIVE = "active"
    COMPLETED = "completed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


@dataclass(eq=False, kw_only=True)
class KnownContract:
    """A contract as far as programmes need it: whose it is, whether it is active, and when."""

    id: UUID
    reference: str
    partner_id: UUID
    title: str
    starts_on: date
    ends_on: date | None  # None: evergreen
    standing: ContractStanding = ContractStanding.AGREEING

    def must_be_active(self) -> None:
        """Raises Conflict unless programmes may be published and run under the contract."""
        if self.standing is not ContractStanding.ACTIVE:
            raise Conflict(
                f"Contract {self.reference} is not active; a programme needs an active contract.",
                rule="contract-active",
                field="contract_id",
                accepted="an active contract",
            )

    def covers(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)
