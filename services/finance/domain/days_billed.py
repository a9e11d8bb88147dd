"""What standing packs ask for days, by role and price, so that rounding adds up to the whole."""

from dataclasses import dataclass, replace
from decimal import Decimal

from shared.money import Money


@dataclass(frozen=True)
class DaysBilled:
    """Days of a role that are billed at one price, less those credited, and what they came to.

    Lines are rounded cumulatively, so `amount` is price × days to the minor unit; only the voiding
    of an invoice between others can leave a `residue`, which the next pack takes up.
    """

    role: str
    price: Money
    days: Decimal
    amount: Money

    @property
    def residue(self) -> Money:
        """What is missing until the lines add up to price × days; mostly nothing."""
        return self.price * self.days - self.amount


def billed_at(billed: tuple[DaysBilled, ...], role: str, price: Money) -> DaysBilled:
    for each in billed:
        if (each.role, each.price) == (role, price):
            return each
    return DaysBilled(role=role, price=price, days=Decimal(0), amount=Money.zero(price.currency))


def counted(
    billed: tuple[DaysBilled, ...], role: str, price: Money, days: Decimal, amount: Money
) -> tuple[DaysBilled, ...]:
    """With so many more days and so much more money; less, where negative."""
    before = billed_at(billed, role, price)
    after = replace(before, days=before.days + days, amount=before.amount + amount)
    others = tuple(each for each in billed if each is not before)
    return (*others, after) if after.days or after.amount else others
