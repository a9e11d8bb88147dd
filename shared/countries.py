"""Countries as people write them, and their ISO 3166-1 codes."""

import re
import unicodedata
from functools import cache, lru_cache

import pycountry

from shared.errors import Invalid
from shared.names import found

#: ISO 3166-1 alpha-2, with XK as the institutions of Kosovo are listed in practice.
COUNTRIES = frozenset(country.alpha_2 for country in pycountry.countries) | {"XK"}

#: What people write beside the names in ISO 3166 and CLDR: short forms, former names, parts.
_ALSO = {
    "AE": "UAE; Emirates; Emirates United Arab",
    "BA": "Bosnia; BiH",
    "BF": "Upper Volta; Burkina",
    "BJ": "Dahomey",
    "BY": "Belorussia; Byelorussia",
    "BZ": "British Honduras",
    "CD": "DR Congo; Zaire; Congo Dem Rep; DRC; D.R. Congo; RDC; Congo Kinshasa; "
    "Congo Democratic Republic; "
    "Belgian Congo; Democratic Congo",
    "CF": "CAR; Central African Rep",
    "CG": "Congo Brazzaville; Congo Rep; Congo Republic; Republic of Congo; French Congo",
    "CI": "Ivory Coast; Côte d'Ivoire",
    "CN": "PRC; Mainland China; P.R. China; PR China",
    "CV": "Cape Verde; Cape Verde Islands",
    "CZ": "Czech Republic; Czechia",
    "DE": "West Germany; East Germany; GDR; German Democratic Republic; FRG; BRD; DDR",
    "DO": "Dominican Rep; Dominicana",
    "EG": "Egypt Arab Republic; United Arab Republic",
    "ET": "Abyssinia",
    "FK": "Falklands; Malvinas",
    "FM": "Micronesia",
    "GB": "UK; U.K; Great Britain; Britain; England; Scotland; Wales; Northern Ireland; "
    "Cymru; Alba",
    "GH": "Gold Coast",
    "GM": "The Gambia",
    "GR": "EL; Hellas; Hellenic Republic",
    "GY": "British Guiana",
    "HK": "Hong Kong SAR; Hongkong; HKSAR",
    "IE": "Eire; Republic of Ireland; Irish Republic; Southern Ireland; Irish Free State",
    "IR": "Persia",
    "KG": "Kirghizia; Kirgizia; Kirgizstan",
    "KH": "Kampuchea; Khmer Republic",
    "KN": "St Kitts; Saint Kitts",
    "KP": "North Korea; DPRK; Korea North; Korea DPR",
    "KR": "South Korea; ROK; Korea South; Korea Rep; Republic of Korea",
    "LA": "Laos; Lao; Lao PDR",
    "LK": "Ceylon",
    "LS": "Basutoland",
    "MD": "Moldavia",
    "MG": "Malagasy Republic",
    "MK": "Macedonia; FYROM; FYR Macedonia; Former Yugoslav Republic of Macedonia",
    "MM": "Burma",
    "MO": "Macau; Macao SAR; Macau SAR",
    "MW": "Nyasaland",
    "NA": "South West Africa",
    "NL": "Holland; The Netherlands",
    "PS": "Palestine; State of Palestine; Palestinian Territories; Occupied Palestinian Territory; "
    "oPt; Palestinian Territory Occupied; West Bank and Gaza; Palestinian Authority; Gaza; "
    "West Bank",
    "PT": "Portuguese Republic",
    "RU": "Russia",
    "SA": "KSA; Saudi",
    "SR": "Dutch Guiana; Surinam",
    "ST": "Sao Tome; São Tomé",
    "SY": "Syria",
    "SZ": "Swaziland",
    "TH": "Siam",
    "TL": "East Timor",
    "TR": "Turkey; Türkiye",
    "TT": "Trinidad",
    "TW": "Taiwan; China Taiwan; Republic of China; Taiwan ROC; ROC; Chinese Taipei; Formosa",
    "TZ": "Tanzania; Tanganyika; Zanzibar",
    "US": "USA; U.S; America; United States of America; The States",
    "VA": "Vatican; Holy See; Vatican City",
    "VN": "Vietnam; North Vietnam; South Vietnam",
    "VU": "New Hebrides",
    "WS": "Western Samoa",
    "XK": "Kosovo; Republic of Kosovo; Kosova",
    "ZA": "RSA; Suid-Afrika",
    "ZM": "Northern Rhodesia",
    "ZW": "Rhodesia; Southern Rhodesia",
}

#: Names that more than one country of today has, or has come out of.
_SHARED = {
    "CD CG": "Congo; Kongo; Kongó; Конго; الكونغو; Kongo Republic",
    "KP KR": "Korea; Corea; Corée; Coreia; Koreya; Koreja; Корея; كوريا; Κορέα; コリア; Kore",
    "CZ SK": "Czechoslovakia",
    "BA HR ME MK RS SI XK": "Yugoslavia; Jugoslavia; Jugoslavija",
    "ME RS": "Serbia and Montenegro",
    "BY RU UA": "USSR; Soviet Union; CCCP",
    "VG VI": "Virgin Islands",
    "MF SX": "Saint Martin; St Martin; Sint Maarten and Saint Martin",
    "GF GY SR": "Guiana; The Guianas",
    "GN GQ GW": "Guineas",
    "AS WS": "Samoan Islands",
    "BQ CW SX": "Netherlands Antilles; Dutch Antilles",
    "KI TV": "Gilbert and Ellice Islands",
    "DO HT": "Hispaniola",
    "GB IE": "British Isles",
    "AG BB DM GD JM LC TT VC": "West Indies",
}

