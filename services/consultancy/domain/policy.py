"""The numbers of this service that an office may set for itself."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Policy:
    #: Days are planned and logged in multiples of this.
    day_step: Decimal = Decimal("0.25")
    #: The most that one person may log for one date, over all engagements.
    most_days_a_date: Decimal = Decimal("1")
    #: Working days in a week, to estimate who is free; which days they are differs by country.
    working_days_a_week: int = 5
