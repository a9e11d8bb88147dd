"""Money: a whole number of minor units and a currency. Never a float, never silently rounded."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation, Overflow, localcontext
from functools import lru_cache

import pycountry
from babel.numbers import list_currencies

from shared.errors import Invalid

#: Where ISO 4217 counts otherwise than in hundredths. Not from CLDR, which says how many decimals
#: people write: none in Iraq, where the dinar has a thousand fils all the same.
_DECIMALS = {
    code: places
    for places, codes in (
        (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
        (3, "BHD IQD JOD KWD LYD OMR TND"),
        (4, "CLF UYW"),
    )
    for code in codes.split()
}

#: Codes of ISO 4217 in which nobody is paid: metals, units of account, tests, "no currency".
_NOT_FOR_PAYMENT = frozenset(
    [
        "XAD",
        "XAG",
        "XAU",
        "XBA",
        "XBB",
        "XBC",
        "XBD",
        "XDR",
        "XPD",
        "XPT",
        "XSU",
        "XTS",
        "XUA",
        "XXX",
    ]
)

#: A decimal number as text; Python's own numbers also have underscores, exponents and other
#: scripts' digits.
DECIMAL_TEXT = re.compile(r"-?[0-9]+(\.[0-9]+)?")

#: Characters of the longest text that can be an amount.
_LONGEST = 60
#: Minor units from which no amount is kept: they fit a 64-bit integer, with room for sums.
_TOO_LARGE = Decimal(10) ** 17


@lru_cache
def _known_currencies() -> frozenset[str]:
    return frozenset(list_currencies()) | {each.alpha_3 for each in pycountry.currencies}


@lru_cache
def active_currencies() -> frozenset[str]:
    """The codes of ISO 4217 in which something can be paid today.

    The standard's list of withdrawn codes is left out: DEM, HRK (2023), BGN (2026).
    """
    return frozenset(each.alpha_3 for each in pycountry.currencies) - _NOT_FOR_PAYMENT


def check_active(currency: str) -> None:
    """Raises Invalid for a code in which nothing can be agreed today."""
    if currency in active_currencies():
        return
    known = currency in _known_currencies()
    raise Invalid(
        f"{currency} is not a currency that is in use today."
        if known
        else f"{currency[:_LONGEST]!r} is not a currency.",
        rule="active-currency" if known else "known-currency",
        field="currency",
        accepted="an active ISO 4217 code in capitals, such as GBP, JOD or JPY",
    )


@lru_cache
def decimals(currency: str) -> int:
    """How many decimals a currency has (ISO 4217): GBP 2, JPY 0, JOD 3."""
    if currency not in _known_currencies():
        raise Invalid(
            f"{currency[:_LONGEST]!r} is not a currency.",
            rule="known-currency",
            field="currency",
            accepted="an ISO 4217 code in capitals, such as GBP, JOD or JPY",
        )
    return _DECIMALS.get(currency, 2)


@dataclass(frozen=True, order=False)
class Money:
    """An amount in minor units (pence, fils, yen) of an ISO 4217 currency."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        decimals(self.currency)

    @classmethod
    def of(cls, amount: str | Decimal | int, currency: str) -> "Money":
        """From major units: ``Money.of("125000.50", "GBP")``.

        Raises Invalid for a currency that is not in use today, for what is not a number, and for
        more decimals than the currency has: nothing is rounded here.
        """
        check_active(currency)
        return cls.recorded(amount, currency)

    @classmethod
    def recorded(cls, amount: str | Decimal | int, currency: str) -> "Money":
        """As `of`, for what was recorded earlier: its currency may have been withdrawn since."""
        places = decimals(currency)
        scaled = _scaled(amount, places)
        if not scaled.is_finite() or abs(scaled) >= _TOO_LARGE:
            too_large = "too large to be" if scaled.is_finite() else "not"
            raise Invalid(
                f"{str(amount)[:_LONGEST]!r} is {too_large} an amount of money.",
                rule="amount-is-a-number",
                field="amount",
                accepted="a decimal number as text, such as 125000.00",
            )
        if scaled % 1:
            raise Invalid(
                f"{currency} has {places or 'no'} decimals; {str(amount)[:_LONGEST]} has more.",
                rule="currency-decimals",
                field="amount",
                accepted=f"at most {places} decimals" if places else "no decimals",
            )
        return cls(int(scaled), currency)

    @classmethod
    def zero(cls, currency: str) -> "Money":
        return cls(0, currency)

    @property
    def amount(self) -> Decimal:
        """In major units, with exactly the currency's decimals."""
        return Decimal(self.minor).scaleb(-decimals(self.currency))

    def __str__(self) -> str:
        return f"{self.amount:,} {self.currency}"

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other).minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __mul__(self, factor: Decimal | int) -> "Money":
        """Times a number, rounded half to even to the minor unit (the bankers' rule)."""
        return Money(int((Decimal(self.minor) * factor).to_integral_value()), self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same(other).minor

    def __le__(self, other: "Money") -> bool:
        return self.minor <= self._same(other).minor

    def __gt__(self, other: "Money") -> bool:
        return self.minor > self._same(other).minor

    def __ge__(self, other: "Money") -> bool:
        return self.minor >= self._same(other).minor

    def __bool__(self) -> bool:
        return self.minor != 0

    def _same(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise Invalid(
                f"{self.currency} and {other.currency} cannot be put together.",
                rule="one-currency",
                field="currency",
                accepted=self.currency,
            )
        return other


def _scaled(amount: object, places: int) -> Decimal:
    """The amount in minor units, exactly as it was written; NaN where it is not a number."""
    if isinstance(amount, str) and not (len(amount) <= _LONGEST and DECIMAL_TEXT.fullmatch(amount)):
        return Decimal("NaN")
    if isinstance(amount, bool) or not isinstance(amount, str | Decimal | int):
        return Decimal("NaN")  # a float has been rounded already
    number = Decimal(amount)
    with localcontext() as context:
        context.prec = max(context.prec, len(number.as_tuple().digits))
        try:
            return number.scaleb(places)
        except (InvalidOperation, Overflow):
            return Decimal("NaN")


def total(amounts: Sequence[Money], currency: str) -> Money:
    """The sum; zero of `currency` where there are none. Raises Invalid on another currency."""
    result = Money.zero(currency)
    for amount in amounts:
        result = result + amount
    return result


def cumulative(rate: Money, before: Decimal, quantity: Decimal) -> Money:
    """What `quantity` more costs after `before`: the rounded total less what was charged so far.

    Rounding each part would let 4 × 0.25 days at 850.75 cost 850.76; charged cumulatively, parts
    of one rate always add up to exactly `rate` × the whole, in whatever steps they come. A
    negative quantity takes back what was charged last: the amounts add up in both directions.
    """
    return rate * (before + quantity) - rate * before
