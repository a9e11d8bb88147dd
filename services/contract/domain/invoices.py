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
    CREDITED = "credited"
    SETTLED = "settled"
    VOID = "void"
    UNCOLLECTIBLE = "uncollectible"


_CLOSED = frozenset({InvoiceState.PAID, InvoiceState.CREDITED, InvoiceState.SETTLED})
#: What may follow what. A fact that comes twice, or after a later one, turns nothing back.
_MAY_BECOME: dict[InvoiceState, frozenset[InvoiceState]] = {
    InvoiceState.DRAFT: frozenset({InvoiceState.OPEN, InvoiceState.VOID}),
    InvoiceState.OPEN: frozenset(InvoiceState) - {InvoiceState.DRAFT, InvoiceState.OPEN},
    InvoiceState.PART_PAID: frozenset({InvoiceState.OVERDUE, InvoiceState.UNCOLLECTIBLE}) | _CLOSED,
    InvoiceState.OVERDUE: frozenset({InvoiceState.VOID, InvoiceState.UNCOLLECTIBLE}) | _CLOSED,
    InvoiceState.UNCOLLECTIBLE: _CLOSED,
    InvoiceState.VOID: frozenset(),
    # What was paid can still be credited, and that be voided; what asked for nothing be voided.
    InvoiceState.PAID: frozenset({InvoiceState.CREDITED, InvoiceState.VOID}),
    InvoiceState.CREDITED: frozenset({InvoiceState.PAID, InvoiceState.VOID}),
    InvoiceState.SETTLED: frozenset({InvoiceState.VOID}),
}


@dataclass(eq=False, kw_only=True)
class KnownInvoice:
    """An invoice or credit note as finance last told of it; no part of the contract's version.

    milestone_id: the payment milestone that it bills; None: it bills days. total: negative on a
    credit note. outstanding: still to be received (negative: owed to the partner), nothing before
    it was issued; what was given up stays in it. settlement: finance's count of what was paid, set
    off or reversed on it.
    """

    id: UUID
    pack_id: UUID
    contract_id: UUID
    milestone_id: UUID | None
    total: Money
    outstanding: Money
    state: InvoiceState = InvoiceState.DRAFT
    number: str | None = None
    due_on: date | None = None
    settlement: int = 0

    def opened(self, number: str, due_on: date | None) -> None:
        """due_on: None on a credit note."""
        if self._becomes(InvoiceState.OPEN):
            self.number = number
            self.due_on = due_on
            self.outstanding = self.total

    def was_settled(self, outstanding: Money, settlement: int) -> None:
        """So much is outstanding after a payment, refund or set-off, or after its reversal."""
        if settlement <= self.settlement:
            return
        self.settlement, self.outstanding = settlement, outstanding
        if not outstanding or self.state in (InvoiceState.UNCOLLECTIBLE, InvoiceState.OVERDUE):
            return
        if self.state in _CLOSED and (outstanding.minor < 0) != (self.total.minor < 0):
            return  # paid, and more than that
        whole = outstanding == self.total
        self.state = InvoiceState.OPEN if whole else InvoiceState.PART_PAID

    def was_corrected(self, due_on: date | None) -> None:
        """Another due date: whether it is overdue is told anew."""
        if due_on is not None and due_on != self.due_on:
            self.due_on = due_on
            if self.state is InvoiceState.OVERDUE:
                self.reopened()

    def reopened(self) -> None:
        """Not uncollectible, or not overdue, after all."""
        if self.state in (InvoiceState.UNCOLLECTIBLE, InvoiceState.OVERDUE):
            whole = self.outstanding == self.total
            self.state = InvoiceState.OPEN if whole else InvoiceState.PART_PAID

    def fell_overdue(self) -> None:
        self._becomes(InvoiceState.OVERDUE)

    def was_paid(self) -> None:
        if self._becomes(InvoiceState.PAID):
            self.outstanding = min(self.outstanding, Money.zero(self.total.currency))

    def was_credited(self) -> None:
        self._becomes(InvoiceState.CREDITED)

    def credit_was_settled(self) -> None:
        self._becomes(InvoiceState.SETTLED)

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

    invoices: the contract's, oldest first. Credit notes say how they themselves stand, no more.
    """
    states = [
        each.state
        for each in invoices
        if each.milestone_id == milestone_id and each.total.minor >= 0
    ]
    standing = [state for state in states if state is not InvoiceState.VOID]
    return next(reversed(standing or states), NOT_BILLED)
