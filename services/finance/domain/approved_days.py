"""Days that were approved, as finance knows them, and the packs on which they were billed."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from shared.events.consultancy import LoggedDays
from shared.money import Money


@dataclass(eq=False, kw_only=True)
class ApprovedDays:
    """An approved entry. It has room for one pack that bills it, so it cannot be billed twice.

    A reversal before billing takes the entry out. A reversal after billing asks for a credit: a
    negative line at the same price on a later pack, once. Where the billing invoice is voided or
    credited in full before that, nothing is billed any more and no credit is due.
    """

    entry_id: UUID
    contract_id: UUID
    role: str
    worked_on: date
    days: Decimal
    reversed: bool = False
    pack_id: UUID | None = None  # where it is billed
    billed_at: Money | None = None  # the price of a day there; zero where covered by a fee
    credit_pack_id: UUID | None = None  # where its reversal is credited
    credited: Money | None = None  # what it came to there, more than nothing

    @classmethod
    def of(cls, entry: LoggedDays) -> "ApprovedDays":
        return cls(
            entry_id=entry.entry_id,
            contract_id=entry.contract_id,
            role=entry.role,
            worked_on=entry.worked_on,
            days=entry.days,
        )

    @property
    def awaits_billing(self) -> bool:
        return self.pack_id is None and not self.reversed

    @property
    def awaits_credit(self) -> bool:
        return self.pack_id is not None and self.reversed and self.credit_pack_id is None

    def bill(self, pack_id: UUID, price: Money) -> None:
        assert self.pack_id is None
        self.pack_id, self.billed_at = pack_id, price

    def credit(self, pack_id: UUID, amount: Money) -> None:
        assert self.awaits_credit
        self.credit_pack_id, self.credited = pack_id, amount

    def release(self, pack_id: UUID) -> None:
        """The pack no longer counts: what it billed or credited is open again."""
        if self.credit_pack_id == pack_id:
            self.credit_pack_id = self.credited = None
        if self.pack_id == pack_id:
            self.pack_id = self.billed_at = None
