"""What became of a contract's milestones."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID


class MilestoneState(StrEnum):
    SCHEDULED = "scheduled"
    MET = "met"
    PARTIALLY_MET = "partially_met"
    NOT_MET = "not_met"


@dataclass(frozen=True)
class MilestoneOutcome:
    """How a milestone was closed. `evidence` where it was met, `reason` where it was not."""

    milestone_id: UUID
    state: MilestoneState
    decided_on: date
    decided_by: str
    evidence: str | None = None
    reason: str | None = None


#: What each outcome may follow: what was missed or half met can still be met later, but what is
#: met stays met, because an invoice may already rest on it.
MAY_FOLLOW: dict[MilestoneState, frozenset[MilestoneState]] = {
    MilestoneState.MET: frozenset(
        {MilestoneState.SCHEDULED, MilestoneState.PARTIALLY_MET, MilestoneState.NOT_MET}
    ),
    MilestoneState.PARTIALLY_MET: frozenset({MilestoneState.SCHEDULED}),
    MilestoneState.NOT_MET: frozenset({MilestoneState.SCHEDULED, MilestoneState.PARTIALLY_MET}),
}
