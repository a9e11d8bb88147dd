"""Payment milestones: what each may be invoiced for, and how much of that was."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from shared.events.contract import ContractTerms, MilestoneTerms
from shared.events.finance import ExpectedInvoice
from shared.events.vocabulary import MilestoneType
from shared.money import Money, total


@dataclass(frozen=True)
class BilledPart:
    """What a pack asks for a milestone, less what was credited of it in full; negative where a
    decision by which less is met takes back what earlier packs ask for."""

    pack_id: UUID
    fee: Money


@dataclass(frozen=True)
class ExpectedPayment:
    """A payment milestone. As much of it as was met may be invoiced, in one pack or in several.

    met_amount: by the latest decision; None before there is one. parts: of the packs that stand,
    oldest first. once_billed: it has been on a pack, whether that stands or not; then it is kept
    when later terms drop it, since the voiding of a credit note may make its invoice stand again.
    """

    milestone_id: UUID
    title: str
    due_on: date
    amount: Money
    met_on: date | None = None
    met_amount: Money | None = None
    parts: tuple[BilledPart, ...] = ()
    once_billed: bool = False
    dropped: bool = False  # by later terms

    @classmethod
    def of(cls, milestone: MilestoneTerms) -> "ExpectedPayment":
        assert milestone.amount is not None  # a payment milestone has an amount (C8)
        return cls(
            milestone_id=milestone.milestone_id,
            title=milestone.title,
            due_on=milestone.due_on,
            amount=milestone.amount,
        )

    @property
    def pack_ids(self) -> tuple[UUID, ...]:
        return tuple(each.pack_id for each in self.parts)

    @property
    def billed(self) -> Money:
        """On all packs that stand, less what was credited in full or by a decision."""
        return total([each.fee for each in self.parts], self.amount.currency)

    @property
    def to_bill(self) -> Money:
        """Met and not billed; negative where a later decision took back what was billed."""
        nothing = Money.zero(self.amount.currency)
        if self.dropped:
            return nothing
        return (self.met_amount or nothing) - self.billed

    def with_part(self, pack_id: UUID, fee: Money) -> "ExpectedPayment":
        """A pack asks for so much more of it; for less, where negative."""
        asked = sum((e.fee.minor for e in self.parts if e.pack_id == pack_id), fee.minor)
        part = BilledPart(pack_id, Money(asked, fee.currency))
        known = pack_id in self.pack_ids
        parts = tuple(part if each.pack_id == pack_id else each for each in self.parts)
        kept = tuple(each for each in (*parts, *(() if known else (part,))) if each.fee)
        return replace(self, parts=kept, once_billed=True)

    def left_on(self, pack_id: UUID) -> Money:
        """What of a pack's fee stays billed: a decision takes back the latest fee first."""
        left: dict[UUID, int] = {}
        for each in self.parts:
            left[each.pack_id] = max(each.fee.minor, 0)
            taken_back = max(-each.fee.minor, 0)
            for earlier in reversed(left):
                gone = min(left[earlier], taken_back)
                left[earlier] -= gone
                taken_back -= gone
        return Money(left.get(pack_id, 0), self.amount.currency)

    @property
    def outcome(self) -> str:
        if self.met_amount is None:
            return "scheduled"
        if not self.met_amount and self.amount:
            return "not_met"
        return "met" if self.met_amount == self.amount else "partially_met"

    def agreed_anew(self, agreed: "ExpectedPayment") -> "ExpectedPayment":
        """Under new terms. What was met in full is met in full of the new amount too."""
        if agreed.amount.currency != self.amount.currency:
            return agreed  # nothing was invoiced yet
        whole = self.met_amount == self.amount
        return replace(
            self,
            title=agreed.title,
            due_on=agreed.due_on,
            amount=agreed.amount,
            met_amount=agreed.amount if whole else self.met_amount,
            dropped=False,
        )

    @property
    def told(self) -> ExpectedInvoice:
        return ExpectedInvoice(
            milestone_id=self.milestone_id,
            title=self.title,
            due_on=self.due_on,
            amount=self.amount,
        )


def expected_by(
    terms: ContractTerms, before: tuple[ExpectedPayment, ...] = ()
) -> tuple[ExpectedPayment, ...]:
    """The payments that terms agree on, then those of `before` that they drop but were billed."""
    known = {each.milestone_id: each for each in before}
    agreed = [
        ExpectedPayment.of(each) for each in terms.milestones if each.type is MilestoneType.PAYMENT
    ]
    named = {each.milestone_id for each in agreed}
    return (
        *(
            known[each.milestone_id].agreed_anew(each) if each.milestone_id in known else each
            for each in agreed
        ),
        *(
            replace(each, dropped=True)
            for each in before
            if each.once_billed and each.milestone_id not in named
        ),
    )
