"""Countries as people write them, and their ISO 3166-1 codes."""

import re
from functools import lru_cache

import pycountry

from shared.country_names import ALSO, COUNTRIES, in_order, kept, key
from shared.errors import Invalid

__all__ = ["COUNTRIES", "country_code", "country_name", "country_of_scheme"]

#: What stands between several names of a country.
_BETWEEN = re.compile(r"[,;/()&|]|\band\b")


@lru_cache(maxsize=4096)
def country_code(written: str) -> str:
    """The two-letter code of a country's code or name in whatever case, language or order of words.

    Also of several names of one country: England & Wales; United States (USA). Raises Invalid,
    with the candidates, for a name that more than one country has; and for what is no country.
    """
    if written in COUNTRIES:
        return written
    codes = _codes(key(written)) or _codes_of_parts(written)
    if len(codes) == 1:
        return codes[0]
    if codes:
        candidates = ", ".join(f"{code} ({country_name(code)})" for code in codes)
        raise Invalid(
            f"{written[:80]!r} can mean more than one country: {candidates}.",
            rule="country-read-in-one-way",
            field="country",
            accepted=" or ".join(codes),
        )
    raise Invalid(
        f"{written[:80]!r} is not the name or the code of a country."
        if key(written)
        else "The country is missing.",
        rule="known-country",
        field="country",
        accepted="an ISO 3166-1 code of two capitals, such as JO or EG, or a country's usual name",
    )


def country_name(code: str) -> str:
    """The usual English name."""
    country = pycountry.countries.get(alpha_2=code)
    if country is None or code in ("CD", "CG"):  # the standard calls the latter Congo alone
        return ALSO.get(code, code).partition(";")[0]
    return str(getattr(country, "common_name", country.name))


def country_of_scheme(identifier: str) -> str:
    """The country in an org-id.guide identifier such as ``GB-UKPRN-10003645``; "" for none."""
    match = re.match(r"([A-Z]{2})-[A-Z0-9]", identifier)
    return match[1] if match and match[1] in COUNTRIES else ""


def _codes(name: str) -> list[str]:
    """The codes that a name has, by its key; a code has itself."""
    if own := _own_code(name):
        return [own]
    names = kept()
    codes = names["english"].get(name) or names["reordered"].get(in_order(name))
    if not codes and (len(name) > 3 or not name.isascii()):
        codes = names["local"].get(name)
    return codes.split() if codes else []


def _codes_of_parts(written: str) -> list[str]:
    """The codes that several names in one text have; none where one of them is unknown."""
    parts = [each for each in (key(part) for part in _BETWEEN.split(written[:200])) if each]
    codes = [_codes(each) for each in parts]
    return sorted({code for each in codes for code in each}) if all(codes) else []


def _own_code(name: str) -> str:
    code = name.upper()
    if code in COUNTRIES:
        return code
    if len(code) == 3 and code.isascii() and code.isalpha():
        country = pycountry.countries.get(alpha_3=code)
        return country.alpha_2 if country else ""
    return ""
