"""The live day budget of a contract: planned, logged, approved and remaining days per role."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from services.contract.domain.policy import Policy
from shared.aggregate import Aggregate
from shared.events.consultancy import LoggedDays, TeamMember
from shared.events.contract import BudgetLine, ContractTerms, DayBudgetAhead, DayBudgetAlert

NO_DAYS = Decimal(0)


class EntryState(StrEnum):
    """How far a day entry has come, as the consultancy service last said."""

    LOGGED = "logged"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    REVERSED = "reversed"


_LOGGED = (EntryState.LOGGED, EntryState.SUBMITTED, EntryState.APPROVED)


@dataclass(frozen=True)
class RoleDays:
    """Days of one role. `planned` by engagements; `logged` in all, whatever became approved of
    it; `approved` only where it consumes the budget; `rejected` days are held, apart from the
    logged ones, until they are corrected or withdrawn."""

    role: str
    planned: Decimal = NO_DAYS
    logged: Decimal = NO_DAYS
    approved: Decimal = NO_DAYS
    rejected: Decimal = NO_DAYS

    def __add__(self, other: "RoleDays") -> "RoleDays":
        return RoleDays(
            self.role,
            self.planned + other.planned,
            self.logged + other.logged,
            self.approved + other.approved,
            self.rejected + other.rejected,
        )

    def __neg__(self) -> "RoleDays":
        return RoleDays(self.role, -self.planned, -self.logged, -self.approved, -self.rejected)

    def __bool__(self) -> bool:
        return any((self.planned, self.logged, self.approved, self.rejected))


@dataclass(eq=False, kw_only=True)
class KnownEntry:
    """A day entry as the consultancy service last told it."""

    id: UUID
    contract_id: UUID
    engagement_id: UUID
    role: str
    worked_on: date
    days: Decimal
    chargeable: bool
    state: EntryState

    @classmethod
    def of(cls, entry: LoggedDays, state: EntryState) -> "KnownEntry":
        return cls(
            id=entry.entry_id,
            contract_id=entry.contract_id,
            engagement_id=entry.engagement_id,
            role=entry.role,
            worked_on=entry.worked_on,
            days=entry.days,
            chargeable=entry.chargeable,
            state=state,
        )

    @property
    def consumes(self) -> Decimal:
        """The days that it takes out of the budget."""
        return self.days if self.chargeable and self.state is EntryState.APPROVED else NO_DAYS

    @property
    def counts(self) -> tuple[RoleDays, ...]:
        """What it adds to its role."""
        days = RoleDays(
            self.role,
            logged=self.days if self.state in _LOGGED else NO_DAYS,
            approved=self.consumes,
            rejected=self.days if self.state is EntryState.REJECTED else NO_DAYS,
        )
        return (days,)


@dataclass(eq=False, kw_only=True)
class KnownPlan:
    """The days that an engagement plans, as the consultancy service last told it.

    Once it is closed or cancelled they are the days that were used; the rest are free again.
    """

    id: UUID
    contract_id: UUID
    team: tuple[TeamMember, ...]
    is_open: bool = True

    @property
    def counts(self) -> tuple[RoleDays, ...]:
        return tuple(RoleDays(each.role, planned=each.planned_days) for each in self.team)


@dataclass(frozen=True)
class Alert:
    """That approved days of a role reached `percent` of its budget under one version of terms."""

    role: str
    percent: int
    terms_version: int
    raised_on: date


@dataclass(eq=False, kw_only=True)
class DayBudget(Aggregate):
    """Bought days against days planned, logged and approved.

    Its own aggregate under the contract's id: logging days never collides with editing the
    contract. Its figures always equal a recount of all known plans and entries.
    """

    kind: ClassVar[str] = "day-budget"

    id: UUID
    partner_id: UUID
    terms_version: int
    lines: tuple[BudgetLine, ...]
    roles: tuple[RoleDays, ...] = ()
    alerts: tuple[Alert, ...] = ()
    #: Version of the terms for which it was told that days run ahead of accepted work.
    ahead_told_for: int | None = None
    version: int = 0

    @classmethod
    def of(cls, contract_id: UUID, partner_id: UUID, terms: ContractTerms) -> "DayBudget":
        """The budget of a contract on which nothing has been planned or logged."""
        return cls(
            id=contract_id,
            partner_id=partner_id,
            terms_version=terms.version,
            lines=terms.day_budget,
        )

    def take_terms(self, terms: ContractTerms, on: date, policy: Policy) -> None:
        """Measure what is known against changed terms; every alert may be raised once more."""
        if terms.version <= self.terms_version:
            return
        self.terms_version = terms.version
        self.lines = terms.day_budget
        self._raise_alerts(on, policy)

    def count(
        self,
        before: Iterable[RoleDays],
        after: Iterable[RoleDays],
        on: date,
        policy: Policy,
    ) -> None:
        """A plan or entry that counted `before` counts `after` from now on."""
        counted = {each.role: each for each in self.roles}
        for change in (*(-each for each in before), *after):
            counted[change.role] = counted.get(change.role, RoleDays(change.role)) + change
        self.roles = tuple(each for _, each in sorted(counted.items()) if each)
        self._raise_alerts(on, policy)

    def watch_pace(
        self, accepted_percent: int | None, owner_id: str | None, policy: Policy
    ) -> None:
        """Tell once for each version of the terms that days run ahead of accepted work."""
        if not self.is_ahead(accepted_percent, policy) or self.ahead_told_for == self.terms_version:
            return
        assert accepted_percent is not None
        self.ahead_told_for = self.terms_version
        self.record(
            DayBudgetAhead(
                contract_id=self.id,
                partner_id=self.partner_id,
                owner_id=owner_id,
                used_percent=self.percent,
                accepted_percent=accepted_percent,
                terms_version=self.terms_version,
            )
        )

    def is_ahead(self, accepted_percent: int | None, policy: Policy) -> bool:
        """Whether the used share of the days is too far ahead of the accepted share of the work.

        accepted_percent: None where nothing says what is to be accepted; then nothing is ahead.
        """
        return (
            accepted_percent is not None and self.percent - accepted_percent >= policy.pace_points
        )

    @property
    def bought(self) -> Decimal:
        """The budgeted days of all roles."""
        return sum((each.days for each in self.lines), NO_DAYS)

    @property
    def percent(self) -> int:
        """Approved days of all roles in whole percent of all budgeted days, rounded down."""
        return _percent(sum((each.approved for each in self.roles), NO_DAYS), self.bought)

    def days_of(self, role: str) -> RoleDays:
        return next((each for each in self.roles if each.role == role), RoleDays(role))

    def budget_of(self, role: str) -> Decimal:
        return next((each.days for each in self.lines if each.role == role), NO_DAYS)

    def remaining_of(self, role: str) -> Decimal:
        """Bought days not yet consumed; below zero where more was approved than bought."""
        return self.budget_of(role) - self.days_of(role).approved

    def percent_of(self, role: str) -> int:
        """Approved days in whole percent of the role's budget, rounded down.

        A role that the contract does not buy is at 100 with its first approved day.
        """
        return _percent(self.days_of(role).approved, self.budget_of(role))

    @property
    def all_roles(self) -> tuple[str, ...]:
        """The roles of the contract in its order, then those that it does not buy."""
        bought = [each.role for each in self.lines]
        return (*bought, *(each.role for each in self.roles if each.role not in bought))

    def _raise_alerts(self, on: date, policy: Policy) -> None:
        raised = {(e.role, e.percent) for e in self.alerts if e.terms_version == self.terms_version}
        for role in self.all_roles:
            for percent in sorted(policy.alert_percents):
                if self.percent_of(role) >= percent and (role, percent) not in raised:
                    self._raise_alert(role, percent, on)

    def _raise_alert(self, role: str, percent: int, on: date) -> None:
        self.alerts = (*self.alerts, Alert(role, percent, self.terms_version, on))
        self.record(
            DayBudgetAlert(
                contract_id=self.id,
                partner_id=self.partner_id,
                role=role,
                percent=percent,
                approved_days=self.days_of(role).approved,
                budget_days=self.budget_of(role),
                terms_version=self.terms_version,
            )
        )


def _percent(used: Decimal, budget: Decimal) -> int:
    if budget == 0:
        return 100 if used > 0 else 0
    return int(used * 100 // budget)


def recount(known: Iterable[KnownPlan | KnownEntry]) -> tuple[RoleDays, ...]:
    """The figures from scratch, by role: what `DayBudget.roles` must equal at all times."""
    counted: dict[str, RoleDays] = {}
    for each in known:
        for days in each.counts:
            counted[days.role] = counted.get(days.role, RoleDays(days.role)) + days
    return tuple(days for _, days in sorted(counted.items()) if days)
