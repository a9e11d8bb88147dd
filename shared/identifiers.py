"""Identifiers: time-ordered UUIDs for machines, references for people, checksums of others'."""

import re
from functools import lru_cache
from uuid import UUID

from uuid_utils.compat import uuid7

__all__ = [
    "UUID",
    "has_valid_orcid_checksum",
    "has_valid_ror_checksum",
    "new_id",
    "reference",
    "uuid_of",
]

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id() -> UUID:
    """A new UUIDv7 (RFC 9562): unique without asking anybody, and sorted by time of making."""
    return uuid7()


#: A UUID from its text; in a batch of events the same ones stand again and again.
uuid_of = lru_cache(maxsize=4096)(UUID)


def reference(prefix: str, year: int, number: int) -> str:
    """What people read, write and say: ``reference("CTR", 2026, 42) == "CTR-2026-0042"``."""
    return f"{prefix}-{year}-{number:04d}"


def has_valid_ror_checksum(ror: str) -> bool:
    """Whether a ROR id ("0xxxxxx##", optionally as URL) carries its ISO 7064 MOD 97-10 digits.

    Source: https://ror.readme.io/docs/identifier (0, six Crockford base-32 signs, two digits).
    """
    match = re.fullmatch(r"(?:https://ror\.org/)?0([0-9a-hjkmnp-tv-z]{6})([0-9]{2})", ror)
    if not match:
        return False
    number = 0
    for sign in match[1]:
        number = number * 32 + _CROCKFORD.index(sign)
    return 98 - (number * 100) % 97 == int(match[2])


def has_valid_orcid_checksum(orcid: str) -> bool:
    """Whether an ORCID iD ("0000-0002-1825-0097") carries its ISO 7064 MOD 11-2 check digit.

    Source: https://support.orcid.org (Structure of the ORCID Identifier).
    """
    match = re.fullmatch(
        r"(?:https://orcid\.org/)?([0-9]{4})-([0-9]{4})-([0-9]{4})-([0-9]{3})([0-9X])", orcid
    )
    if not match:
        return False
    total = 0
    for digit in "".join(match.groups()[:4]):
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    return match[5] == ("X" if check == 10 else str(check))
