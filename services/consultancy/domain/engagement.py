"""Engagements: a plan of who advises a partner on what, for how many days, and how far it is."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from services.consultancy.domain.contract_budget import ContractBudget
from services.consultancy.domain.days import check_step
from services.consultancy.domain.policy import Policy
from shared.aggregate import Aggregate
from shared.errors import Conflict, Invalid
from shared.events.consultancy import (
    EngagementCancelled,
    EngagementClosed,
    EngagementConfirmed,
    EngagementDelivered,
    EngagementPlanned,
    EngagementReplanned,
    EngagementStarted,
    TeamMember,
)
from shared.events.vocabulary import Area, WorkMode


class EngagementState(StrEnum):
    PLANNED = "planned"
    CONFIRMED = "confirmed"
    IN_PROGRESS = "in_progress"
    DELIVERED = "delivered"
    CLOSED = "closed"
    CANCELLED = "cancelled"


BEFORE_DELIVERY = (
    EngagementState.PLANNED,
    EngagementState.CONFIRMED,
    EngagementState.IN_PROGRESS,
)
LOGGING_OPEN = (EngagementState.CONFIRMED, EngagementState.IN_PROGRESS)


@dataclass(frozen=True)
class Plan:
    """What may be replanned. The days of `team` are counted by role against the day budget."""

    title: str
    mode: WorkMode
    starts_on: date
    ends_on: date
    team: tuple[TeamMember, ...]

    def check(self, budget: ContractBudget, policy: Policy) -> None:
        """Raises Invalid for what the contract does not provide for."""
        if self.ends_on < self.starts_on:
            raise Invalid(
                "The engagement ends before it starts; exchange its dates.",
                rule="end-after-start",
                field="ends_on",
                accepted=f"{self.starts_on} or later",
            )
        budget.require_inside_period(self.starts_on, self.ends_on, "starts_on")
        if not self.team:
            raise Invalid(
                "Name at least one consultant with a role and planned days.",
                rule="team-named",
                field="team",
            )
        seen = set()
        for position, member in enumerate(self.team):
            field = f"team.{position}"
            budget.require_role(member.role, f"{field}.role")
            check_step(member.planned_days, policy, f"{field}.planned_days")
            if (member.consultant_id, member.role) in seen:
                raise Invalid(
                    "The same person stands twice in the same role; add up the planned days.",
                    rule="given-once",
                    field=field,
                )
            seen.add((member.consultant_id, member.role))


@dataclass(eq=False, kw_only=True)
class Engagement(Aggregate):
    kind: ClassVar[str] = "engagement"
    id: UUID
    reference: str
    contract_id: UUID
    partner_id: UUID
    area: Area
    title: str
    mode: WorkMode
    starts_on: date
    ends_on: date
    team: tuple[TeamMember, ...]
    state: EngagementState = EngagementState.PLANNED
    over_budget_warning: str = ""
    cancel_reason: str = ""
    version: int = 0

    @classmethod
    def plan(
        cls,
        id: UUID,
        reference: str,
        area: Area,
        plan: Plan,
        budget: ContractBudget,
        policy: Policy,
    ) -> "Engagement":
        """Plan work under a contract and claim its days.

        Raises Conflict where the contract is not active, or blocks what exceeds its day budget;
        Invalid where the plan does not fit the contract.
        """
        budget.require_active()
        plan.check(budget, policy)
        taking = budget.plan(id, plan.team)
        engagement = cls(
            id=id,
            reference=reference,
            contract_id=budget.contract_id,
            partner_id=budget.partner_id,
            area=area,
            over_budget_warning=taking.warning,
            **vars(plan),
        )
        engagement.record(
            EngagementPlanned(
                engagement_id=id,
                reference=reference,
                contract_id=budget.contract_id,
                partner_id=budget.partner_id,
                area=area,
                **vars(plan),
            )
        )
        return engagement

    @property
    def warnings(self) -> list[str]:
        return [self.over_budget_warning] if self.over_budget_warning else []

    @property
    def current_plan(self) -> Plan:
        return Plan(self.title, self.mode, self.starts_on, self.ends_on, self.team)

    def replan(
        self,
        plan: Plan,
        budget: ContractBudget,
        policy: Policy,
        logged: Collection[tuple[UUID, str]],
    ) -> None:
        """Change the plan before delivery; refused as in `plan`.

        logged: who has logged days in which role; those stay on the team.
        """
        self._require(BEFORE_DELIVERY, "replanned")
        if plan == self.current_plan:
            return
        budget.require_active()
        plan.check(budget, policy)
        missing = set(logged) - {(each.consultant_id, each.role) for each in plan.team}
        if missing:
            raise Conflict(
                "Somebody who has logged days in a role cannot leave the team in that role; "
                "keep the person with the days logged, or have the days withdrawn or reversed.",
                rule="logged-stays-on-team",
                field="team",
                accepted=", ".join(sorted(f"{who} as {role}" for who, role in missing)),
            )
        self.over_budget_warning = budget.plan(self.id, plan.team).warning
        for name, value in vars(plan).items():
            setattr(self, name, value)
        self.record(
            EngagementReplanned(
                engagement_id=self.id,
                contract_id=self.contract_id,
                partner_id=self.partner_id,
                **vars(plan),
            )
        )

    def confirm(self, budget: ContractBudget) -> None:
        self._require((EngagementState.PLANNED,), "confirmed")
        budget.require_active()
        self.state = EngagementState.CONFIRMED
        self.record(EngagementConfirmed(**self._whose()))

    def start(self, budget: ContractBudget) -> None:
        self._require((EngagementState.CONFIRMED,), "started")
        budget.require_active()
        self.state = EngagementState.IN_PROGRESS
        self.record(EngagementStarted(**self._whose()))

    def note_work(self, budget: ContractBudget) -> None:
        """A day was logged: the first one starts a confirmed engagement."""
        self.require_logging_open()
        if self.state is EngagementState.CONFIRMED:
            self.start(budget)

    def deliver(self, undelivered: Collection[str]) -> None:
        """undelivered: titles of deliverables of which no version awaits or has an acceptance."""
        self._require((EngagementState.IN_PROGRESS,), "delivered")
        if undelivered:
            raise Conflict(
                "These deliverables have not been submitted, or came back and were not submitted "
                f"again: {', '.join(undelivered)}. Submit them first.",
                rule="deliverables-submitted",
            )
        self.state = EngagementState.DELIVERED
        self.record(EngagementDelivered(**self._whose()))

    def close(self, undecided_entries: int, unaccepted: Collection[str]) -> None:
        """
        undecided_entries: day entries that are neither approved, reversed nor withdrawn.
        unaccepted: titles of deliverables that the partner has not accepted.
        """
        self._require((EngagementState.DELIVERED,), "closed")
        if undecided_entries:
            raise Conflict(
                f"{undecided_entries} day entries are not decided yet. Approve them, or have "
                "them withdrawn, before closing.",
                rule="entries-decided",
            )
        if unaccepted:
            raise Conflict(
                f"The partner has not accepted these deliverables: {', '.join(unaccepted)}.",
                rule="deliverables-accepted",
            )
        self.state = EngagementState.CLOSED
        self.record(EngagementClosed(**self._whose()))

    def cancel(self, reason: str, budget: ContractBudget) -> None:
        """Before delivery. The planned days fall back to the budget; logged days stay logged."""
        self._require(BEFORE_DELIVERY, "cancelled")
        if not reason.strip():
            raise Invalid(
                "Say why the engagement is cancelled.", rule="reason-given", field="reason"
            )
        budget.drop_plan(self.id)
        self.state = EngagementState.CANCELLED
        self.cancel_reason = reason
        self.record(EngagementCancelled(**self._whose(), reason=reason, team=self.team))

    def require_logging_open(self) -> None:
        if self.state not in LOGGING_OPEN:
            raise Conflict(
                f"Days can be logged on a confirmed engagement or one in progress; "
                f"{self.reference} is {self._state_words()}.",
                rule="engagement-open-for-logging",
            )

    def require_before_delivery(self) -> None:
        self._require(BEFORE_DELIVERY, "given further deliverables")

    def require_under_way(self) -> None:
        """Between confirmation and closing: deliverables may be submitted and answered."""
        self._require((*LOGGING_OPEN, EngagementState.DELIVERED), "worked on")

    def role_of(self, consultant_id: UUID, role: str | None) -> str:
        """The role in which somebody logs; it may be left out where there is only one.

        Raises Invalid for who is not on the team (in that role).
        """
        roles = [each.role for each in self.team if each.consultant_id == consultant_id]
        if not roles:
            raise Invalid(
                "This consultant is not on the engagement's team; choose a member, or replan "
                "the engagement first.",
                rule="consultant-on-team",
                field="consultant_id",
                accepted=", ".join(dict.fromkeys(str(each.consultant_id) for each in self.team)),
            )
        if role is None and len(roles) == 1:
            return roles[0]
        if role not in roles:
            raise Invalid(
                f"Say in which role: on this engagement the consultant is {' and '.join(roles)}.",
                rule="role-on-team",
                field="role",
                accepted=", ".join(roles),
            )
        return role

    def _whose(self) -> dict[str, Any]:
        return {
            "engagement_id": self.id,
            "contract_id": self.contract_id,
            "partner_id": self.partner_id,
        }

    def _state_words(self) -> str:
        return self.state.replace("_", " ")

    def _require(self, states: Collection[EngagementState], done: str) -> None:
        if self.state in states:
            return
        accepted = " or ".join(state.replace("_", " ") for state in states)
        raise Conflict(
            f"{self.reference} is {self._state_words()}; it can be {done} only while it is "
            f"{accepted}.",
            rule="engagement-lifecycle",
            field="state",
            accepted=accepted,
        )
