"""What makes the facts about an institution acceptable."""

from dataclasses import replace

from shared import identifiers, names
from shared.errors import Invalid
from shared.events.partner import Institution

__all__ = ["Institution", "check", "cleaned", "matching_name", "ror_id"]

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


def matching_name(name: str) -> str:
    """A name as compared for sameness; see `shared.names.same`."""
    return names.same(name)[:_COMPARED]


def _check_name(field: str, name: str) -> None:
    if names.has_line_break(name):
        raise Invalid(
            "A name runs over one line. Is a quotation mark missing before the line break?",
            rule="name-on-one-line",
            field=field,
            accepted="a name without line breaks",
        )
    if not any(sign.isalnum() for sign in name):
        raise Invalid(
            f"{name[:40]!r} has no letter or digit.",
            rule="name-has-letters",
            field=field,
            accepted="the name of an institution",
        )
