"""A date in a consultant's diary: how much of it is taken, over all engagements."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from services.consultancy.domain.days import say
from services.consultancy.domain.policy import Policy
from shared.errors import Conflict


@dataclass(eq=False, kw_only=True)
class DiaryDate:
    """One for each person and date. Every log changes its version, so that two logs at the same
    moment, even on two engagements, cannot both find the date free.
    """

    consultant_id: UUID
    on: date
    taken: Decimal = Decimal(0)
    version: int = 0

    def book(self, days: Decimal, policy: Policy) -> None:
        """Raises Conflict where the person's date would hold more than the office allows."""
        left = policy.most_days_a_date - self.taken
        if days > left:
            raise Conflict(
                f"A person logs at most {say(policy.most_days_a_date)} for a date over all "
                f"engagements; for {self.on} already logged: {say(self.taken)}. "
                f"Log at most {say(left)} more.",
                rule="most-days-a-date",
                field="days",
                accepted=f"at most {say(left)}",
            )
        self.taken += days

    def release(self, days: Decimal) -> None:
        self.taken -= days
