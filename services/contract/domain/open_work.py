"""What is still going on under a contract, as the services that own it last told.

Kept so that no contract ends in silence over work that nobody finished (C11).
"""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from shared.events.contract import OpenWork


@dataclass(eq=False, kw_only=True)
class KnownDeliverable:
    """A deliverable of the consultancy; open until it is accepted or dropped."""

    id: UUID
    contract_id: UUID
    is_open: bool = True


@dataclass(eq=False, kw_only=True)
class KnownProgramme:
    """A programme of faculty development; open until it is completed or cancelled."""

    id: UUID
    contract_id: UUID
    is_open: bool = True


@dataclass(eq=False, kw_only=True)
class KnownPackLine:
    """Days of an entry on a pack of finance: billed, or (negative) credited."""

    pack_id: UUID
    entry_id: UUID
    contract_id: UUID
    days: Decimal


#: One of it, several of it.
_NOUNS = {
    "engagements": ("engagement", "engagements"),
    "draft_days": ("day not submitted", "days not submitted"),
    "submitted_days": ("submitted day not decided", "submitted days not decided"),
    "rejected_days": ("rejected day", "rejected days"),
    "unbilled_days": ("approved day not invoiced", "approved days not invoiced"),
    "deliverables": ("deliverable", "deliverables"),
    "programmes": ("programme", "programmes"),
    "invoices": ("invoice", "invoices"),
    "contracts": ("contract under it", "contracts under it"),
    "milestones": ("milestone not decided", "milestones not decided"),
}


def said(work: OpenWork) -> str:
    """``2 engagements, 3.5 days not submitted``."""
    return ", ".join(
        f"{Decimal(number).normalize():f} {one if number == 1 else several}"
        for name, (one, several) in _NOUNS.items()
        if (number := getattr(work, name))
    )
