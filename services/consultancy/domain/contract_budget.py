"""What consultancy knows of a contract, learned from its events, and what it has taken of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from services.consultancy.domain.days import say
from shared.errors import Conflict, Invalid
from shared.events.consultancy import TeamMember
from shared.events.contract import ContractTerms
from shared.events.vocabulary import OverBudgetPolicy


@dataclass(frozen=True)
class RoleDays:
    role: str
    days: Decimal


@dataclass(frozen=True)
class PlannedDays:
    engagement_id: UUID
    role: str
    days: Decimal


@dataclass(frozen=True)
class KnownMilestone:
    milestone_id: UUID
    title: str


@dataclass(frozen=True)
class Taking:
    """What a claim on the budget meant: whether it went over, and what the user is told."""

    over_budget: bool = False
    warning: str = ""


@dataclass(eq=False, kw_only=True)
class ContractBudget:
    """One for each contract that was ever active.

    `consumed` counts chargeable days from the moment they are logged until they are withdrawn or
    reversed. Every claim changes the version, so that two claims at the same moment cannot both
    take the last day.
    """

    contract_id: UUID
    reference: str
    partner_id: UUID
    title: str
    starts_on: date
    ends_on: date | None
    over_budget: OverBudgetPolicy
    lines: tuple[RoleDays, ...]
    milestones: tuple[KnownMilestone, ...]
    active: bool = True
    consumed: tuple[RoleDays, ...] = ()
    planned: tuple[PlannedDays, ...] = ()
    version: int = 0

    @classmethod
    def of(
        cls, contract_id: UUID, reference: str, partner_id: UUID, terms: ContractTerms
    ) -> "ContractBudget":
        return cls(
            contract_id=contract_id,
            reference=reference,
            partner_id=partner_id,
            title=terms.title,
            starts_on=terms.starts_on,
            ends_on=terms.ends_on,
            over_budget=terms.over_budget,
            lines=_lines(terms),
            milestones=_milestones(terms),
        )

    def agree(self, terms: ContractTerms) -> None:
        """The contract has new terms. What was already taken stays taken."""
        self.title = terms.title
        self.starts_on, self.ends_on = terms.starts_on, terms.ends_on
        self.over_budget = terms.over_budget
        self.lines = _lines(terms)
        self.milestones = _milestones(terms)

    def activate(self) -> None:
        self.active = True

    def end(self) -> None:
        self.active = False

    def budget_days(self, role: str) -> Decimal:
        return _sum(line.days for line in self.lines if line.role == role)

    def consumed_days(self, role: str) -> Decimal:
        return _sum(use.days for use in self.consumed if use.role == role)

    def planned_days(self, role: str) -> Decimal:
        return _sum(plan.days for plan in self.planned if plan.role == role)

    def require_active(self) -> None:
        if not self.active:
            raise Conflict(
                f"Contract {self.reference} is not active, so nothing can be planned or logged "
                "under it; choose an active contract.",
                rule="contract-active",
                field="contract_id",
            )

    def require_inside_period(self, starts_on: date, ends_on: date, field: str) -> None:
        """Raises Invalid where the dates reach outside the contract's period."""
        if starts_on >= self.starts_on and (self.ends_on is None or ends_on <= self.ends_on):
            return
        period = f"from {self.starts_on}" + (f" to {self.ends_on}" if self.ends_on else "")
        raise Invalid(
            f"Contract {self.reference} runs {period}; choose a date inside it.",
            rule="inside-contract-period",
            field=field,
            accepted=period,
        )

    def require_role(self, role: str, field: str) -> None:
        """Raises Invalid where the day budget has no such role."""
        roles = [line.role for line in self.lines]
        if role in roles:
            return
        raise Invalid(
            f"The day budget of contract {self.reference} has no role {role!r}; "
            + (f"it has {', '.join(roles)}." if roles else "it has no days at all."),
            rule="role-in-day-budget",
            field=field,
            accepted=", ".join(roles),
        )

    def require_milestone(self, milestone_id: UUID) -> None:
        if any(each.milestone_id == milestone_id for each in self.milestones):
            return
        raise Invalid(
            f"Contract {self.reference} has no such milestone; choose one of its own.",
            rule="milestone-of-contract",
            field="milestone_id",
            accepted=", ".join(f"{m.milestone_id} ({m.title})" for m in self.milestones),
        )

    def consume(self, role: str, days: Decimal) -> Taking:
        """Claim logged days. Raises Conflict where the contract blocks what exceeds its budget."""
        before = self.consumed_days(role)
        after = before + days
        if self._blocks(role, before, after):
            raise self._refusal(
                role, before, "logged", "days", "mark the work as not chargeable, or "
            )
        self._set_consumed(role, after)
        return self._taking(role, after, "logged")

    def give_back(self, role: str, days: Decimal) -> None:
        """Logged days were withdrawn or reversed."""
        self._set_consumed(role, self.consumed_days(role) - days)

    def plan(self, engagement_id: UUID, team: tuple[TeamMember, ...]) -> Taking:
        """Claim an engagement's planned days in place of what it had planned before.

        Raises Conflict where the contract blocks what exceeds its budget.
        """
        before = {member.role: self.planned_days(member.role) for member in team}
        self.drop_plan(engagement_id)
        others = {role: self.planned_days(role) for role in before}
        self.planned += tuple(
            PlannedDays(engagement_id, member.role, member.planned_days) for member in team
        )
        for role in before:
            if self._blocks(role, before[role], self.planned_days(role)):
                raise self._refusal(role, others[role], "planned", "team", "or ")
        takings = [self._taking(role, self.planned_days(role), "planned") for role in before]
        return Taking(
            any(taking.over_budget for taking in takings),
            " ".join(filter(None, (taking.warning for taking in takings))),
        )

    def drop_plan(self, engagement_id: UUID) -> None:
        self.planned = tuple(each for each in self.planned if each.engagement_id != engagement_id)

    def _blocks(self, role: str, before: Decimal, after: Decimal) -> bool:
        """Less than before is never blocked, even where an amendment took the days away."""
        exceeds = after > self.budget_days(role) and after > before
        return exceeds and self.over_budget is OverBudgetPolicy.BLOCK

    def _refusal(self, role: str, taken: Decimal, how: str, field: str, advice: str) -> Conflict:
        budget = self.budget_days(role)
        left = max(budget - taken, Decimal(0))
        return Conflict(
            f"Contract {self.reference} buys {say(budget)} of {role}; already {how}: "
            f"{say(taken)}. Give at most {say(left)}, {advice}have the contract amended.",
            rule="day-budget",
            field=field,
            accepted=f"at most {say(left)} of {role}",
        )

    def _taking(self, role: str, after: Decimal, how: str) -> Taking:
        budget = self.budget_days(role)
        if after <= budget:
            return Taking()
        if self.over_budget is not OverBudgetPolicy.WARN:
            return Taking(over_budget=True)
        return Taking(
            over_budget=True,
            warning=f"With this, {say(after)} of {role} are {how} under contract "
            f"{self.reference}, which buys {say(budget)}.",
        )

    def _set_consumed(self, role: str, days: Decimal) -> None:
        others = tuple(use for use in self.consumed if use.role != role)
        self.consumed = (*others, RoleDays(role, days))


def _sum(days: Iterable[Decimal]) -> Decimal:
    return sum(days, Decimal(0))


def _lines(terms: ContractTerms) -> tuple[RoleDays, ...]:
    return tuple(RoleDays(line.role, line.days) for line in terms.day_budget)


def _milestones(terms: ContractTerms) -> tuple[KnownMilestone, ...]:
    return tuple(KnownMilestone(each.milestone_id, each.title) for each in terms.milestones)
