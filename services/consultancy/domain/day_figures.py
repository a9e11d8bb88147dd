"""How the days of an engagement stand: planned, and logged by how far they have come."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from services.consultancy.domain.contract_budget import NO_DAYS
from services.consultancy.domain.day_entry import COUNTED, DayEntry
from services.consultancy.domain.engagement import Engagement


@dataclass(frozen=True)
class MemberDays:
    """Days of one person in one role. The states do not overlap; rejected days are held until
    they are corrected or withdrawn. `not_chargeable`: those among them that use no budget.
    """

    consultant_id: UUID
    role: str
    planned: Decimal = NO_DAYS
    draft: Decimal = NO_DAYS
    submitted: Decimal = NO_DAYS
    approved: Decimal = NO_DAYS
    rejected: Decimal = NO_DAYS
    not_chargeable: Decimal = NO_DAYS

    @property
    def logged(self) -> Decimal:
        """All that still count, rejected ones left out."""
        return self.draft + self.submitted + self.approved

    def with_entry(self, entry: DayEntry) -> "MemberDays":
        worked, state = entry.worked, entry.state.value
        counted = replace(self, **{state: getattr(self, state) + worked.days})
        if worked.chargeable:
            return counted
        return replace(counted, not_chargeable=self.not_chargeable + worked.days)


def day_figures(engagement: Engagement, entries: Iterable[DayEntry]) -> list[MemberDays]:
    """One line for each member and role: the team in its order."""
    figures = {
        (each.consultant_id, each.role): MemberDays(
            each.consultant_id, each.role, planned=each.planned_days
        )
        for each in engagement.team
    }
    for entry in entries:
        if entry.state in COUNTED:
            key = entry.consultant_id, entry.worked.role
            figures[key] = figures.get(key, MemberDays(*key)).with_entry(entry)
    return list(figures.values())