#: Words that are often shortened.
_IN_FULL = {
    "rep": "republic",
    "dem": "democratic",
    "st": "saint",
    "is": "islands",
    "isl": "islands",
    "fed": "federation",
    "utd": "united",
}
#: Languages in which lists of countries are written all over the world.
_OF_THE_WORLD = ("ar", "de", "es", "fr", "it", "ja", "nl", "pl", "pt", "ru", "tr", "uk", "zh")

#: Words that add nothing to the name of a country.
_FILLERS = frozenset(["the", "of", "and"])


@lru_cache(maxsize=4096)
def country_code(written: str) -> str:
    """The two-letter code of a country's code or name in whatever case, language or order of words.

    Raises Invalid, with the candidates, for a name that more than one country has; and for what is
    no country.
    """
    if written in COUNTRIES:
        return written
    key = _key(written)
    codes = _of_code(key) or _english().get(key) or _english_sorted().get(_sorted(key))
    codes = codes or (_local().get(key) if len(key) > 3 or not key.isascii() else None)
    if codes and len(codes) == 1:
        return next(iter(codes))
    if codes:
        candidates = ", ".join(f"{code} ({country_name(code)})" for code in sorted(codes))
        raise Invalid(
            f"{written[:80]!r} is the name of more than one country: {candidates}.",
            rule="country-read-in-one-way",
            field="country",
            accepted=" or ".join(sorted(codes)),
        )
    raise Invalid(
        f"{written[:80]!r} is not the name or the code of a country."
        if key
        else "The country is missing.",
        rule="known-country",
        field="country",
        accepted="an ISO 3166-1 code of two capitals, such as JO or EG, or a country's usual name",
    )


def country_name(code: str) -> str:
    """The usual English name."""
    country = pycountry.countries.get(alpha_2=code)
    if country is None or code in ("CD", "CG"):  # the standard calls the latter Congo alone
        return _ALSO.get(code, code).partition(";")[0]
    return str(getattr(country, "common_name", country.name))


def country_of_scheme(identifier: str) -> str:
    """The country in an org-id.guide identifier such as ``GB-UKPRN-10003645``; "" for none."""
    match = re.match(r"([A-Z]{2})-[A-Z0-9]", identifier)
    return match[1] if match and match[1] in COUNTRIES else ""


def _key(written: str) -> str:
    """Letters and digits of a name, folded; dots are left out (U.S.A.), the rest parts words."""
    text = found(written).replace(".", "").replace("'", "")
    spaced = "".join(sign if unicodedata.category(sign)[0] in "LMN" else " " for sign in text)
    words = [_IN_FULL.get(word, word) for word in spaced.split()]
    return " ".join(word for word in words if word != "the")


def _sorted(key: str) -> str:
    return " ".join(sorted(set(key.split()) - _FILLERS))


def _of_code(key: str) -> set[str] | None:
    code = key.upper()
    if code in COUNTRIES:
        return {code}
    if len(code) == 3 and code.isascii() and code.isalpha():
        country = pycountry.countries.get(alpha_3=code)
        return {country.alpha_2} if country else None
    return None


@cache
def _english() -> dict[str, set[str]]:
    """The codes that each English name has."""
    from babel import Locale  # only here: it takes long to load

    names: dict[str, set[str]] = {}
    for country in pycountry.countries:
        for kind in ("name", "official_name", "common_name"):
            if written := getattr(country, kind, ""):
                names.setdefault(_key(written), set()).add(country.alpha_2)
    for code, written in Locale("en").territories.items():
        if code in COUNTRIES:
            names.setdefault(_key(written), set()).add(code)
    for code, also in _ALSO.items():
        for written in also.split(";"):
            names[_key(written)] = {code}
    for codes, shared in _SHARED.items():
        for written in shared.split(";"):
            names[_key(written)] = set(codes.split())
    return names


@cache
def _english_sorted() -> dict[str, set[str]]:
    """As `_english`, with the words in the order of the alphabet: Korea, Republic of."""
    names: dict[str, set[str]] = {}
    for key, codes in _english().items():
        names.setdefault(_sorted(key), set()).update(codes)
    return names


@cache
def _local() -> dict[str, set[str]]:
    """The codes that each name has: of every country in its own languages, of all in a few.

    Takes a fraction of a second, once. All languages of CLDR would take many, and give more names
    that two countries share.
    """
    from babel import Locale, UnknownLocaleError
    from babel.languages import get_official_languages

    names: dict[str, set[str]] = {}
    for language in _OF_THE_WORLD:
        for code, written in Locale.parse(language).territories.items():
            if code in COUNTRIES:
                names.setdefault(_key(written), set()).add(code)
    for code in COUNTRIES:
        for language in get_official_languages(code, regional=True, de_facto=True):
            try:
                written = Locale.parse(language).territories.get(code, "")
            except (UnknownLocaleError, ValueError):
                continue
            names.setdefault(_key(written), set()).add(code)
    names.pop("", None)
    return names
