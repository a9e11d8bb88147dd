"""Credits over an amount: the work stays billed, and so much less is asked for it.

Where the work itself is credited later (its days are reversed, less of its milestone is met), what
had been credited over an amount is taken back in so far as it is more than what stays billed:
nobody gets back more than was asked for.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from services.finance.domain.approved_days import ApprovedDays
from services.finance.domain.expected import ExpectedPayment
from services.finance.domain.invoice import Invoice
from services.finance.domain.pack import InvoicePack
from shared.errors import Conflict
from shared.events.finance import PackLine
from shared.events.vocabulary import LineKind
from shared.money import Money, total


@dataclass(frozen=True)
class ReducedInvoice:
    """An invoice with credits over an amount, its pack and the days of that."""

    invoice: Invoice
    pack: InvoicePack
    days: Sequence[ApprovedDays]

    def to_take_back(
        self, expected: Iterable[ExpectedPayment], credited: Container[UUID] = ()
    ) -> Money:
        """How much of its credits; none or more.

        expected: the milestones as they will be; credited: entries whose credit is on its way.
        """
        nothing = Money.zero(self.invoice.currency)
        left = total(
            [
                line.amount
                for line in still_billed(self.pack, self.days, expected, credited)
                if line.kind is not LineKind.CREDIT and line.quantity >= 0
            ],
            self.invoice.currency,
        )
        return min(max(self.invoice.reduced - left, nothing), self.invoice.reduced)


def still_billed(
    pack: InvoicePack,
    days: Sequence[ApprovedDays],
    expected: Iterable[ExpectedPayment],
    credited: Container[UUID] = (),
) -> list[PackLine]:
    """The pack's lines, but for days that were credited elsewhere and fees that were taken back."""
    elsewhere = {
        each.entry_id
        for each in days
        if each.pack_id != pack.id
        or each.credit_pack_id not in (None, pack.id)
        or each.entry_id in credited
    }
    still = []
    for line in pack.lines:
        if line.kind is LineKind.FEE and line.amount.minor > 0:
            payment = next(e for e in expected if e.milestone_id == pack.milestone_id)
            left = payment.left_on(pack.id)
            if left:
                still.append(replace(line, unit_price=left, amount=left))
        elif line.entry_id is None or line.quantity < 0 or line.entry_id not in elsewhere:
            still.append(line)
    return still


def reduce(invoices: Mapping[UUID, Invoice], lines: Iterable[PackLine], sign: int = 1) -> None:
    """Note what lines credit over an amount, or take back of it, on the invoices they name.

    sign: -1 where the lines no longer count. Raises Conflict where a later document has taken back
    what they credit.
    """
    for line in lines:
        if line.invoice_id is None:
            continue
        invoice = invoices[line.invoice_id]
        if (invoice.reduced - line.amount * sign).minor < 0:
            raise Conflict(
                f"What this credits on {invoice.issued_number} was taken back by a later invoice "
                "or credit note, as its work is no longer billed: void that first.",
                rule="void-the-credit-first",
                field="state",
                accepted="a credit note of which nothing was taken back",
            )
        invoice.reduced -= line.amount * sign
