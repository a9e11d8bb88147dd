"""What the office may decide differently: the contract service's defaults."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation


@dataclass(frozen=True)
class Policy:
    """Read from ``ENTENTE_CONTRACT_<FIELD>``. Amounts are major units of `reporting_currency`."""

    #: Name under which the office's own institution stands in a contract that names none.
    our_party: str = "University College London"

    #: Whether a memorandum of understanding, which binds nobody, may carry money.
    mou_carries_money: bool = False
    #: Whether a contract's period must lie inside that of the contract it hangs under.
    child_within_parent: bool = True
    #: How long after the contract's end a milestone may fall due (final reports, last payment).
    milestone_days_after_end: int = 90

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
    manager_from: int = 10_000
    #: From this value on finance must approve too.
    finance_from: int = 100_000
    #: From this value on the partnerships board must approve too.
    board_from: int = 500_000

    #: Days until a signatory who has been asked to sign is reminded for the first time.
    first_reminder_days: int = 5
    #: Days between one reminder and the next.
    reminder_days: int = 2
    #: How often one signatory is reminded at most.
    reminders: int = 5

    #: Shares of a role's budget, in percent, at which approved days raise an alert.
    alert_percents: tuple[int, ...] = (70, 85, 100)
    #: How many weeks back the pace of a budget is measured to foresee its exhaustion.
    pace_weeks: int = 8

    def __post_init__(self) -> None:
        for pair in self.reporting_rates:
            _rate(pair)

    def reporting_rate(self, currency: str) -> Decimal | None:
        """What one unit of a currency is worth in the reporting currency; None: not known."""
        if currency == self.reporting_currency:
            return Decimal(1)
        return dict(_rate(pair) for pair in self.reporting_rates).get(currency)


def _rate(pair: str) -> tuple[str, Decimal]:
    currency, _, rate = pair.partition("=")
    try:
        return currency, Decimal(rate)
    except InvalidOperation:
        raise ValueError(
            f"ENTENTE_CONTRACT_REPORTING_RATES: {pair!r} must be like 'EUR=0.86'"
        ) from None
