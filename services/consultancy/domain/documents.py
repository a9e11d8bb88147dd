"""Versions of a promised document, and what the partner said of each."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from shared.errors import Invalid


class DeliverableState(StrEnum):
    PLANNED = "planned"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    DROPPED = "dropped"


#: Promised, and not yet accepted.
OPEN = (DeliverableState.PLANNED, DeliverableState.SUBMITTED, DeliverableState.RETURNED)


@dataclass(frozen=True)
class DocumentVersion:
    """One submitted version; `sha256` of the document in lower-case hex, and where to find it.

    `same_as`: the number of an earlier version, returned by the partner, with the same document;
    `withdrawn`: why it was taken back, blank where it was not.
    """

    number: int
    sha256: str
    link: str | None
    note: str
    submitted_by: str
    submitted_at: datetime
    same_as: int | None = None
    withdrawn: str = ""


@dataclass(frozen=True)
class Answer:
    """What the partner said. `said_by`: who at the partner, where the office wrote the answer
    down; blank where the partner's own guest account gave it.
    """

    comments: str
    said_by: str
    recorded_by: str
    answered_on: date


@dataclass(frozen=True)
class KeptAnswer:
    """The answer to a version: `outcome` is accepted or returned; `withdrawn`: why it was
    recorded by mistake, blank where it stands.
    """

    version: int
    outcome: DeliverableState
    answer: Answer
    withdrawn: str = ""


def checked_sha256(sha256: str) -> str:
    if not re.fullmatch(r"[0-9a-fA-F]{64}", sha256):
        raise Invalid(
            "The document's SHA-256 is 64 hexadecimal digits; compute it from the file.",
            rule="sha256",
            field="sha256",
            accepted="64 hexadecimal digits",
        )
    return sha256.lower()
