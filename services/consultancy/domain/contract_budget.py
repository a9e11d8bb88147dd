"""What consultancy knows of a contract, learned from its events, and what it has taken of it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from services.consultancy.domain.days import say
from services.consultancy.domain.late_days import require_in_time
from services.consultancy.domain.policy import Policy
from shared.errors import Conflict, Invalid
from shared.events.consultancy import TeamMember
from shared.events.contract import ContractTerms
from shared.events.vocabulary import OverBudgetPolicy

NO_DAYS = Decimal(0)


@dataclass(frozen=True)
class RoleDays:
    role: str
    days: Decimal


@dataclass(frozen=True)
class EngagementDays:
    """Days of a role, planned or worked on an engagement."""

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
    reversed. Whoever claims days holds the record until the transaction ends, so that two claims
    at the same moment cannot both take the last day.
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
    ended_on: date | None = None  # None: active
    worked_until: date | None = None  # the last date that had begun anywhere when it ended
    consumed: tuple[EngagementDays, ...] = ()
    planned: tuple[EngagementDays, ...] = ()  # by engagements that are neither closed nor cancelled
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
        self.ended_on = self.worked_until = None

    def end(self, on: date, worked_until: date) -> None:
        """on: the office's date; worked_until: the last date that had begun anywhere by then."""
        self.ended_on, self.worked_until = on, worked_until

    @property
    def last_date(self) -> date | None:
        """The last date on which work counts; None: not known yet."""
        return min((each for each in (self.ends_on, self.worked_until) if each), default=None)

    def budget_days(self, role: str) -> Decimal:
        return _sum(line.days for line in self.lines if line.role == role)

    def consumed_days(self, role: str) -> Decimal:
        return _sum(use.days for use in self.consumed if use.role == role)

    def planned_days(self, role: str) -> Decimal:
        return _sum(plan.days for plan in self.planned if plan.role == role)

    def committed_days(self, role: str, *, without: UUID | None = None) -> Decimal:
        """What all engagements, or all but one, hold of the budget.

        An engagement holds the days that it plans, or those worked where they are more; once it
        is closed or cancelled, those worked.
        """
        planned, worked = _by_engagement(self.planned, role), _by_engagement(self.consumed, role)
        return _sum(
            max(planned.get(each, NO_DAYS), worked.get(each, NO_DAYS))
            for each in planned.keys() | worked.keys()
            if each != without
        )

    def require_active(self) -> None:
        if self.ended_on is not None:
            raise Conflict(
                f"Contract {self.reference} ended on {self.ended_on}, so nothing can be planned "
                "under it; choose an active contract.",
                rule="contract-active",
                field="contract_id",
            )

    def require_logging_open(
        self, earliest: date, policy: Policy, since: date | None = None
    ) -> None:
        """Raises Conflict where the contract ended too long ago (see `late_days`).

        Its period may be over before the event says that it has expired.
        """
        has_passed = self.ends_on is not None and self.ends_on < earliest
        ended_on = self.ended_on or (self.ends_on if has_passed else None)
        if ended_on is not None:
            require_in_time(f"Contract {self.reference}", ended_on, since, earliest, policy)

    def require_inside_period(
        self, starts_on: date, ends_on: date, start_field: str, end_field: str
    ) -> None:
        """Raises Invalid, naming the date at fault, where it is outside the contract's period."""
        last = self.last_date
        if starts_on >= self.starts_on and (last is None or ends_on <= last):
            return
        period = f"from {self.starts_on}" + (f" to {last}" if last else "")
        raise Invalid(
            f"Contract {self.reference} runs {period}; choose a date inside it.",
            rule="inside-contract-period",
            field=start_field if starts_on < self.starts_on or starts_on == ends_on else end_field,
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

    def consume(
        self, engagement_id: UUID, claimed: RoleDays, instead_of: RoleDays | None = None
    ) -> Taking:
        """Claim logged days, in place of those that an entry had claimed before.

        Raises Conflict where the contract blocks what exceeds its budget; a claim of nothing, or
        of no more than before, is never blocked.
        """
        before = self.consumed_days(claimed.role)
        if instead_of is not None:
            self.give_back(engagement_id, instead_of)
        if not claimed.days:
            return Taking()
        taken = self.consumed_days(claimed.role)
        if self._blocks(claimed.role, before, taken + claimed.days):
            raise self._refusal(claimed.role, taken, logging=True)
        self._count(engagement_id, claimed)
        return self._taking(claimed.role, taken + claimed.days, "logged")

    def give_back(self, engagement_id: UUID, logged: RoleDays) -> None:
        """Logged days were withdrawn or reversed."""
        self._count(engagement_id, replace(logged, days=-logged.days))

    def worked_on(self, engagement_id: UUID) -> dict[str, Decimal]:
        """The chargeable days of an engagement, by role."""
        return {
            each.role: each.days for each in self.consumed if each.engagement_id == engagement_id
        }

    def plan(self, engagement_id: UUID, team: tuple[TeamMember, ...]) -> Taking:
        """Claim an engagement's planned days in place of what it had planned before.

        Raises Conflict where the contract blocks what exceeds its budget.
        """
        roles = tuple(dict.fromkeys(member.role for member in team))
        before = {role: self.committed_days(role) for role in roles}
        self.drop_plan(engagement_id)
        self.planned += tuple(
            EngagementDays(engagement_id, member.role, member.planned_days) for member in team
        )
        after = {role: self.committed_days(role) for role in roles}
        for role in roles:
            if self._blocks(role, before[role], after[role]):
                others = self.committed_days(role, without=engagement_id)
                raise self._refusal(role, others, logging=False)
        takings = [self._taking(role, after[role], "planned") for role in roles]
        return Taking(
            any(taking.over_budget for taking in takings),
            " ".join(filter(None, (taking.warning for taking in takings))),
        )

    def drop_plan(self, engagement_id: UUID) -> None:
        """The engagement is over: of its planned days it holds only those worked."""
        self.planned = tuple(each for each in self.planned if each.engagement_id != engagement_id)

    def _blocks(self, role: str, before: Decimal, after: Decimal) -> bool:
        """Less than before is never blocked, even where an amendment took the days away."""
        exceeds = after > self.budget_days(role) and after > before
        return exceeds and self.over_budget is OverBudgetPolicy.BLOCK

    def _refusal(self, role: str, taken: Decimal, *, logging: bool) -> Conflict:
        budget = self.budget_days(role)
        left = max(budget - taken, NO_DAYS)
        verb, done = ("Log", "logged") if logging else ("Plan", "planned or worked")
        most = f"{verb} at most {say(left)}" if left else "Nothing is left"
        otherwise = (
            "mark the work as not chargeable, or withdraw days that should not count"
            if logging
            else "reduce the plan of another engagement, or close one that is delivered"
        )
        return Conflict(
            f"Contract {self.reference} buys {say(budget)} of {role}; already {done}: "
            f"{say(taken)}. {most}{',' if left else ':'} {'or ' if left else ''}{otherwise}.",
            rule="day-budget",
            field="days" if logging else "team",
            accepted=f"at most {say(left)} of {role}" if left else f"no days of {role}",
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

    def _count(self, engagement_id: UUID, days: RoleDays) -> None:
        counted = self.worked_on(engagement_id).get(days.role, NO_DAYS) + days.days
        others = tuple(
            each
            for each in self.consumed
            if (each.engagement_id, each.role) != (engagement_id, days.role)
        )
        kept = (EngagementDays(engagement_id, days.role, counted),) if counted else ()
        self.consumed = (*others, *kept)


def _by_engagement(all_days: Iterable[EngagementDays], role: str) -> dict[UUID, Decimal]:
    found: dict[UUID, Decimal] = {}
    for each in all_days:
        if each.role == role:
            found[each.engagement_id] = found.get(each.engagement_id, NO_DAYS) + each.days
    return found


def _sum(days: Iterable[Decimal]) -> Decimal:
    return sum(days, NO_DAYS)


def _lines(terms: ContractTerms) -> tuple[RoleDays, ...]:
    return tuple(RoleDays(line.role, line.days) for line in terms.day_budget)


def _milestones(terms: ContractTerms) -> tuple[KnownMilestone, ...]:
    return tuple(KnownMilestone(each.milestone_id, each.title) for each in terms.milestones)
