"""Entries in registers of institutions, as files write them."""

import re

#: In one word, as org-id.guide has it: GB-COH-00123456.
_ORG_ID = re.compile(r"([A-Za-z]{2,3}-[A-Za-z][A-Za-z0-9_]*)-(.+)")


def register_entry(written: str) -> tuple[str, str]:
    """Scheme and id; of what is no entry, something that the partner service refuses."""
    match = _ORG_ID.fullmatch(written)
    return (match[1], match[2]) if match else (written, "-")
