"""What contracts let finance bill against what it billed: the difference, and why there is one."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from services.finance.domain.account import Account
from services.finance.domain.approved_days import ApprovedDays
from services.finance.domain.document import Document, InvoiceState
from services.finance.domain.pack import InvoicePack
from services.finance.domain.reductions import ReducedInvoice
from shared.errors import Conflict
from shared.events.vocabulary import LineKind
from shared.identifiers import new_id
from shared.money import Money, cumulative, total


class CauseKind(StrEnum):
    DAYS_NOT_BILLED = "days_not_billed"
    ROLE_WITHOUT_RATE = "role_without_rate"
    CREDIT_NOT_GIVEN = "credit_not_given"
    MILESTONE_NOT_BILLED = "milestone_not_billed"
    MILESTONE_OVERBILLED = "milestone_overbilled"
    MILESTONE_DROPPED = "milestone_dropped"
    CREDITED_AMOUNT = "credited_amount"
    ROUNDING = "rounding"


#: What a pack can still bill or credit.
TO_BILL = frozenset(
    {
        CauseKind.DAYS_NOT_BILLED,
        CauseKind.CREDIT_NOT_GIVEN,
        CauseKind.MILESTONE_NOT_BILLED,
        CauseKind.MILESTONE_OVERBILLED,
        CauseKind.ROUNDING,
    }
)


@dataclass(frozen=True)
class Cause:
    """Why more (or, negative, less) is due than was billed."""

    kind: CauseKind
    about: str
    amount: Money
    days: Decimal | None = None


@dataclass(frozen=True)
class Reconciliation:
    """One account. due: by the contract's events, in the terms in force. billed: by the ledger,
    on drafts and on what was issued, less credit notes.

    unexplained: what the causes leave of the difference; more or less than nothing means that
    the ledger is not what it should be.
    """

    account: Account
    due: Money
    billed: Money
    causes: tuple[Cause, ...]

    @property
    def difference(self) -> Money:
        return self.due - self.billed

    @property
    def unexplained(self) -> Money:
        return self.difference - total([each.amount for each in self.causes], self.due.currency)

    @property
    def not_yet_billed(self) -> Money:
        """What packs prepared now would come to; negative where a credit is due."""
        waits = [each.amount for each in self.causes if each.kind in TO_BILL]
        return total(waits, self.due.currency)

    @classmethod
    def of(
        cls,
        account: Account,
        days: Sequence[ApprovedDays],
        packs: Iterable[InvoicePack],
        invoices: Iterable[Document],
        reduced: Sequence[ReducedInvoice],
    ) -> "Reconciliation":
        """All of the account's approved days, packs and invoices, void ones too. reduced: those
        with credits over an amount."""
        fees = total(
            [e.met_amount for e in account.expected if e.met_amount and not e.dropped],
            account.currency,
        )
        return cls(
            account=account,
            due=fees + _worth_of_days(account, days),
            billed=total(
                [each.total for each in invoices if each.state is not InvoiceState.VOID],
                account.currency,
            ),
            causes=(
                *_days_waiting(account, days),
                *_fees_waiting(account),
                *_credits_to_take_back(account, days, reduced),
                *_credited(packs),
            ),
        )


def _worth_of_days(account: Account, days: Sequence[ApprovedDays]) -> Money:
    """Of all that are approved and not reversed: at the price they were billed at, else the
    present one. Counted anew from the days, not from what the account knows of its lines."""
    counted: dict[tuple[str, Money], Decimal] = {}
    for each in days:
        price = _price(account, each.role) if each.billed_at is None else each.billed_at
        if price is not None and not each.reversed:
            key = each.role, price
            counted[key] = counted.get(key, Decimal(0)) + each.days
    return total([price * number for (_, price), number in counted.items()], account.currency)


def _price(account: Account, role: str) -> Money | None:
    """What a day of the role is billed at now; None where no rate was agreed."""
    if account.is_fixed_price:
        return Money.zero(account.currency)  # covered by the fee
    try:
        return account.rate_of(role)
    except Conflict:
        return None


def _days_waiting(account: Account, days: Sequence[ApprovedDays]) -> Iterator[Cause]:
    """Credits, then days of each role that are not billed: as the lines of a pack would be."""
    billed = {(each.role, each.price): each.days for each in account.days_billed}
    for each in account.days_billed:
        gone = [
            d for d in days if d.awaits_credit and (d.role, d.billed_at) == (each.role, each.price)
        ]
        number = sum((d.days for d in gone), Decimal(0))
        amount = cumulative(each.price, each.days, -number)
        if number and each.price:
            billed[each.role, each.price] = each.days - number
            yield Cause(CauseKind.CREDIT_NOT_GIVEN, each.role, amount, number)
        if each.residue:
            yield Cause(CauseKind.ROUNDING, each.role, each.residue)
    for role in sorted({each.role for each in days if each.awaits_billing}):
        number = sum((d.days for d in days if d.awaits_billing and d.role == role), Decimal(0))
        price = _price(account, role)
        if price is None:
            nothing = Money.zero(account.currency)
            yield Cause(CauseKind.ROLE_WITHOUT_RATE, role, nothing, number)
        elif not account.is_fixed_price:
            before = billed.get((role, price), Decimal(0))
            yield Cause(CauseKind.DAYS_NOT_BILLED, role, cumulative(price, before, number), number)


def _fees_waiting(account: Account) -> Iterator[Cause]:
    for each in account.expected:
        if each.dropped and each.billed:
            yield Cause(CauseKind.MILESTONE_DROPPED, each.title, -each.billed)
        elif each.to_bill.minor > 0:
            yield Cause(CauseKind.MILESTONE_NOT_BILLED, each.title, each.to_bill)
        elif each.to_bill:
            yield Cause(CauseKind.MILESTONE_OVERBILLED, each.title, each.to_bill)


def _credits_to_take_back(
    account: Account, days: Sequence[ApprovedDays], reduced: Sequence[ReducedInvoice]
) -> Iterator[Cause]:
    """What was credited over an amount is no longer, once its work is credited."""
    credited = {each.entry_id for each in days if each.awaits_credit}
    expected = [
        each.with_part(new_id(), each.to_bill) if each.to_bill.minor < 0 else each
        for each in account.expected
    ]
    for each in reduced:
        amount = each.to_take_back(expected, credited)
        if amount:
            about = f"Credited before on {each.invoice.issued_number}"
            yield Cause(CauseKind.CREDIT_NOT_GIVEN, about, amount)
            yield Cause(CauseKind.CREDITED_AMOUNT, about, -amount)


def _credited(packs: Iterable[InvoicePack]) -> Iterator[Cause]:
    for pack in packs:
        for line in pack.lines:
            if pack.stands and line.kind is LineKind.CREDIT:
                yield Cause(CauseKind.CREDITED_AMOUNT, line.description, -line.amount)
