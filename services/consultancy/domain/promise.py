"""What is promised of a deliverable."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.consultancy.domain.contract_budget import ContractBudget
from services.consultancy.domain.engagement import Engagement
from shared.errors import Invalid


@dataclass(frozen=True)
class Promise:
    """What is promised, and may be corrected until the partner has accepted it."""

    title: str
    due_on: date
    milestone_id: UUID | None

    def check(
        self, engagement: Engagement, budget: ContractBudget, before: "Promise | None" = None
    ) -> None:
        """Raises Invalid for a milestone of another contract, and for a due date before the
        engagement starts or outside the contract's period. What stays is not judged again.
        """
        if before is None or self.due_on != before.due_on:
            budget.require_inside_period(self.due_on, self.due_on, "due_on", "due_on")
            if self.due_on < engagement.starts_on:
                raise Invalid(
                    f"The deliverable would be due before the engagement starts on "
                    f"{engagement.starts_on}.",
                    rule="due-after-start",
                    field="due_on",
                    accepted=f"{engagement.starts_on} or later",
                )
        if self.milestone_id is not None and (
            before is None or self.milestone_id != before.milestone_id
        ):
            budget.require_milestone(self.milestone_id)
