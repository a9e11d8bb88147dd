"""Countries as files write them, and their ISO 3166-1 codes."""

import re
from functools import lru_cache

import pycountry

#: What people and publishers write beside the names in ISO 3166.
_ALSO = {
    "uk": "GB",
    "great britain": "GB",
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "northern ireland": "GB",
    "kosovo": "XK",
    "palestine": "PS",
    "russia": "RU",
    "south korea": "KR",
    "turkey": "TR",
    "uae": "AE",
    "usa": "US",
    "vietnam": "VN",
}


@lru_cache(maxsize=1024)
def country_code(told: str) -> str:
    """The two-letter code of a country's name or code; what cannot be told stays as it was."""
    word = " ".join(told.split())
    if word.casefold() in _ALSO:
        return _ALSO[word.casefold()]
    try:
        code: str = pycountry.countries.lookup(word).alpha_2
    except LookupError:
        return word.upper() if len(word) == 2 else word
    return code


def country_of_scheme(identifier: str) -> str:
    """The country in an org-id.guide identifier such as ``GB-UKPRN-10003645``; "" for none."""
    match = re.match(r"([A-Z]{2})-[A-Z0-9]", identifier)
    return match[1] if match and pycountry.countries.get(alpha_2=match[1]) else ""
