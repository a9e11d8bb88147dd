"""What the contract service takes and gives."""

from services.contract.schemas.given import (
    BurnDownView,
    ContractSummary,
    ContractView,
    ImportedContract,
)
from services.contract.schemas.taken import (
    ContractFilter,
    Decline,
    Draft,
    MilestoneMetBody,
    MilestoneReason,
    Reason,
    Release,
    Revision,
    Sending,
    SignatureBody,
)

__all__ = [
    "BurnDownView",
    "ContractFilter",
    "ContractSummary",
    "ContractView",
    "Decline",
    "Draft",
    "ImportedContract",
    "MilestoneMetBody",
    "MilestoneReason",
    "Reason",
    "Release",
    "Revision",
    "Sending",
    "SignatureBody",
]
