"""What the office may decide differently: the contract service's defaults."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from shared.errors import Invalid
from shared.money import decimals
from shared.policies import Bounded, OutOfBounds, number

_WORTH = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?")


@dataclass(frozen=True)
class Policy(Bounded):
    """Read from ``ENTENTE_CONTRACT_<FIELD>``. Amounts are major units of `reporting_currency`."""

    #: Name under which the office's own institution stands in a contract that names none.
    our_party: str = "University College London"

    #: Whether a memorandum of understanding, which binds nobody, may carry money.
    mou_carries_money: bool = False
    #: Whether a contract's period must lie inside that of the contract it hangs under.
    child_within_parent: bool = True
    #: How long after the contract's end a milestone may fall due (final reports, last payment).
    milestone_days_after_end: int = number(90, least=0, most=3650)

    #: Years in which a contract may start, end and have milestones; others are mistyped.
    first_year: int = number(1950, least=1800, most=2026)
    last_year: int = number(2150, least=2050, most=9999)

    #: Currency in which values are compared when it is decided who must approve.
    reporting_currency: str = "GBP"
    #: What one unit of a currency is worth in `reporting_currency`, for that comparison alone.
    #: A currency that is not listed is treated as the highest value.
    reporting_rates: tuple[str, ...] = (
        "EUR=0.86",
        "USD=0.77",
        "CHF=0.92",
        "CAD=0.56",
        "AUD=0.50",
        "AED=0.21",
        "JOD=1.09",
        "KWD=2.52",
        "QAR=0.21",
        "SAR=0.21",
        "INR=0.0090",
        "JPY=0.0052",
        "KES=0.0060",
        "ZAR=0.043",
    )
    #: From this value on a partnership manager must approve; below, another officer is enough.
    manager_from: int = number(10_000, least=0, most=10**12)
    #: From this value on finance must approve too.
    finance_from: int = number(100_000, least=0, most=10**12)
    #: From this value on the partnerships board must approve too.
    board_from: int = number(500_000, least=0, most=10**12)

    #: Days until a signatory who has been asked to sign is reminded for the first time.
    first_reminder_days: int = number(5, least=1, most=365)
    #: Days between one reminder and the next.
    reminder_days: int = number(2, least=1, most=365)
    #: How often one signatory is reminded at most.
    reminders: int = number(5, least=0, most=100)

    #: Shares of a role's budget, in percent, at which approved days raise an alert.
    alert_percents: tuple[int, ...] = number((70, 85, 100), least=1, most=1000)
    #: How many weeks back the pace of a budget is measured to foresee its exhaustion.
    pace_weeks: int = number(8, least=1, most=52)

    #: How many points the used share of the days may be ahead of the accepted share of the work.
    pace_points: int = number(15, least=1, most=100)

    #: Days before a contract's end on which its owner hears what is still open.
    end_notice_days: int = number(14, least=1, most=365)

    def __post_init__(self) -> None:
        super().__post_init__()
        try:
            decimals(self.reporting_currency)
        except Invalid as refused:
            raise OutOfBounds("reporting_currency", refused.accepted) from None
        for pair in self.reporting_rates:
            _rate(pair)
        for lower, higher in pairwise(("manager_from", "finance_from", "board_from")):
            if getattr(self, higher) < getattr(self, lower):
                raise OutOfBounds(higher, f"at least {lower}, {getattr(self, lower)}")

    @property
    def first_day(self) -> date:
        """Before it nobody signed a contract of this office."""
        return date(self.first_year, 1, 1)

    def reporting_rate(self, currency: str) -> Decimal | None:
        """What one unit of a currency is worth in the reporting currency; None: not known."""
        if currency == self.reporting_currency:
            return Decimal(1)
        return dict(_rate(pair) for pair in self.reporting_rates).get(currency)


def _rate(pair: str) -> tuple[str, Decimal]:
    currency, _, rate = pair.partition("=")
    try:
        worth = Decimal(rate) if _WORTH.fullmatch(rate) else Decimal(0)
        decimals(currency)
    except Invalid:
        worth = Decimal(0)
    if not worth > 0:
        raise OutOfBounds("reporting_rates", "pairs of a currency and its worth, such as EUR=0.86")
    return currency, worth
