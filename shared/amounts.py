"""Amounts of money as people and programs write them, read in one way or not at all.

What can be read in two ways is refused with both readings: `125.000` in euros is either a hundred
and twenty-five thousand or a hundred and twenty-five. Nothing is rounded.
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum

from shared.errors import Invalid
from shared.money import Money, check_active, decimals

#: Between groups of digits, never before decimals: space, no-break, thin, narrow no-break space,
#: and apostrophes.
_ONLY_GROUPS = " \u00a0\u2009\u202f'\u2019"
_SEPARATED = re.compile(rf"[0-9]+(?:[.,{_ONLY_GROUPS}][0-9]+)*")
_SEPARATOR = re.compile(rf"[.,{_ONLY_GROUPS}]")

#: What is pasted along at either end of an amount and is no part of it: spaces, marks of
#: direction, a byte order mark.
_AROUND = f"{_ONLY_GROUPS[:4]}\t\r\n\u200b\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff"
_STRAY = re.compile(rf"^[{_AROUND}]+|[{_AROUND}]+$")

#: A binary fraction (64 bits) holds so many decimal digits; further ones are noise.
_DIGITS_OF_A_FLOAT = 15


class DecimalMark(StrEnum):
    COMMA = "comma"
    POINT = "point"

    @property
    def sign(self) -> str:
        return "," if self is DecimalMark.COMMA else "."


class Ambiguous(Invalid):
    """An amount that can be read in two ways."""


def read(written: str, currency: str, mark: DecimalMark | None = None) -> Money:
    """The amount that `written` stands for, in major units.

    Taken: digits with at most one decimal mark, or groups of three digits (or Indian groups)
    parted by one kind of separator, with the other sign before the decimals.

    mark: the decimal mark of the source; None: both are possible. Raises Ambiguous where the
    two give different amounts, Invalid for anything else that is not an amount of the currency.
    """
    check_active(currency)
    text = _STRAY.sub("", written)
    if not _SEPARATED.fullmatch(text):
        raise _not_an_amount(written)
    readings = _readings(text, currency, [mark] if mark else list(DecimalMark))
    if len(readings) > 1:
        raise _ambiguous(written, currency, readings)
    if not readings:
        raise _not_an_amount(written, mark)
    return Money.of(readings.pop(), currency)


def number(value: Decimal | int, currency: str) -> Money:
    """The amount of a number that a program wrote, in JSON or in a workbook.

    Exactly as written where that fits the currency; else without the noise of binary fractions:
    59.970000000000006 is 59.97. Raises Invalid where neither is an amount of the currency.
    """
    try:
        return Money.of(value, currency)
    except Invalid:
        if isinstance(value, bool):
            raise
        exact = Decimal(value)
        if not exact.is_finite() or len(exact.as_tuple().digits) <= _DIGITS_OF_A_FLOAT:
            raise
        shown = Decimal(f"{exact:.{_DIGITS_OF_A_FLOAT}g}")
        if abs(shown) >= 10**_DIGITS_OF_A_FLOAT or (shown * 10 ** decimals(currency)) % 1:
            raise
        return Money.of(shown, currency)


def settled_mark(amounts: Iterable[tuple[str, str]]) -> DecimalMark | None:
    """The decimal mark that the other amounts of a source show: pairs of text and currency.

    None where no amount shows one, or where they contradict each other.
    """
    shown = {
        mark
        for written, currency in amounts
        if (mark := _mark_shown(_STRAY.sub("", written), currency.strip().upper()))
    }
    return shown.pop() if len(shown) == 1 else None


def _mark_shown(text: str, currency: str) -> DecimalMark | None:
    """The one decimal mark with which this can be read, if only one is possible."""
    if not ("," in text or "." in text) or not _SEPARATED.fullmatch(text):
        return None
    try:
        check_active(currency)
    except Invalid:
        return None
    possible = [mark for mark in DecimalMark if _readings(text, currency, [mark])]
    return possible[0] if len(possible) == 1 else None


def _readings(text: str, currency: str, marks: list[DecimalMark]) -> set[str]:
    """The different amounts for which the text can stand, as plain decimals."""
    found: dict[Decimal, str] = {}
    for mark in marks:
        plain = _with_mark(text, mark)
        if plain is not None and _is_possible(plain, currency, alone=len(marks) == 1):
            found.setdefault(Decimal(plain), plain)
    return set(found.values())


def _with_mark(text: str, mark: DecimalMark) -> str | None:
    """The text read with this decimal mark, as plain digits with a point; None where it cannot."""
    whole, *fractions = text.split(mark.sign)
    if len(fractions) > 1 or any(_SEPARATOR.search(each) for each in fractions):
        return None
    digits = _ungrouped(whole)
    return None if digits is None else ".".join([digits, *fractions])


def _ungrouped(whole: str) -> str | None:
    """The digits of a whole number; None where they are wrongly grouped."""
    separators = set(_SEPARATOR.findall(whole))
    if not separators:
        return whole
    if len(separators) > 1:
        return None
    first, *between, last = _SEPARATOR.split(whole)
    is_western = len(first) <= 3 and all(len(each) == 3 for each in between)
    is_indian = len(first) <= 2 and all(len(each) == 2 for each in between)
    if first.startswith("0") or len(last) != 3 or not (is_western or is_indian):
        return None
    return "".join([first, *between, last])


def _is_possible(plain: str, currency: str, *, alone: bool) -> bool:
    """Whether it is an amount of the currency, or one that somebody may have meant.

    Three decimals look like a group of three, so they count as a reading even where the currency
    has fewer. Where it has none at all, nobody writes a decimal mark.
    """
    places = len(plain.partition(".")[2])
    if alone or places != 3:
        return True
    return decimals(currency) > 0


def _ambiguous(written: str, currency: str, readings: set[str]) -> Ambiguous:
    low, high = sorted(readings, key=Decimal)
    return Ambiguous(
        f"{_STRAY.sub('', written)!r} can be read as {_shown(high, currency)} or as "
        f"{_shown(low, currency)}. Say which decimal mark the source uses: comma or point "
        "(--decimal-mark, decimal_mark over the API).",
        rule="amount-read-in-one-way",
        field="amount",
        accepted="a decimal mark of comma or point (--decimal-mark, decimal_mark), or an amount "
        "without separators such as 125000.00",
    )


def _shown(plain: str, currency: str) -> str:
    """The reading in full, with the decimals of the currency where they suffice."""
    exact = Decimal(plain)
    shown = exact.quantize(Decimal(1).scaleb(-decimals(currency)))
    return f"{shown if shown == exact else exact:,} {currency}"


def _not_an_amount(written: str, mark: DecimalMark | None = None) -> Invalid:
    with_mark = f" with {mark} as decimal mark" if mark else ""
    return Invalid(
        f"{written[:60]!r} is not an amount of money{with_mark}.",
        rule="amount-is-a-number",
        field="amount",
        accepted="digits with a decimal mark, such as 125000.00, or groups of three such as "
        "125,000.00, 125.000,00 or 125 000,00; no sign, exponent or currency sign",
    )
