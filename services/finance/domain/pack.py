"""The invoice-ready pack: everything an invoice needs, with the proof of each line."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from shared.aggregate import Aggregate
from shared.events.finance import InvoicePackPrepared, PackLine
from shared.events.vocabulary import LineKind
from shared.identifiers import new_id
from shared.money import Money, total


@dataclass(eq=False, kw_only=True)
class InvoicePack(Aggregate):
    """Made once and never changed, except that it stops standing when its invoice is voided."""

    kind: ClassVar[str] = "pack"

    id: UUID
    invoice_id: UUID  # the one invoice that is made from it
    contract_id: UUID
    contract_reference: str
    partner_id: UUID
    terms_version: int
    milestone_id: UUID | None
    purchase_order: str | None
    period_from: date
    period_to: date
    lines: tuple[PackLine, ...]
    total: Money
    ready_on: date
    credits_invoice_id: UUID | None  # the invoice that it takes back, whole or in part
    stands: bool = True
    version: int = 0

    @classmethod
    def prepare(
        cls,
        *,
        pack_id: UUID,
        contract_id: UUID,
        contract_reference: str,
        partner_id: UUID,
        terms_version: int,
        milestone_id: UUID | None,
        purchase_order: str | None,
        period_from: date,
        period_to: date,
        lines: tuple[PackLine, ...],
        ready_on: date,
        credits_invoice_id: UUID | None = None,
    ) -> "InvoicePack":
        """A pack of at least one line; its total is the sum of its lines."""
        sum_of_lines = total([line.amount for line in lines], lines[0].amount.currency)
        pack = cls(
            id=pack_id,
            invoice_id=new_id(),
            contract_id=contract_id,
            contract_reference=contract_reference,
            partner_id=partner_id,
            terms_version=terms_version,
            milestone_id=milestone_id,
            purchase_order=purchase_order,
            period_from=period_from,
            period_to=period_to,
            lines=lines,
            total=sum_of_lines,
            ready_on=ready_on,
            credits_invoice_id=credits_invoice_id,
        )
        pack.record(
            InvoicePackPrepared(
                pack_id=pack_id,
                contract_id=contract_id,
                partner_id=partner_id,
                terms_version=terms_version,
                milestone_id=milestone_id,
                purchase_order=purchase_order,
                period_from=period_from,
                period_to=period_to,
                lines=lines,
                total=sum_of_lines,
                credits_invoice_id=credits_invoice_id,
            )
        )
        return pack

    @property
    def fee(self) -> Money:
        """What it asks for its milestone; negative where it credits."""
        fees = [line.amount for line in self.lines if line.kind is LineKind.FEE]
        return total(fees, self.total.currency)

    def withdraw(self) -> None:
        """Its invoice was voided (that event tells it); its days and milestone are free again."""
        self.stands = False
