"""A contract that is carried out: in force, its milestones decided, ended."""

from datetime import date
from uuid import UUID

from services.contract.domain.lifecycle import MILESTONES_OPEN, ContractState, spoken
from services.contract.domain.milestones import MAY_FOLLOW, MilestoneOutcome, MilestoneState
from services.contract.domain.record import ContractRecord
from shared.errors import Conflict, Invalid, NotFound
from shared.events.contract import (
    ContractCompleted,
    ContractExpired,
    MilestoneMet,
    MilestoneNotMet,
    MilestonePartiallyMet,
    MilestoneTerms,
)
from shared.events.vocabulary import RenewalType


class Performance(ContractRecord):
    """From the day a contract comes into force to its end."""

    def activate(self, on: date) -> None:
        """From here on days may be logged, programmes published and invoices raised."""
        self._require(ContractState.SIGNED, to="be activated")
        if on < self.terms.starts_on:
            raise Conflict(
                f"The contract starts on {self.terms.starts_on}; it becomes active by itself then.",
                rule="start-date-reached",
                field="starts_on",
                accepted=f"{self.terms.starts_on} or later",
            )
        self._become_active(imported=False)

    def milestone_state(self, milestone_id: UUID) -> MilestoneState:
        outcome = self.outcome(milestone_id)
        return outcome.state if outcome else MilestoneState.SCHEDULED

    def outcome(self, milestone_id: UUID) -> MilestoneOutcome | None:
        return next((each for each in self.outcomes if each.milestone_id == milestone_id), None)

    def milestone(self, milestone_id: UUID) -> MilestoneTerms:
        """Raises NotFound where the present terms have no such milestone."""
        for each in self.terms.milestones:
            if each.milestone_id == milestone_id:
                return each
        raise NotFound(
            f"{self.reference} has no milestone {milestone_id}.",
            rule="milestone-exists",
            field="milestone_id",
        )

    def meet_milestone(
        self, milestone_id: UUID, *, evidence: str, met_on: date, by: str, on: date
    ) -> None:
        """What was agreed has been reached; `evidence` says what shows it."""
        milestone = self.milestone(milestone_id)
        if not evidence.strip():
            raise Invalid(
                "Say what shows that the milestone is met.",
                rule="met-needs-evidence",
                field="evidence",
                accepted="a document's reference, link or SHA-256",
            )
        if met_on > on:
            raise Invalid(
                "A milestone cannot be met in the future.",
                rule="met-not-in-future",
                field="met_on",
                accepted=f"{on} or earlier",
            )
        self._decide(
            MilestoneOutcome(milestone_id, MilestoneState.MET, met_on, by, evidence=evidence)
        )
        self.record(
            MilestoneMet(
                contract_id=self.id,
                partner_id=self.partner_id,
                milestone_id=milestone_id,
                title=milestone.title,
                milestone_type=milestone.type,
                amount=milestone.amount,
                met_on=met_on,
                evidence=evidence,
                terms_version=self.terms.version,
            )
        )

    def partially_meet_milestone(
        self, milestone_id: UUID, *, reason: str, by: str, on: date
    ) -> None:
        milestone = self.milestone(milestone_id)
        self._decide(
            MilestoneOutcome(milestone_id, MilestoneState.PARTIALLY_MET, on, by, reason=reason)
        )
        self.record(
            MilestonePartiallyMet(
                contract_id=self.id,
                partner_id=self.partner_id,
                milestone_id=milestone_id,
                title=milestone.title,
                milestone_type=milestone.type,
                amount=milestone.amount,
                met_amount=None,
                met_on=on,
                reason=reason,
                terms_version=self.terms.version,
            )
        )

    def miss_milestone(self, milestone_id: UUID, *, reason: str, by: str, on: date) -> None:
        milestone = self.milestone(milestone_id)
        self._decide(MilestoneOutcome(milestone_id, MilestoneState.NOT_MET, on, by, reason=reason))
        self.record(
            MilestoneNotMet(
                contract_id=self.id,
                partner_id=self.partner_id,
                milestone_id=milestone_id,
                title=milestone.title,
                milestone_type=milestone.type,
                amount=milestone.amount,
                decided_on=on,
                reason=reason,
                terms_version=self.terms.version,
            )
        )

    def complete(self, on: date) -> None:
        """Everything that was agreed has been decided: met, partially met or not met."""
        self._require(ContractState.ACTIVE, to="be completed")
        waiting = [
            each.title
            for each in self.terms.milestones
            if self.milestone_state(each.milestone_id) is MilestoneState.SCHEDULED
        ]
        if waiting:
            raise Conflict(
                "Say first what became of these milestones: " + "; ".join(waiting) + ".",
                rule="milestones-decided",
                field="milestones",
                accepted="every milestone met, partially met or not met",
            )
        self.state = ContractState.COMPLETED
        self.record(ContractCompleted(contract_id=self.id, completed_on=on))

    def expires_by(self, on: date) -> bool:
        """Whether the end has passed. What is evergreen or renews by itself does not expire."""
        return (
            self.terms.renewal is not RenewalType.AUTO
            and self.terms.ends_on is not None
            and self.terms.ends_on < on
        )

    def expire(self, on: date) -> None:
        self._require(ContractState.ACTIVE, to="expire")
        self.state = ContractState.EXPIRED
        self.record(ContractExpired(contract_id=self.id, expired_on=self.terms.ends_on or on))

    def _decide(self, outcome: MilestoneOutcome) -> None:
        self._require(*MILESTONES_OPEN, to="have its milestones decided")
        before = self.milestone_state(outcome.milestone_id)
        if before not in MAY_FOLLOW[outcome.state]:
            raise Conflict(
                f"This milestone is {spoken([before])} and cannot become "
                f"{spoken([outcome.state])}.",
                rule="milestone-state",
                field="milestone_id",
                accepted=spoken(sorted(MAY_FOLLOW[outcome.state])),
            )
        others = (e for e in self.outcomes if e.milestone_id != outcome.milestone_id)
        self.outcomes = (*others, outcome)
