"""How values are written for people: words, numbers with their unit, dates, names of countries."""

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from babel import Locale
from babel.core import get_global
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal
from flask import Flask
from markupsafe import Markup, escape

_LOCALE = Locale("en", "GB")
_CODE = re.compile(r"`([^`]+)`")

#: Words that are spelt otherwise than by taking out the underscores.
_SPELT = {
    "moa": "Memorandum of agreement",
    "mou": "Memorandum of understanding",
    "nhs": "NHS",
}

#: How a state is coloured: good, waiting, bad; the word always stands beside the colour.
_TONES = {
    "good": {
        "active", "approved", "met", "paid", "credited", "settled", "passed", "low", "signed",
        "completed",
    },
    "wait": {
        "under_review", "in_review", "out_for_signature", "partially_met", "open", "part_paid",
        "medium", "dormant", "scheduled", "imported",
    },
    "bad": {
        "declined", "exited", "overdue", "not_met", "void", "uncollectible", "high", "failed",
        "cancelled", "expired",
    },
}  # fmt: skip


#: How Unicode names the letters of a script (ISO 15924) that tells its language in a country.
_SCRIPTS: dict[str, str | tuple[str, ...]] = {
    "Arab": "ARABIC", "Armn": "ARMENIAN", "Beng": "BENGALI", "Cyrl": "CYRILLIC",
    "Deva": "DEVANAGARI", "Ethi": "ETHIOPIC", "Geor": "GEORGIAN", "Grek": "GREEK",
    "Hans": "CJK", "Hant": "CJK", "Hebr": "HEBREW", "Jpan": ("CJK", "HIRAGANA", "KATAKANA"),
    "Khmr": "KHMER", "Kore": "HANGUL", "Laoo": "LAO", "Mymr": "MYANMAR", "Sinh": "SINHALA",
    "Thai": "THAI",
}  # fmt: skip


def word(value: object) -> str:
    """A word of a vocabulary as people write it: ``in_review`` → In review."""
    text = str(value or "")
    return _SPELT.get(text, text.replace("_", " ").capitalize())


def tone(value: object) -> str:
    return next((name for name, words in _TONES.items() if value in words), "plain")


def money(value: dict[str, str] | None) -> str:
    """``{"amount": "125000.00", "currency": "GBP"}`` → GBP 125,000.00; nothing → a dash."""
    if not value:
        return "–"
    # The currency's own decimals: JOD has three, JPY none.
    return format_currency(
        Decimal(value["amount"]), value["currency"], "¤¤ #,##0.00", locale=_LOCALE
    )


def number(value: object) -> str:
    """A count or an amount of days without needless zeros: 12.50 → 12.5; nothing → a dash."""
    if value is None or value == "":
        return "–"
    return format_decimal(Decimal(str(value)), "#,##0.##", locale=_LOCALE)


def days(value: object) -> str:
    """An amount of days, always with two decimals, so that a column of them aligns."""
    return "–" if value is None else format_decimal(Decimal(str(value)), "#,##0.00", locale=_LOCALE)


def language(name: str, country_code: str | None) -> str | None:
    """The language of a name in local script, where country and script leave no doubt.

    So that it is read aloud and drawn rightly (the same sign differs in Chinese and Japanese).
    Latin script is used by too many languages to tell.
    """
    likely = str(get_global("likely_subtags").get(f"und_{country_code}", "")).split("_")
    script = _SCRIPTS.get(likely[1]) if len(likely) > 1 else None
    letters = [unicodedata.name(sign, "") for sign in name if sign.isalpha()]
    is_written_so = script and letters and all(each.startswith(script) for each in letters)
    return likely[0] if is_written_so else None


def day(value: str | date | None) -> Markup:
    """A date, readable and machine-readable; nothing → a dash."""
    if not value:
        return Markup("–")
    on = value if isinstance(value, date) else date.fromisoformat(value[:10])
    return Markup('<time datetime="{}">{}</time>').format(
        on.isoformat(), format_date(on, "d MMM y", locale=_LOCALE)
    )


def country(code: str | None) -> str:
    """The English name of an ISO 3166-1 country; the code itself where it has none."""
    return str(_LOCALE.territories.get(code or "", code or "–"))


def address(sought: dict[str, str], **changed: str) -> str:
    """The query string of the same search with something changed; empty parts are left out."""
    return urlencode({name: value for name, value in {**sought, **changed}.items() if value})


def narrows(sought: dict[str, str]) -> bool:
    """Whether a list shows less than everything."""
    return any(value for name, value in sought.items() if name not in ("cursor", "sort"))


def code(text: str) -> Markup:
    """A text in which `backticks` set off what programs write."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))


def weekday(on: date) -> str:
    return format_date(on, "EEE", locale=_LOCALE)


def month(on: date) -> str:
    return format_date(on, "MMMM y", locale=_LOCALE)


def add_wording(app: Flask, zone: ZoneInfo) -> None:
    """Give the templates their filters; moments are written as in the office's zone."""

    def clock(moment: str) -> Markup:
        at = datetime.fromisoformat(moment).astimezone(zone)
        return Markup('<time datetime="{}">{}</time>').format(moment, f"{at:%H:%M}")

    for write in (
        word, tone, language, money, number, days, day, weekday, month, clock, country, address,
        narrows, code,
    ):  # fmt: skip
        app.add_template_filter(write)
