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
            advice = (
                f"Log at most {say(left)} more."
                if left > 0
                else "Correct or withdraw what is logged for it, or choose another date."
            )
            raise Conflict(
                f"A person logs at most {say(policy.most_days_a_date)} for a date over all "
                f"engagements; for {self.on} {say(self.taken)} "
                f"{'is' if self.taken == 1 else 'are'} already logged. {advice}",
                rule="most-days-a-date",
                field="days",
                accepted=f"at most {say(left)}" if left > 0 else "another date",
            )
        self.taken += days

    def release(self, days: Decimal) -> None:
        self.taken -= days
