"""The parties of a release: as references to its list of them, or inline as in OCDS 1.0."""

import re

from services.imports.countries import country_code, country_of_scheme
from services.imports.ocds import Plain, by_id, inner, listed, shown, text, words
from services.imports.published import PublishedPartner
from shared.countries import COUNTRIES
from shared.events.vocabulary import Sector
from shared.names import same

_SCHEME = re.compile(r"[A-Za-z]{2,3}-[A-Za-z][A-Za-z0-9_]*")


def buyers(merged: Plain, parties: list[Plain]) -> list[Plain]:
    """Who buys; where nobody is called the buyer, whoever runs the procurement. One without a name
    is no reason to take another."""
    named = (merged.get("buyer"), inner(merged.get("tender")).get("procuringEntity"))
    for reference, role in zip(named, ("buyer", "procuringEntity"), strict=True):
        given = inner(reference)
        if found := [full(given, parties)] if any(given.values()) else in_role(parties, role):
            return found
    return []


def name_of(party: Plain) -> str:
    """What it is called, else its legal name."""
    return text(party.get("name")) or text(inner(party.get("identifier")).get("legalName"))


def why_nameless(parties: list[Plain]) -> str:
    """What is wrong with parties of which none has a name; "" where there is none at all."""
    for each in parties:
        told = each.get("name")
        if told is not None and not isinstance(told, str):
            return f"the name of the partner is {shown(told)}, not text"
    return "the partner has no name" if parties else ""


def full(reference: Plain, parties: list[Plain]) -> Plain:
    """A reference to an organisation with all that the list of parties says of it."""
    party = by_id(parties, reference.get("id")) if words(reference.get("id")) else None
    if party is None:
        name = same(name_of(reference))
        party = next((each for each in parties if name and same(name_of(each)) == name), {})
    return party | {name: value for name, value in reference.items() if value}


def in_role(parties: list[Plain], role: str) -> list[Plain]:
    roles = ((each, each.get("roles")) for each in parties)
    return [each for each, its in roles if isinstance(its, list) and role in its]


def published(party: Plain, sector: Sector) -> PublishedPartner:
    identifier, name = inner(party.get("identifier")), name_of(party)
    legal_name = text(identifier.get("legalName")) or name
    country = _country(party)
    return PublishedPartner(
        name=legal_name,
        country=country,
        sector=sector,
        aliases=(name,) if same(name) != same(legal_name) else (),
        identifiers=_identifiers(party),
    )


def _country(party: Plain) -> str:
    """Its address's code or country, else its register's; as it is written where none is known."""
    address = inner(party.get("address"))
    told = [words(address.get(name)) for name in ("country", "countryCode", "countryName")]
    codes = [country_code(each) for each in told if each]
    schemes = (words(inner(party.get("identifier")).get("scheme")), words(party.get("id")))
    codes_of_schemes = (country_of_scheme(each) for each in schemes)
    known = [each for each in codes if each in COUNTRIES]
    return next(iter([*known, *filter(None, codes_of_schemes), *codes]), "")


def _identifiers(party: Plain) -> tuple[tuple[str, str], ...]:
    """Its entries in registers; what is none is passed over."""
    told = (inner(party.get("identifier")), *listed(party.get("additionalIdentifiers")))
    pairs = ((words(each.get("scheme")), words(each.get("id"))) for each in told)
    found = [(scheme, id) for scheme, id in pairs if _SCHEME.fullmatch(scheme) and id]
    return tuple(
        each for each in dict.fromkeys(found) if len(each[0]) <= 40 and len(each[1]) <= 100
    )
