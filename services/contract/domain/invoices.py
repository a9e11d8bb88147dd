"""What the contract service knows of invoices, learned from the finance service's events (N5)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from shared.money import Money


class InvoiceState(StrEnum):
    """How an invoice stands, in finance's words; overdue comes before part-paid."""

    DRAFT = "draft"
    OPEN = "open"
    PART_PAID = "part_paid"
    OVERDUE = "overdue"
    PAID = "paid"
    VOID = "void"
    UNCOLLECTIBLE = "uncollectible"


#: What may follow what. A fact that comes twice, or after a later one, turns nothing back.
_MAY_BECOME: dict[InvoiceState, frozenset[InvoiceState]] = {
    InvoiceState.DRAFT: frozenset({InvoiceState.OPEN, InvoiceState.VOID}),
    InvoiceState.OPEN: frozenset(InvoiceState) - {InvoiceState.DRAFT, InvoiceState.OPEN},
    InvoiceState.PART_PAID: frozenset(
        {InvoiceState.OVERDUE, InvoiceState.PAID, InvoiceState.UNCOLLECTIBLE}
    ),
    InvoiceState.OVERDUE: frozenset(
        {InvoiceState.PAID, InvoiceState.VOID, InvoiceState.UNCOLLECTIBLE}
    ),
    InvoiceState.UNCOLLECTIBLE: frozenset({InvoiceState.PAID}),
    InvoiceState.PAID: frozenset(),
    InvoiceState.VOID: frozenset(),
}


@dataclass(eq=False, kw_only=True)
class KnownInvoice:
    """An invoice as finance last told of it; kept apart from the contract and its version.

    milestone_id: the payment milestone that it bills; None: it bills days. outstanding: still to
    be received, nothing before it was opened; what was given up stays in it.
    """

    id: UUID
    contract_id: UUID
    milestone_id: UUID | None
    total: Money
    outstanding: Money
    state: InvoiceState = InvoiceState.DRAFT
    number: str | None = None
    due_on: date | None = None

    def opened(self, number: str, due_on: date) -> None:
        if self._becomes(InvoiceState.OPEN):
            self.number = number
            self.due_on = due_on
            self.outstanding = self.total

    def received_payment(self, outstanding: Money) -> None:
        """A payment leaves so much outstanding. What was received never becomes less."""
        self.outstanding = min(self.outstanding, outstanding)
        if self.outstanding:
            self._becomes(InvoiceState.PART_PAID)

    def fell_overdue(self) -> None:
        self._becomes(InvoiceState.OVERDUE)

    def was_paid(self) -> None:
        if self._becomes(InvoiceState.PAID):
            self.outstanding = Money.zero(self.total.currency)

    def was_voided(self) -> None:
        if self._becomes(InvoiceState.VOID):
            self.outstanding = Money.zero(self.total.currency)

    def was_given_up(self) -> None:
        self._becomes(InvoiceState.UNCOLLECTIBLE)

    def _becomes(self, state: InvoiceState) -> bool:
        follows = state in _MAY_BECOME[self.state]
        if follows:
            self.state = state
        return follows


#: How a payment milestone is billed where no invoice has been made for it.
NOT_BILLED = "not_billed"


def billing_of(milestone_id: UUID, invoices: Iterable[KnownInvoice]) -> str:
    """How a milestone is billed: the state of the invoice that stands, else of the last one.

    invoices: the contract's, oldest first.
    """
    states = [each.state for each in invoices if each.milestone_id == milestone_id]
    standing = [state for state in states if state is not InvoiceState.VOID]
    return next(reversed(standing or states), NOT_BILLED)
