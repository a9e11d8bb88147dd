"""The states of a contract, and what is possible in which.

draft → in_review → approved → out_for_signature → signed → active → completed or expired;
before signature → cancelled; from review, approval or signature back to draft.
Signed elsewhere: imported → signed, once somebody other than the importer has confirmed it; or
→ cancelled.
"""

from collections.abc import Iterable
from enum import StrEnum


class ContractState(StrEnum):
    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    OUT_FOR_SIGNATURE = "out_for_signature"
    #: Signed elsewhere, as a file says, and not yet confirmed here.
    IMPORTED = "imported"
    SIGNED = "signed"
    ACTIVE = "active"
    COMPLETED = "completed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


#: Until here the terms are still ours to change; a change of an approved draft voids approvals.
EDITABLE = (ContractState.DRAFT, ContractState.IN_REVIEW, ContractState.APPROVED)
BEFORE_SIGNATURE = (*EDITABLE, ContractState.OUT_FOR_SIGNATURE)
#: What has not been put before the partner, or no longer is, is ours alone.
UNSEEN_BY_PARTNERS = (*EDITABLE, ContractState.IMPORTED, ContractState.CANCELLED)
#: A milestone may be decided late: a final report is often accepted after the contract's end.
MILESTONES_OPEN = (ContractState.ACTIVE, ContractState.EXPIRED, ContractState.COMPLETED)

#: A completed contract has no undecided milestone: its decisions are corrected, not withdrawn.
MILESTONES_REOPENED = (ContractState.ACTIVE, ContractState.EXPIRED)


def spoken(words: Iterable[str]) -> str:
    """Words of a closed vocabulary as people say them."""
    return ", ".join(str(word).replace("_", " ") for word in words)
