"""Deciding on a contract's milestones, and correcting what was decided."""

from datetime import date
from typing import Any
from uuid import UUID

from services.contract.domain.lifecycle import MILESTONES_OPEN, MILESTONES_REOPENED, spoken
from services.contract.domain.milestones import Decision, MilestoneOutcome, MilestoneState
from services.contract.domain.record import ContractRecord
from shared.dates import check_happened
from shared.errors import Conflict, NotFound
from shared.events import Event
from shared.events.contract import (
    MilestoneMet,
    MilestoneNotMet,
    MilestonePartiallyMet,
    MilestoneReopened,
    MilestoneTerms,
)
from shared.money import total

#: The field in which each decision is dated.
_DATED_IN = {MilestoneState.MET: "met_on"}


class Decisions(ContractRecord):
    """What became of the milestones: the latest decision on each counts."""

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

    @property
    def undecided(self) -> tuple[MilestoneTerms, ...]:
        return tuple(e for e in self.terms.milestones if self.outcome(e.milestone_id) is None)

    @property
    def work_since(self) -> date:
        """The first date on which something under the contract can have been reached."""
        return min(self.terms.starts_on, self.signed_on or self.terms.starts_on)

    @property
    def accepted_percent(self) -> int | None:
        """How much of what was promised is met, rounded down; None without milestones.

        Payment milestones count by their amounts; where there are none, all count alike.
        """
        promised = [each for each in self.terms.milestones if each.amount is not None]
        if not promised:
            shares = [self._share_met(each.milestone_id) for each in self.terms.milestones]
            return sum(shares) // len(shares) if shares else None
        currency = promised[0].amount.currency  # type: ignore[union-attr]
        met = [
            outcome.met_amount
            for each in promised
            if (outcome := self.outcome(each.milestone_id)) and outcome.met_amount is not None
        ]
        whole = total([each.amount for each in promised if each.amount is not None], currency)
        return total(met, currency).minor * 100 // whole.minor if whole else None

    def decide_milestone(
        self, milestone_id: UUID, decision: Decision, *, by: str, latest: date
    ) -> None:
        """A first decision, or a later one by which more is met than before.

        latest: the last possible date of it. Raises Conflict where an earlier decision says as
        much or more: that is corrected, with a reason.
        """
        self._require(*MILESTONES_OPEN, to="have its milestones decided")
        milestone, before = self.milestone(milestone_id), self.outcome(milestone_id)
        outcome = MilestoneOutcome.of(milestone, decision, by=by, correction=None)
        if before is not None and not before.rises_to(outcome):
            raise Conflict(
                f"“{milestone.title}” was decided on {before.decided_on}: "
                f"{spoken([before.state])}. If that is wrong, correct the decision and say why.",
                rule="milestone-state",
                field="milestone_id",
                accepted="a decision by which more is met, or a correction",
            )
        since, follows = self.work_since, "work under the contract can have begun"
        if before is not None and before.decided_on > since:
            since, follows = before.decided_on, "the decision that it follows"
        self._check_date(outcome, since, latest, follows)
        self._decide(milestone, outcome)

    def correct_milestone(
        self,
        milestone_id: UUID,
        decision: Decision,
        *,
        correction: str,
        by: str,
        latest: date,
        billed_by: str | None,
    ) -> None:
        """Put a decision in place of the one before; `correction` says what was wrong with it.

        billed_by: the invoice that was issued for it, if any; then only how much is met can
        change, and the difference is invoiced or credited.
        """
        self._require(*MILESTONES_OPEN, to="have its milestones decided")
        milestone, before = self.milestone(milestone_id), self._decided(milestone_id)
        outcome = MilestoneOutcome.of(milestone, decision, by=by, correction=correction)
        self._check_date(outcome, self.work_since, latest, "work under the contract can have begun")
        if outcome.says_the_same_as(before):
            raise Conflict(
                "This is what was decided already.",
                rule="correction-changes-something",
                field="state",
                accepted="another state, share, date, evidence or reason",
            )
        if billed_by is not None and outcome.met_amount == before.met_amount:
            raise self._billed(milestone, billed_by)
        self._decide(milestone, outcome)

    def reopen_milestone(self, milestone_id: UUID, reason: str, *, billed_by: str | None) -> None:
        """Withdraw a decision that should not have been made: the milestone is scheduled again."""
        self._require(*MILESTONES_REOPENED, to="have a decision withdrawn; correct it instead")
        milestone, before = self.milestone(milestone_id), self._decided(milestone_id)
        if billed_by is not None:
            raise self._billed(milestone, billed_by)
        self.outcomes = tuple(each for each in self.outcomes if each is not before)
        self.record(MilestoneReopened(**self._of(milestone), reason=reason))

    def _of(self, milestone: MilestoneTerms) -> dict[str, Any]:
        """What every event about a milestone says of it."""
        return {
            "contract_id": self.id,
            "partner_id": self.partner_id,
            "milestone_id": milestone.milestone_id,
            "title": milestone.title,
            "milestone_type": milestone.type,
            "amount": milestone.amount,
        }

    def _share_met(self, milestone_id: UUID) -> int:
        """In percent, rounded down; a part of unknown size counts as nothing."""
        outcome = self.outcome(milestone_id)
        if outcome is None:
            return 0
        return 100 if outcome.state is MilestoneState.MET else int((outcome.fraction or 0) * 100)

    def _decided(self, milestone_id: UUID) -> MilestoneOutcome:
        outcome = self.outcome(milestone_id)
        if outcome is None:
            raise Conflict(
                "Nothing has been decided on this milestone yet.",
                rule="milestone-decided",
                field="milestone_id",
                accepted="a milestone that is met, partially met or not met",
            )
        return outcome

    def _billed(self, milestone: MilestoneTerms, invoice: str) -> Conflict:
        return Conflict(
            f"“{milestone.title}” is invoiced by {invoice}, so that how much of it is met can be "
            "corrected, and the difference is invoiced or credited. Anything else can be "
            "corrected after finance has voided the invoice, or credited it in full.",
            rule="milestone-billed",
            field="milestone_id",
            accepted="another share of the milestone",
        )

    def _check_date(
        self, outcome: MilestoneOutcome, since: date, latest: date, follows: str
    ) -> None:
        check_happened(
            outcome.decided_on,
            since=since,
            latest=latest,
            what="The decision on the milestone",
            follows=follows,
            field=_DATED_IN.get(outcome.state, "decided_on"),
        )

    def _decide(self, milestone: MilestoneTerms, outcome: MilestoneOutcome) -> None:
        others = (e for e in self.outcomes if e.milestone_id != outcome.milestone_id)
        self.outcomes = (*others, outcome)
        self.record(_told(self, milestone, outcome))


def _told(contract: Decisions, milestone: MilestoneTerms, outcome: MilestoneOutcome) -> Event:
    told = {
        **contract._of(milestone),
        "terms_version": contract.terms.version,
        "correction": outcome.correction,
    }
    if outcome.state is MilestoneState.MET:
        return MilestoneMet(**told, met_on=outcome.decided_on, evidence=outcome.evidence or "")
    told["reason"] = outcome.reason or ""
    if outcome.state is MilestoneState.NOT_MET:
        return MilestoneNotMet(**told, decided_on=outcome.decided_on)
    return MilestonePartiallyMet(
        **told,
        met_on=outcome.decided_on,
        met_amount=outcome.met_amount,
        fraction=outcome.fraction,
    )
