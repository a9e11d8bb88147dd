"""What became of a contract's milestones: decided on a date, corrected with a reason."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from shared.errors import Invalid
from shared.events.contract import MilestoneTerms
from shared.money import Money


class MilestoneState(StrEnum):
    SCHEDULED = "scheduled"
    MET = "met"
    PARTIALLY_MET = "partially_met"
    NOT_MET = "not_met"


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What somebody decides on a milestone.

    fraction, met_amount: how much of it is met, where it is partially met; at most one of them.
    """

    state: MilestoneState
    decided_on: date
    evidence: str | None = None
    reason: str | None = None
    fraction: Decimal | None = None
    met_amount: Money | None = None
    by_documents: bool = False


@dataclass(frozen=True)
class MilestoneOutcome:
    """The latest decision on a milestone. `evidence` where it was met, `reason` otherwise.

    met_amount: how much of a payment milestone may be invoiced in all; None for other milestones.
    correction: why the decision before it was wrong. by_documents: it followed from the acceptance
    of the last deliverable, and nobody decided it.
    """

    milestone_id: UUID
    state: MilestoneState
    decided_on: date
    decided_by: str
    evidence: str | None = None
    reason: str | None = None
    fraction: Decimal | None = None
    met_amount: Money | None = None
    correction: str | None = None
    by_documents: bool = False

    @classmethod
    def of(
        cls, milestone: MilestoneTerms, decision: Decision, *, by: str, correction: str | None
    ) -> "MilestoneOutcome":
        """Raises Invalid for a decision that does not say what it needs to."""
        _check_grounds(decision)
        return cls(
            milestone_id=milestone.milestone_id,
            state=decision.state,
            decided_on=decision.decided_on,
            decided_by=by,
            evidence=decision.evidence,
            reason=decision.reason,
            fraction=decision.fraction,
            met_amount=_met_amount(milestone, decision),
            correction=correction,
            by_documents=decision.by_documents,
        )

    def says_the_same_as(self, other: "MilestoneOutcome") -> bool:
        """Whoever decided it, and whatever they corrected."""
        mine, theirs = (
            replace(each, decided_by="", correction=None, by_documents=False)
            for each in (self, other)
        )
        return mine == theirs

    def rises_to(self, later: "MilestoneOutcome") -> bool:
        """Whether more is met by a later decision; then nothing earlier was wrong."""
        if self.state is MilestoneState.MET or later.state is MilestoneState.NOT_MET:
            return False
        if later.state is MilestoneState.MET or self.state is MilestoneState.NOT_MET:
            return True
        if self.met_amount is not None and later.met_amount is not None:
            return later.met_amount > self.met_amount
        return self.fraction is None or (later.fraction or 0) > self.fraction


def _check_grounds(decision: Decision) -> None:
    if decision.state is MilestoneState.MET:
        if not (decision.evidence or "").strip():
            raise Invalid(
                "Say what shows that the milestone is met.",
                rule="met-needs-evidence",
                field="evidence",
                accepted="a document's reference, link or SHA-256",
            )
    elif not (decision.reason or "").strip():
        raise Invalid(
            "Say why the milestone is not met, or not in full.",
            rule="not-met-needs-reason",
            field="reason",
            accepted="a reason in words",
        )
    stated = "fraction" if decision.fraction is not None else "met_amount"
    if decision.state is not MilestoneState.PARTIALLY_MET and (
        decision.fraction is not None or decision.met_amount is not None
    ):
        raise Invalid(
            "How much is met is stated only where a milestone is partially met.",
            rule="share-of-partly-met",
            field=stated,
            accepted="no share, or the state partially_met",
        )
    if decision.fraction is not None and not 0 < decision.fraction < 1:
        raise Invalid(
            f"A partially met milestone is met by more than nothing and less than all of it, "
            f"not by {decision.fraction}.",
            rule="fraction-between",
            field="fraction",
            accepted="a number above 0 and below 1, such as 0.4",
        )


def _met_amount(milestone: MilestoneTerms, decision: Decision) -> Money | None:
    whole = milestone.amount
    if whole is None:
        if decision.met_amount is not None:
            raise Invalid(
                f"{milestone.title!r} carries no amount; state the fraction that is met.",
                rule="amount-only-on-payment",
                field="met_amount",
                accepted="a fraction, or neither",
            )
        return None
    if decision.state is MilestoneState.MET:
        return whole
    if decision.state is MilestoneState.NOT_MET:
        return Money.zero(whole.currency)
    return _part_of(whole, decision)


def _part_of(whole: Money, decision: Decision) -> Money:
    """The stated amount, or the stated fraction of the whole, rounded half to even."""
    if (decision.fraction is None) == (decision.met_amount is None):
        raise Invalid(
            "Say how much of the payment milestone is met: a fraction or an amount, not both.",
            rule="fraction-or-amount",
            field="fraction",
            accepted=f"a fraction such as 0.4, or an amount below {whole}",
        )
    if decision.met_amount is not None:
        part, field = decision.met_amount, "met_amount"
    else:
        part, field = whole * (decision.fraction or 0), "fraction"
    if part.currency != whole.currency:
        raise Invalid(
            f"The milestone is in {whole.currency}; this amount is in {part.currency}.",
            rule="one-currency",
            field=field,
            accepted=whole.currency,
        )
    if not Money.zero(whole.currency) < part < whole:
        raise Invalid(
            f"{part} is not a part of {whole}. Decide that the milestone is met where all of it "
            "is, and not met where nothing is.",
            rule="part-of-amount",
            field=field,
            accepted=f"more than nothing and less than {whole}",
        )
    return part
