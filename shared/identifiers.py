"""Identifiers: time-ordered UUIDs for machines, references for people, checksums of others'."""

import re
from functools import lru_cache
from uuid import UUID

from uuid_utils.compat import uuid7

from shared.names import same

__all__ = [
    "UUID",
    "new_id",
    "orcid_id",
    "reference",
    "ror_id",
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


def ror_id(pasted: str) -> str | None:
    """The ROR id in what people paste, as ``https://ror.org/0xxxxxx##``; None where it is none.

    With or without scheme and host, in capitals, with spaces, a slash or a question mark behind.
    The check digits (ISO 7064 MOD 97-10) must fit.
    Source: https://ror.readme.io/docs/identifier (0, six Crockford base-32 signs, two digits).
    """
    bare = _bare(pasted, "ror.org", "ror")
    match = re.fullmatch(r"0([0-9a-hjkmnp-tv-z]{6})([0-9]{2})", bare)
    if not match:
        return None
    number = 0
    for sign in match[1]:
        number = number * 32 + _CROCKFORD.index(sign)
    return f"https://ror.org/{bare}" if 98 - (number * 100) % 97 == int(match[2]) else None


def orcid_id(pasted: str) -> str | None:
    """The ORCID iD in what people paste, as ``0000-0002-1825-0097``; None where it is none.

    With or without scheme, host, hyphens (of any kind) and spaces, with a small x. The check digit
    (ISO 7064 MOD 11-2) must fit.
    Source: https://support.orcid.org (Structure of the ORCID Identifier).
    """
    bare = _bare(pasted, "orcid.org", "orcid").replace("-", "").upper()
    match = re.fullmatch(r"([0-9]{15})([0-9X])", bare)
    if not match:
        return None
    total = 0
    for digit in match[1]:
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    if match[2] != ("X" if check == 10 else str(check)):
        return None
    return "-".join(bare[start : start + 4] for start in range(0, 16, 4))


def _bare(pasted: str, host: str, label: str) -> str:
    """What follows the host or the label, in small letters, without spaces."""
    text = re.sub(r"\s", "", same(pasted))
    if len(text) > 200:
        return ""
    address = rf"(?:{label}(?:id)?:)?(?:(?:https?:)?//)?(?:(?:www\.)?{re.escape(host)}/)?"
    return re.sub(rf"^{address}", "", text).partition("?")[0].partition("#")[0].rstrip("/.,;")
