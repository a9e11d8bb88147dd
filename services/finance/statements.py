"""Accounts and invoices as they are shown: with what follows from the day and from each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.finance.domain.account import Account
from services.finance.domain.approved_days import ApprovedDays
from services.finance.domain.document import Payment, Standing
from services.finance.domain.expected import ExpectedPayment
from services.finance.domain.invoice import Invoice
from services.finance.domain.reconciliation import Reconciliation
from services.finance.domain.reductions import ReducedInvoice
from shared.money import Money, total


@dataclass(frozen=True)
class InvoiceOnDay:
    """An invoice as it stands on a day."""

    invoice: Invoice
    day: date
    for_partner: bool = False

    @property
    def version(self) -> int:
        return self.invoice.version

    @property
    def payments(self) -> Sequence[Payment | dict[str, Any]]:
        """Partners do not see who of the office recorded them."""
        if not self.for_partner:
            return self.invoice.payments
        return [
            vars(each) | {"recorded_by": None, "reversed_by": None}
            for each in self.invoice.payments
        ]

    @property
    def standing(self) -> Standing:
        return self.invoice.standing(self.day)


@dataclass(frozen=True)
class ExpectedLine:
    """A payment milestone and how far its invoices have come."""

    payment: ExpectedPayment
    invoices: Sequence[Invoice]  # those that stand, oldest first
    day: date

    @property
    def invoice(self) -> Invoice | None:
        return self.invoices[-1] if self.invoices else None

    @property
    def standing(self) -> str:
        """What was decided, or the standing of the last invoice."""
        if self.invoice is not None:
            return self.invoice.standing(self.day)
        return self.payment.outcome

    @property
    def paid(self) -> Money:
        return total([each.paid for each in self.invoices], self.payment.amount.currency)


@dataclass(frozen=True)
class DaysOfRole:
    """Approved days of a role that no pack bills yet, or reversed ones that none credits yet."""

    role: str
    days: Decimal
    oldest: date

    @classmethod
    def each(cls, days: Sequence[ApprovedDays]) -> list["DaysOfRole"]:
        return [
            cls(
                role=role,
                days=sum((each.days for each in days if each.role == role), Decimal(0)),
                oldest=min(each.worked_on for each in days if each.role == role),
            )
            for role in sorted({each.role for each in days})
        ]


@dataclass(frozen=True)
class AccountStatement:
    """Expected against invoiced against paid."""

    account: Account
    expected: Sequence[ExpectedLine]
    unbilled: Sequence[DaysOfRole]
    credits_waiting: Sequence[DaysOfRole]
    not_yet_billed: Money

    @property
    def version(self) -> int:
        return self.account.version

    @classmethod
    def of(
        cls,
        account: Account,
        invoices: Sequence[Invoice],
        days: Sequence[ApprovedDays],
        reduced: Sequence[ReducedInvoice],
        on: date,
    ) -> "AccountStatement":
        """invoices: the account's, oldest first. days: those that await billing or credit.
        reduced: the invoices with credits over an amount."""
        by_pack: Mapping[UUID, Invoice] = {each.pack_id: each for each in invoices}
        return cls(
            account=account,
            expected=[
                ExpectedLine(each, [by_pack[pack_id] for pack_id in each.pack_ids], on)
                for each in account.expected
                if each.pack_ids or not each.dropped
            ],
            unbilled=DaysOfRole.each([each for each in days if each.awaits_billing]),
            credits_waiting=DaysOfRole.each(
                [each for each in days if each.awaits_credit and each.billed_at]
            ),
            not_yet_billed=Reconciliation.of(account, days, (), (), reduced).not_yet_billed,
        )


def on_day(row: Any) -> InvoiceOnDay:
    """A row of the list of invoices (``Invoice`` and ``day``) as an invoice on a day."""
    return row if isinstance(row, InvoiceOnDay) else InvoiceOnDay(row["Invoice"], row["day"])
