"""Engagements: a plan of who advises a partner on what, for how many days, and how far it is."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from services.consultancy.domain.contract_budget import ContractBudget
from services.consultancy.domain.engagement_state import (
    BEFORE_DELIVERY,
    LOGGING_OPEN,
    EngagementState,
)
from services.consultancy.domain.late_days import require_in_time
from services.consultancy.domain.plan import LoggedWork, Plan
from services.consultancy.domain.policy import Policy
from shared.aggregate import Aggregate
from shared.errors import Conflict, Invalid
from shared.events.consultancy import (
    EngagementCancelled,
    EngagementClosed,
    EngagementConfirmed,
    EngagementDelivered,
    EngagementPlanned,
    EngagementReopened,
    EngagementReplanned,
    EngagementStarted,
    TeamMember,
)
from shared.events.vocabulary import Area, WorkMode


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
    ended_on: date | None = None  # delivered, or cancelled after it had been confirmed
    worked_until: date | None = None  # cancelled: the last date that had begun anywhere by then
    version: int = 0
    #: Warnings for the answer to the person who planned; not stored.
    plan_warnings: ClassVar[tuple[str, ...]] = ()

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
        return [*filter(None, (self.over_budget_warning,)), *self.plan_warnings]

    @property
    def current_plan(self) -> Plan:
        return Plan(self.title, self.mode, self.starts_on, self.ends_on, self.team)

    def replan(
        self,
        plan: Plan,
        budget: ContractBudget,
        policy: Policy,
        logged: Collection[LoggedWork],
        earliest: date,
    ) -> None:
        """Change the plan before delivery; refused as in `plan`.

        For the days that may be logged after the contract's end, the plan may be changed too.
        """
        self._require(BEFORE_DELIVERY, "replanned")
        if plan == self.current_plan:
            return
        budget.require_logging_open(earliest, policy)
        plan.check(budget, policy, self.current_plan)
        plan.check_keeps(logged, self.current_plan)
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

    def confirm(self, budget: ContractBudget, earliest: date, policy: Policy) -> None:
        """Also in the last days after the contract's end: work under it may still be logged."""
        self._require((EngagementState.PLANNED,), "confirmed")
        budget.require_logging_open(earliest, policy)
        self.state = EngagementState.CONFIRMED
        self.record(EngagementConfirmed(**self._whose()))

    def start(self, budget: ContractBudget, earliest: date, policy: Policy) -> None:
        """As late as `confirm`."""
        self._require((EngagementState.CONFIRMED,), "started")
        budget.require_logging_open(earliest, policy)
        self.state = EngagementState.IN_PROGRESS
        self.record(EngagementStarted(**self._whose()))

    def note_work(self) -> None:
        """A day was logged: the first one starts a confirmed engagement."""
        if self.state is EngagementState.CONFIRMED:
            self.state = EngagementState.IN_PROGRESS
            self.record(EngagementStarted(**self._whose()))

    def deliver(self, undelivered: Collection[str], on: date) -> None:
        """undelivered: titles of deliverables of which no version awaits or has an acceptance."""
        self._require((EngagementState.IN_PROGRESS,), "delivered")
        if undelivered:
            raise Conflict(
                "These deliverables have not been submitted, or came back and were not submitted "
                f"again: {', '.join(undelivered)}. Submit them first.",
                rule="deliverables-submitted",
            )
        self.state, self.ended_on = EngagementState.DELIVERED, on
        self.record(EngagementDelivered(**self._whose(), delivered_on=on))

    def close(
        self,
        undecided_entries: int,
        unaccepted: Collection[str],
        budget: ContractBudget,
        used: tuple[TeamMember, ...],
    ) -> None:
        """The planned days that were not worked fall back to the budget.

        undecided_entries: day entries that are neither approved, reversed nor withdrawn.
        unaccepted: titles of deliverables that the partner has not accepted.
        used: the chargeable days that each member worked.
        """
        self._require((EngagementState.DELIVERED,), "closed")
        if undecided_entries:
            raise Conflict(
                f"{_entries(undecided_entries)} not decided yet. Approve what is submitted, and "
                "have the rest submitted or withdrawn, before closing.",
                rule="entries-decided",
            )
        if unaccepted:
            raise Conflict(
                f"The partner has not accepted these deliverables: {', '.join(unaccepted)}. Have "
                "them accepted, or drop what is no longer wanted.",
                rule="deliverables-accepted",
            )
        budget.drop_plan(self.id)
        self.state = EngagementState.CLOSED
        self.record(EngagementClosed(**self._whose(), used=used))

    def reopen(self, reason: str, budget: ContractBudget) -> None:
        """Undo a delivery, closing or cancellation that came too early or was a mistake.

        One that was closed or cancelled claims its plan again. What was cancelled is planned, or
        confirmed, again; the next day that is logged starts it.
        """
        over = (EngagementState.DELIVERED, EngagementState.CLOSED, EngagementState.CANCELLED)
        self._require(over, "reopened")
        if not reason.strip():
            raise Invalid(
                "Say why the engagement is reopened.", rule="reason-given", field="reason"
            )
        if self.state is EngagementState.CLOSED:
            self.over_budget_warning = budget.plan(self.id, self.team).warning
            self.state = EngagementState.DELIVERED
        elif self.state is EngagementState.CANCELLED:
            self.over_budget_warning = budget.plan(self.id, self.team).warning
            was_confirmed = self.ended_on is not None
            self.state = EngagementState.CONFIRMED if was_confirmed else EngagementState.PLANNED
            self.ended_on, self.worked_until, self.cancel_reason = None, None, ""
        else:
            self.state, self.ended_on = EngagementState.IN_PROGRESS, None
        self.record(
            EngagementReopened(
                **self._whose(), state=self.state.value, reason=reason, team=self.team
            )
        )

    def cancel(
        self,
        reason: str,
        budget: ContractBudget,
        used: tuple[TeamMember, ...],
        on: date,
        latest: date,
    ) -> None:
        """Before delivery. Logged days stay logged; the other planned days fall back.

        latest: the last date that has begun anywhere: until then people may have worked on it.
        """
        self._require(BEFORE_DELIVERY, "cancelled")
        if not reason.strip():
            raise Invalid(
                "Say why the engagement is cancelled.", rule="reason-given", field="reason"
            )
        budget.drop_plan(self.id)
        if self.state is not EngagementState.PLANNED:
            self.ended_on, self.worked_until = on, latest
        self.state = EngagementState.CANCELLED
        self.cancel_reason = reason
        self.record(EngagementCancelled(**self._whose(), reason=reason, team=self.team, used=used))

    def require_logging_open(
        self, earliest: date, policy: Policy, since: date | None = None
    ) -> None:
        """Raises Conflict before confirmation, and some days after its end (see `late_days`)."""
        if self.state in LOGGING_OPEN:
            return
        if self.ended_on is not None:
            require_in_time(self.reference, self.ended_on, since, earliest, policy)
            return
        raise Conflict(
            f"Days can be logged on an engagement once it is confirmed; {self.reference} is "
            f"{self._state_words()}.",
            rule="engagement-open-for-logging",
        )

    def require_inside_dates(self, on: date) -> None:
        """Raises Invalid for work outside the engagement's dates, or after it was cancelled."""
        last, otherwise = self.ends_on, ""
        if self.worked_until is not None:
            last = min(last, self.worked_until)
        elif self.state in BEFORE_DELIVERY:
            otherwise = ", or have the partnerships team change the engagement's dates"
        if self.starts_on <= on <= last:
            return
        raise Invalid(
            f"{self.reference} runs from {self.starts_on} to {last}; choose a date inside "
            f"it{otherwise}.",
            rule="inside-engagement-dates",
            field="worked_on",
            accepted=f"from {self.starts_on} to {last}",
        )

    def require_before_delivery(self) -> None:
        self._require(BEFORE_DELIVERY, "given further deliverables")

    @property
    def cancellation(self) -> str | None:
        """Why what is not accepted is no longer wanted; None where it was not cancelled."""
        if self.state is not EngagementState.CANCELLED:
            return None
        return f"{self.reference} was cancelled: {self.cancel_reason}"

    def require_answers_correctable(self) -> None:
        """From confirmation on, and after a cancellation; one that is closed is reopened first."""
        correctable = (*LOGGING_OPEN, EngagementState.DELIVERED, EngagementState.CANCELLED)
        self._require(correctable, "given another answer")

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


def _entries(number: int) -> str:
    return "1 day entry is" if number == 1 else f"{number} day entries are"
