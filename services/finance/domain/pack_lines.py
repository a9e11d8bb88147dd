"""The lines of a pack in the making. Nothing is changed until they are kept."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from services.finance.domain.account import Account
from services.finance.domain.approved_days import ApprovedDays
from services.finance.domain.days_billed import billed_at, counted
from services.finance.domain.expected import ExpectedPayment
from services.finance.domain.invoice import Invoice
from services.finance.domain.reductions import ReducedInvoice
from shared.events.finance import PackLine
from shared.events.vocabulary import LineKind
from shared.money import Money, cumulative, total

ONE = Decimal(1)


def credit_line(description: str, amount: Money, invoice: Invoice) -> PackLine:
    """What is credited of an invoice over an amount (negative), or taken back of that."""
    sign = -ONE if amount.minor < 0 else ONE
    return PackLine(
        kind=LineKind.CREDIT,
        description=description,
        quantity=sign,
        unit_price=amount * sign,
        amount=amount,
        invoice_id=invoice.id,
    )


class PackLines:
    """Collects lines against what is billed so far; `keep` then counts them."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._billed = account.days_billed
        self._charged: list[tuple[ApprovedDays, Money]] = []
        self._credited: list[tuple[ApprovedDays, Money]] = []
        self.lines: list[PackLine] = []

    @property
    def total(self) -> Money:
        return total([line.amount for line in self.lines], self._account.currency)

    @property
    def asks_for_something(self) -> bool:
        """Whether it bills or credits days, be it at nothing, or comes to any amount."""
        credits = any(amount for _, amount in self._credited)
        return bool(self._charged) or credits or bool(self.total)

    def fee(self, description: str, amount: Money) -> None:
        """A fee; a credit of it where the amount is negative."""
        sign = -ONE if amount.minor < 0 else ONE
        self.lines.append(
            PackLine(
                kind=LineKind.FEE,
                description=description,
                quantity=sign,
                unit_price=amount * sign,
                amount=amount,
            )
        )

    def take_back_reductions(
        self, reduced: Sequence[ReducedInvoice], expected: Sequence[ExpectedPayment]
    ) -> None:
        """What had been credited over an amount of work that these lines credit is not credited
        again. expected: the milestones as they will be."""
        credited = {days.entry_id for days, _ in self._credited}
        for each in reduced:
            amount = each.to_take_back(expected, credited)
            if amount:
                self.lines.append(credit_line("Credited before", amount, each.invoice))

    def bill(self, days: ApprovedDays, price: Money, remark: str = "") -> None:
        self._day_line(days, days.days, price, remark)
        self._charged.append((days, price))

    def credit(self, days: ApprovedDays) -> None:
        """Days that were reversed after they were billed, at the price of then."""
        assert days.billed_at is not None
        line = self._day_line(days, -days.days, days.billed_at, " (reversed after it was billed)")
        self._credited.append((days, -line.amount))

    def round_off(self) -> None:
        """Take up what is missing until the lines of each role add up to price × days."""
        for each in self._billed:
            if each.residue:
                self._add(
                    PackLine(
                        kind=LineKind.ROUNDING,
                        description=f"{each.role}: rounding, after an invoice was voided",
                        quantity=Decimal(0),
                        unit_price=each.price,
                        amount=each.residue,
                        role=each.role,
                    )
                )

    def keep(self, pack_id: UUID) -> tuple[PackLine, ...]:
        """The lines; from now on their days count as billed, or credited, on this pack."""
        self._account.days_billed = self._billed
        for days, price in self._charged:
            days.bill(pack_id, price)
        for days, amount in self._credited:
            days.credit(pack_id, amount)
        return tuple(self.lines)

    def _day_line(
        self, days: ApprovedDays, quantity: Decimal, price: Money, remark: str
    ) -> PackLine:
        before = billed_at(self._billed, days.role, price).days
        line = PackLine(
            kind=LineKind.DAY,
            description=f"{days.role}, {days.worked_on.isoformat()}{remark}",
            quantity=quantity,
            unit_price=price,
            amount=cumulative(price, before, quantity),
            entry_id=days.entry_id,
            role=days.role,
        )
        self._add(line)
        return line

    def _add(self, line: PackLine) -> None:
        assert line.role is not None
        self.lines.append(line)
        self._billed = counted(self._billed, line.role, line.unit_price, line.quantity, line.amount)


def take_back(account: Account, lines: tuple[PackLine, ...]) -> None:
    """These lines of days no longer count: their pack was voided."""
    for line in lines:
        if line.role is not None:
            account.days_billed = counted(
                account.days_billed, line.role, line.unit_price, -line.quantity, -line.amount
            )
