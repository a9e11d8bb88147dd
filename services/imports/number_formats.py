"""What a spreadsheet shows for a number, by the number format of its cell."""

import re
from decimal import ROUND_HALF_UP, Decimal

from shared.errors import Invalid
from shared.money import active_currencies

#: A spreadsheet keeps so many digits of a number; the rest are zeros or noise.
_KEPT_DIGITS = 15

#: What a format holds beside digits: quoted text, escaped signs, padding, colours, currencies.
_DECORATION = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
_CONDITION = re.compile(r"\[[<>=]")
_SECTION = re.compile(r'((?:"[^"]*"|\\.|\[[^\]]*\]|[^;])*)(?:;|$)')
#: A currency's code in brackets, perhaps with a locale, or in quotation marks: [$CHF-807], "EUR".
_CODE = re.compile(r'\[\$([A-Z]{3})(?:-[0-9A-Fa-f]+)?\]|" ?([A-Z]{3}) ?"')
_SIGNS = {"€": "EUR", "₹": "INR", "₺": "TRY", "₪": "ILS", "₦": "NGN", "₴": "UAH", "₫": "VND"}
_PLACES = re.compile(r"(?P<whole>[0#?][0#?,]*)?(?:(?P<point>\.)(?P<decimals>[0#?]*))?(?P<scale>,*)")


def shown(value: int | float, number_format: str) -> str:
    """The number as its cell shows it: digits with a decimal point, without separators.

    A percentage keeps its sign. Raises Invalid for a number of more digits than a spreadsheet
    keeps, and for one that is shown in thousands or millions.
    """
    if not abs(value) < 10**_KEPT_DIGITS:  # NaN, which damaged workbooks hold, is not either
        raise Invalid(
            f"A spreadsheet keeps {_KEPT_DIGITS} digits of a number; this one has more. "
            "Format the column as text and enter it again.",
            rule="number-kept-in-full",
        )
    exact = Decimal(f"{value:.{_KEPT_DIGITS}g}")
    section = _section(number_format, exact)
    plain = _DECORATION.sub("", section)
    places = re.search(r"[0#?]", plain) and _PLACES.search(plain, _first_place(plain))
    if not places or "E" in plain.upper() or "/" in plain or _CONDITION.search(number_format):
        return f"{exact:f}"
    if places["scale"] or (places["whole"] or "").endswith(","):
        raise Invalid(
            "The format of the cell shows the number in thousands or millions. Show it in full.",
            rule="number-shown-in-full",
        )
    percent = plain.count("%")
    digits = _rounded(exact.scaleb(2 * percent), places["whole"] or "", places["decimals"] or "")
    return digits + "%" * percent


def currency_shown(number_format: str) -> str:
    """The code of the currency that a format shows, by its code or by a sign of its alone; or "".

    The signs $, £, ¥ and kr stand for several.
    """
    code = _CODE.search(number_format)
    if code and (code[1] or code[2]) in active_currencies():
        return code[1] or code[2]
    return next((code for sign, code in _SIGNS.items() if sign in number_format), "")


def _section(number_format: str, value: Decimal) -> str:
    """The part of a format that holds for positive numbers, for negative ones, or for zero."""
    sections = [each for each in _SECTION.findall(number_format) if each] or ["General"]
    if value < 0 and len(sections) > 1:
        return sections[1]
    if value == 0 and len(sections) > 2:
        return sections[2]
    return sections[0]


def _first_place(plain: str) -> int:
    found = re.search(r"[0#?.]", plain)
    return found.start() if found else 0


def _rounded(value: Decimal, whole: str, decimals: str) -> str:
    """Rounded half up, as spreadsheets do, with the zeros that the format asks for."""
    rounded = value.quantize(Decimal(1).scaleb(-len(decimals)), ROUND_HALF_UP)
    before, _, after = f"{abs(rounded):f}".partition(".")
    least = decimals.count("0")
    after = after[:least] + after[least:].rstrip("0")
    before = before.zfill(whole.count("0") or 1)
    sign = "-" if rounded < 0 else ""
    return sign + ".".join(filter(None, (before, after)))
