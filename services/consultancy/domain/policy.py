"""The numbers of this service that an office may set for itself."""

from dataclasses import dataclass
from decimal import Decimal

from shared.policies import Bounded, OutOfBounds, number


@dataclass(frozen=True)
class Policy(Bounded):
    #: Days are planned and logged in multiples of this.
    day_step: Decimal = number(Decimal("0.25"), least=Decimal("0.05"), most=1)
    #: The most that one person may log for one date, over all engagements.
    most_days_a_date: Decimal = number(Decimal("1"), least=Decimal("0.05"), most=2)
    #: For so many days after the end of a contract, or of an engagement, days worked before it can
    #: still be logged and corrected.
    late_days: int = number(14, least=0, most=366)
    #: How many days ahead and back the dates may be on which a consultant is free or away.
    availability_days_ahead: int = number(5 * 366, least=1, most=36_600)
    availability_days_back: int = number(366, least=0, most=36_600)
    #: Working days in a week, to estimate who is free; which days they are differs by country.
    working_days_a_week: int = number(5, least=1, most=7)

    def __post_init__(self) -> None:
        super().__post_init__()
        if 1 % self.day_step:
            raise OutOfBounds("day_step", "a part of a day such as 0.125, 0.25, 0.5 or 1")
