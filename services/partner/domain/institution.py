"""What makes the facts about an institution acceptable."""

import unicodedata

from shared.errors import Invalid
from shared.events.partner import Institution
from shared.identifiers import has_valid_ror_checksum

__all__ = ["Institution", "check", "matching_name", "ror_id"]

#: As many characters as are kept of a name for comparison; some signs grow when they are unified.
_COMPARED = 300


def check(institution: Institution, countries: frozenset[str]) -> None:
    """Raises Invalid for an unknown country (ISO 3166-1 alpha-2) or a mistyped ROR id."""
    if institution.country not in countries:
        raise Invalid(
            f"{institution.country!r} is not a country code.",
            rule="known-country",
            field="country",
            accepted="an ISO 3166-1 code of two capitals, such as JO or EG",
        )
    if institution.ror is not None and not has_valid_ror_checksum(institution.ror):
        raise Invalid(
            f"{institution.ror} is not a ROR id: its check digits do not fit. Was it mistyped?",
            rule="ror-checksum",
            field="ror",
            accepted="an id such as https://ror.org/02jx3x895",
        )


def ror_id(told: str | None) -> str | None:
    """A ROR id in the one form that is kept, ``https://ror.org/0xxxxxx##``; "" is none."""
    short = (told or "").strip().lower().removeprefix("https://ror.org/")
    return f"https://ror.org/{short}" if short else None


def matching_name(name: str) -> str:
    """A name as compared for sameness: case, width, accents' encoding and spaces do not count."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())[:_COMPARED]
