"""What the contract service takes and gives."""

from services.contract.schemas.given import (
    BurnDownView,
    ContractSummary,
    ContractTotalsView,
    ContractView,
    ImportedContract,
    OpenWorkView,
)
from services.contract.schemas.taken import (
    Completion,
    ContractFilter,
    Decline,
    Draft,
    MilestoneCorrection,
    MilestoneMetBody,
    MilestoneMissedBody,
    MilestonePartlyMetBody,
    MilestoneReason,
    Reason,
    Release,
    Revision,
    Sending,
    SignatureBody,
)

__all__ = [
    "BurnDownView",
    "Completion",
    "ContractFilter",
    "ContractSummary",
    "ContractTotalsView",
    "ContractView",
    "Decline",
    "Draft",
    "ImportedContract",
    "MilestoneCorrection",
    "MilestoneMetBody",
    "MilestoneMissedBody",
    "MilestonePartlyMetBody",
    "MilestoneReason",
    "OpenWorkView",
    "Reason",
    "Release",
    "Revision",
    "Sending",
    "SignatureBody",
]
