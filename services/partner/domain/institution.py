"""What makes the facts about an institution acceptable."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from shared import identifiers, names
from shared.errors import Invalid
from shared.events.partner import Institution, RegisterEntry

__all__ = [
    "Institution",
    "check",
    "cleaned",
    "matching_name",
    "other_matching_names",
    "register_entries",
    "register_keys",
    "ror_id",
]

#: A register in the list of org-id.guide, such as GB-COH (companies) or GB-CHC (charities).
_SCHEME = re.compile(r"[A-Z]{2}-[A-Z][A-Z0-9_-]{1,30}")
_ROR_SCHEMES = ("ROR", "XI-ROR")
#: Registers whose numbers have leading zeros, which spreadsheets lose.
_NUMBER_LENGTHS = {"GB-COH": 8}

#: As many characters as are kept of a name for comparison; some signs grow when they are unified.
_COMPARED = 300


def check(institution: Institution, countries: frozenset[str]) -> None:
    """Raises Invalid for an unknown country (ISO 3166-1 alpha-2) and for what is not a name."""
    if institution.country not in countries:
        raise Invalid(
            f"{institution.country!r} is not a country code.",
            rule="known-country",
            field="country",
            accepted="an ISO 3166-1 code of two capitals, such as JO or EG",
        )
    for field, name in (
        ("legal_name", institution.legal_name),
        ("local_name", institution.local_name),
        *(("aliases", each) for each in institution.aliases),
    ):
        if name is not None:
            _check_name(field, name)


def cleaned(institution: Institution) -> Institution:
    """The institution with its names as they are kept: without invisible characters."""
    local = institution.local_name
    aliases = [names.clean(each) for each in institution.aliases]
    return replace(
        institution,
        legal_name=names.clean(institution.legal_name),
        local_name=local and names.clean(local),
        aliases=tuple(dict.fromkeys(aliases)),
    )


def ror_id(told: str | None) -> str | None:
    """A ROR id in the one form that is kept, ``https://ror.org/0xxxxxx##``; "" is none.

    Raises Invalid for one whose check digits do not fit.
    """
    if not told or not names.clean(told):
        return None
    kept = identifiers.ror_id(told)
    if kept is None:
        raise Invalid(
            f"{told[:80]} is not a ROR id: its check digits do not fit. Was it mistyped?",
            rule="ror-checksum",
            field="ror",
            accepted="an id such as https://ror.org/02jx3x895",
        )
    return kept


def register_entries(
    told: Iterable[Mapping[str, str]], ror: str | None
) -> tuple[tuple[RegisterEntry, ...], str | None]:
    """Entries in registers (scheme and id) as they are kept, and the ROR id, which may be among
    them. Raises Invalid for a scheme that is none, and for an id without letter or digit."""
    kept = []
    for entry in told:
        scheme = names.clean(entry["scheme"]).upper()
        id = re.sub(r"\s", "", names.clean(entry["id"])).upper()
        if scheme in _ROR_SCHEMES:
            ror = ror or id
            continue
        if not _SCHEME.fullmatch(scheme) or not any(sign.isalnum() for sign in id):
            raise Invalid(
                f"{scheme}-{id} is not an entry in a register.",
                rule="register-entry",
                field="identifiers",
                accepted="a scheme of org-id.guide and the id in it, such as GB-COH and 00123456",
            )
        id = id.zfill(_NUMBER_LENGTHS.get(scheme, 0)) if id.isdigit() else id
        kept.append(RegisterEntry(scheme, id))
    return tuple(dict.fromkeys(kept)), ror_id(ror)


def register_keys(institution: Institution) -> tuple[str, ...]:
    """The ROR id and the register entries, each as one text that no other institution has."""
    entries = (f"{each.scheme}-{each.id}" for each in institution.identifiers)
    return (*filter(None, [institution.ror]), *entries)


def matching_name(name: str) -> str:
    """A name as compared for sameness; see `shared.names.same`."""
    return names.same(name)[:_COMPARED]


def other_matching_names(institution: Institution) -> tuple[str, ...]:
    """The local name and the aliases as compared, each once."""
    names = (*institution.aliases, *filter(None, [institution.local_name]))
    return tuple(dict.fromkeys(matching_name(each) for each in names))


def _check_name(field: str, name: str) -> None:
    if names.has_line_break(name):
        raise Invalid(
            "The name contains a line break. Is a quotation mark missing before it?",
            rule="name-on-one-line",
            field=field,
            accepted="a name without line breaks",
        )
    if not any(sign.isalpha() for sign in name):  # but digits, a date, an ellipsis
        raise Invalid(
            f"{name[:40]!r} is not a name: it has no letter.",
            rule="name-has-letters",
            field=field,
            accepted="the name of an institution",
        )
