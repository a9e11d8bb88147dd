"""Names of countries as people write them: collected from the standards, and folded for finding.

`country_names.json` holds what `collected` makes, since that takes a second and more:
``python -m shared.country_names`` writes it, a test holds them together.
"""

import gettext
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import orjson
import pycountry

from shared.names import found

#: ISO 3166-1 alpha-2, with XK as the institutions of Kosovo are listed in practice.
COUNTRIES = frozenset(country.alpha_2 for country in pycountry.countries) | {"XK"}

_FILE = Path(__file__).with_suffix(".json")
_KINDS = ("name", "official_name", "common_name")

#: What people write beside the names in ISO 3166 and CLDR: short forms, former names, parts.
ALSO = {
    "AE": "UAE; Emirates; Emirates United Arab",
    "AG": "Antigua",
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
    "CI": "Ivory Coast; Côte d'Ivoire; Elfenbeinküste; Costa de Marfil; Costa d'Avorio",
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
    "GF": "Guyane",
    "GH": "Gold Coast",
    "GM": "The Gambia",
    "GR": "EL; Hellas; Hellenic Republic",
    "GY": "British Guiana",
    "HK": "Hong Kong SAR; Hongkong; HKSAR; Hong Kong China",
    "IE": "Eire; Republic of Ireland; Irish Republic; Southern Ireland; Irish Free State",
    "IN": "Bharat",
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
    "MX": "Méjico",
    "NA": "South West Africa",
    "NL": "Holland; The Netherlands",
    "PS": "Palestine; State of Palestine; Palestinian Territories; Occupied Palestinian Territory; "
    "oPt; Palestinian Territory Occupied; West Bank and Gaza; Palestinian Authority; Gaza; "
    "West Bank; فلسطين; دولة فلسطين; السلطة الفلسطينية",
    "PG": "Papua",
    "PT": "Portuguese Republic",
    "RU": "Russia",
    "SA": "KSA; Saudi",
    "SR": "Dutch Guiana; Surinam",
    "ST": "Sao Tome; São Tomé",
    "SY": "Syria",
    "SZ": "Swaziland",
    "TC": "Turks and Caicos",
    "TH": "Siam",
    "TL": "East Timor",
    "TR": "Turkey; Türkiye",
    "TT": "Trinidad",
    "TW": "Taiwan; China Taiwan; Republic of China; Taiwan ROC; ROC; Chinese Taipei; Formosa",
    "TZ": "Tanzania; Tanganyika; Zanzibar",
    "US": "USA; U.S; America; United States of America; The States",
    "VA": "Vatican; Holy See; Vatican City",
    "VE": "Venezuela RB",
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


#: The codes that a name has, by its key: parted by spaces.
Names = dict[str, str]


def key(written: str) -> str:
    """Letters and digits of a name, folded; dots are left out (U.S.A.), the rest parts words."""
    text = found(written).replace(".", "").replace("'", "")
    spaced = "".join(sign if unicodedata.category(sign)[0] in "LMN" else " " for sign in text)
    words = [_IN_FULL.get(word, word) for word in spaced.split()]
    return " ".join(word for word in words if word != "the")


def in_order(key: str) -> str:
    """A key with its words in the order of the alphabet: Korea, Republic of."""
    return " ".join(sorted(set(key.split()) - _FILLERS))


@cache
def kept() -> dict[str, Names]:
    """The collected names: `english`, with `reordered` words, and `local`."""
    names: dict[str, Names] = orjson.loads(_FILE.read_bytes())
    return names


def collected() -> dict[str, Names]:
    """As `kept`, from pycountry, CLDR and the lists here."""
    english = _english()
    reordered: dict[str, set[str]] = {}
    for name, codes in english.items():
        reordered.setdefault(in_order(name), set()).update(codes)
    local: dict[str, set[str]] = {}
    for code, written in _local():
        local.setdefault(key(written), set()).add(code)
    local = {name: codes for name, codes in local.items() if name and name not in english}
    kinds = {"english": english, "local": local, "reordered": reordered}
    return {
        kind: {name: " ".join(sorted(names[name])) for name in sorted(names)}
        for kind, names in kinds.items()
    }


def _english() -> dict[str, set[str]]:
    from babel import Locale  # only here: it takes long to load

    names: dict[str, set[str]] = {}
    for country in pycountry.countries:
        for kind in _KINDS:
            if written := getattr(country, kind, ""):
                names.setdefault(key(written), set()).add(country.alpha_2)
    for code, written in Locale("en").territories.items():
        if code in COUNTRIES:
            names.setdefault(key(written), set()).add(code)
    for code, also in ALSO.items():
        for written in also.split(";"):
            names[key(written)] = {code}
    for codes, shared in _SHARED.items():
        for written in shared.split(";"):
            names[key(written)] = set(codes.split())
    return names


def _local() -> Iterator[tuple[str, str]]:
    """Codes and names: of every country in its own languages, of all in a few.

    All languages of CLDR would give more names that two countries share.
    """
    from babel import Locale, UnknownLocaleError
    from babel.languages import get_official_languages

    for language in _OF_THE_WORLD:
        for code, written in Locale.parse(language).territories.items():
            if code in COUNTRIES:
                yield code, written
    for code in COUNTRIES:
        for language in get_official_languages(code, regional=True, de_facto=True):
            yield from ((code, each) for each in _translated(code, language))
            try:
                yield code, Locale.parse(language).territories.get(code, "")
            except (UnknownLocaleError, ValueError):
                continue


def _translated(code: str, language: str) -> Iterator[str]:
    """The names in ISO 3166 in another language, the official one among them."""
    country = pycountry.countries.get(alpha_2=code)
    if country is None or not gettext.find("iso3166-1", pycountry.LOCALES_DIR, [language]):
        return
    words = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, [language])
    for kind in _KINDS:
        if written := getattr(country, kind, ""):
            yield words.gettext(written)


if __name__ == "__main__":
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    _FILE.write_bytes(orjson.dumps(collected(), option=options))
