"""The last days: what was worked before an end is often written down after it."""

from datetime import date, timedelta

from services.consultancy.domain.policy import Policy
from shared.errors import Conflict


def require_in_time(
    what: str, ended_on: date, since: date | None, earliest: date, policy: Policy
) -> None:
    """Raises Conflict once `policy.late_days` have passed everywhere since an end.

    earliest: the earliest date that it is anywhere: the last day lasts as long as it does there;
    since: when the days were rejected or reversed, which gives as many days to correct them or to
    log them anew.
    """
    counted_from = max(ended_on, since or ended_on)
    if (earliest - counted_from).days <= policy.late_days:
        return
    until = counted_from + timedelta(days=policy.late_days)
    raise Conflict(
        f"{what} ended on {ended_on}; days worked before that could be logged and corrected until "
        f"{until}. Days that are already logged can still be submitted, decided or withdrawn.",
        rule="logged-in-time",
        field="worked_on",
        accepted=f"until {until}",
    )
