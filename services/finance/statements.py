"""Accounts and invoices as they are shown: with what follows from the day and from each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.finance.domain.account import Account, ExpectedPayment
from services.finance.domain.approved_days import ApprovedDays
from services.finance.domain.invoice import Invoice, Standing
from shared.money import Money


@dataclass(frozen=True)
class InvoiceOnDay:
    """An invoice as it stands on a day."""

    invoice: Invoice
    day: date

    @property
    def version(self) -> int:
        return self.invoice.version

    @property
    def standing(self) -> Standing:
        return self.invoice.standing(self.day)


@dataclass(frozen=True)
class ExpectedLine:
    """A payment milestone and how far its invoice has come."""

    payment: ExpectedPayment
    invoice: Invoice | None
    day: date

    @property
    def standing(self) -> str:
        """``scheduled``, ``met`` (to be invoiced), or the standing of its invoice."""
        if self.invoice is not None:
            return self.invoice.standing(self.day)
        return "scheduled" if self.payment.met_on is None else "met"

    @property
    def paid(self) -> Money:
        if self.invoice is None:
            return Money.zero(self.payment.amount.currency)
        return self.invoice.paid


@dataclass(frozen=True)
class UnbilledDays:
    """Approved days of a role that no pack bills yet."""

    role: str
    days: Decimal
    oldest: date


@dataclass(frozen=True)
class AccountStatement:
    """Expected against invoiced against paid."""

    account: Account
    expected: Sequence[ExpectedLine]
    unbilled: Sequence[UnbilledDays]

    @property
    def version(self) -> int:
        return self.account.version

    @classmethod
    def of(
        cls,
        account: Account,
        invoices: Sequence[Invoice],
        days: Sequence[ApprovedDays],
        on: date,
    ) -> "AccountStatement":
        """invoices: the account's, voided ones aside. days: those that await billing."""
        by_pack: Mapping[UUID | None, Invoice] = {each.pack_id: each for each in invoices}
        return cls(
            account=account,
            expected=[
                ExpectedLine(each, by_pack.get(each.pack_id), on) for each in account.expected
            ],
            unbilled=[
                UnbilledDays(
                    role=role,
                    days=sum((each.days for each in days if each.role == role), Decimal(0)),
                    oldest=min(each.worked_on for each in days if each.role == role),
                )
                for role in sorted({each.role for each in days})
            ],
        )


def on_day(row: Any) -> InvoiceOnDay:
    """A row of the list of invoices (``Invoice`` and ``day``) as an invoice on a day."""
    return row if isinstance(row, InvoiceOnDay) else InvoiceOnDay(row["Invoice"], row["day"])
