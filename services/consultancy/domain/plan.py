"""The plan of an engagement: who advises in which role, when, and for how many days."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from services.consultancy.domain.contract_budget import ContractBudget
from services.consultancy.domain.days import check_step, say
from services.consultancy.domain.policy import Policy
from shared.errors import Conflict, Invalid
from shared.events.consultancy import TeamMember
from shared.events.vocabulary import WorkMode


@dataclass(frozen=True)
class LoggedWork:
    """The days that somebody has logged in a role and that still count, and between which dates."""

    consultant_id: UUID
    role: str
    days: Decimal
    first_on: date
    last_on: date


@dataclass(frozen=True)
class Plan:
    """What may be replanned. The days of `team` are counted by role against the day budget."""

    title: str
    mode: WorkMode
    starts_on: date
    ends_on: date
    team: tuple[TeamMember, ...]

    def check(self, budget: ContractBudget, policy: Policy, before: "Plan | None" = None) -> None:
        """Raises Invalid for what the contract does not provide for.

        before: the plan that this one replaces. What it leaves as it was is not judged again:
        the contract may have changed since.
        """
        if self.ends_on < self.starts_on:
            raise Invalid(
                "The engagement ends before it starts; exchange its dates.",
                rule="end-after-start",
                field="ends_on",
                accepted=f"{self.starts_on} or later",
            )
        if before is None or (self.starts_on, self.ends_on) != (before.starts_on, before.ends_on):
            budget.require_inside_period(self.starts_on, self.ends_on, "starts_on", "ends_on")
        if not self.team:
            raise Invalid(
                "Name at least one consultant with a role and planned days.",
                rule="team-named",
                field="team",
            )
        known = {each.role for each in before.team} if before else set()
        seen = set()
        for position, member in enumerate(self.team):
            field = f"team.{position}"
            if member.role not in known:
                budget.require_role(member.role, f"{field}.role")
            check_step(member.planned_days, policy, f"{field}.planned_days")
            if (member.consultant_id, member.role) in seen:
                raise Invalid(
                    "The same person appears twice in the same role; add up the planned days.",
                    rule="given-once",
                    field=field,
                )
            seen.add((member.consultant_id, member.role))

    def check_keeps(self, logged: Collection[LoggedWork], before: "Plan") -> None:
        """Raises Conflict where days that were logged would fall out of the plan."""
        roles = {(each.consultant_id, each.role) for each in self.team}
        missing = [each for each in logged if (each.consultant_id, each.role) not in roles]
        if missing:
            raise Conflict(
                "Somebody who has logged days in a role cannot leave the team in that role; "
                "keep the person with the days logged, or have the days withdrawn or reversed.",
                rule="logged-stays-on-team",
                field="team",
                accepted=", ".join(sorted(f"{w.consultant_id} as {w.role}" for w in missing)),
            )
        if not logged:
            return
        first = min(each.first_on for each in logged)
        last = max(each.last_on for each in logged)
        if self.starts_on > max(first, before.starts_on):
            raise _logged_outside("starts_on", first, f"{first} or earlier")
        if self.ends_on < min(last, before.ends_on):
            raise _logged_outside("ends_on", last, f"{last} or later")

    def warnings(self, logged: Iterable[LoggedWork]) -> tuple[str, ...]:
        """Where fewer days are planned than have been logged."""
        planned = {(each.consultant_id, each.role): each.planned_days for each in self.team}
        return tuple(
            f"{say(planned[each.consultant_id, each.role])} of {each.role} planned for somebody "
            f"who has already logged {say(each.days)}."
            for each in logged
            if each.days > planned[each.consultant_id, each.role]
        )


def _logged_outside(field: str, on: date, accepted: str) -> Conflict:
    return Conflict(
        f"Days are logged for {on}, which would be outside the engagement's dates; choose dates "
        "that include it, or have those days corrected, withdrawn or reversed.",
        rule="logged-stays-inside",
        field=field,
        accepted=accepted,
    )
