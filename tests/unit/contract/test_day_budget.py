"""The live day budget and its burn-down (C10)."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from services.contract.domain.burn_down import Progress, burn_down, days_of_pace, exhaustion
from services.contract.domain.day_budget import (
    DayBudget,
    EntryState,
    KnownEntry,
    KnownPlan,
    RoleDays,
    recount,
)
from shared.events.consultancy import TeamMember
from shared.events.contract import BudgetLine, DayBudgetAhead, DayBudgetAlert
from shared.identifiers import new_id
from tests.unit.contract.story import POLICY, TODAY, gbp, terms

pytestmark = pytest.mark.row("C10")

CONTRACT, PARTNER = new_id(), new_id()
MONDAY = TODAY
LONG_AGO = Progress(since=TODAY - timedelta(days=1000))
#: Eight weeks.
PACE = 56


def budget(**lines: int) -> DayBudget:
    bought = lines or {"educator": 40, "clinician": 20}
    agreed = terms(
        day_budget=tuple(BudgetLine(role, Decimal(days), gbp(900)) for role, days in bought.items())
    )
    return DayBudget.of(CONTRACT, PARTNER, agreed)


def entry(
    days: str | int = 1,
    state: EntryState = EntryState.APPROVED,
    *,
    role: str = "educator",
    on: date = TODAY,
    chargeable: bool = True,
) -> KnownEntry:
    return KnownEntry(
        id=new_id(),
        contract_id=CONTRACT,
        engagement_id=new_id(),
        role=role,
        worked_on=on,
        days=Decimal(days),
        chargeable=chargeable,
        state=state,
    )


def plan(days: int, role: str = "educator") -> KnownPlan:
    team = (TeamMember(new_id(), role, Decimal(days)),)
    return KnownPlan(id=new_id(), contract_id=CONTRACT, team=team)


def take(budgeted: DayBudget, *known: KnownPlan | KnownEntry) -> None:
    for each in known:
        budgeted.count((), each.counts, TODAY, POLICY)


def alerts(budgeted: DayBudget) -> list[tuple[str, int]]:
    return [
        (event.role, event.percent)
        for event in budgeted.collect()
        if isinstance(event, DayBudgetAlert)
    ]


def test_planned_logged_approved_and_remaining_are_kept_by_role():
    live = budget()

    take(live, plan(10), entry(3), entry(2, EntryState.LOGGED), entry(1, role="clinician"))

    assert live.days_of("educator") == RoleDays("educator", Decimal(10), Decimal(5), Decimal(3))
    assert live.remaining_of("educator") == 37
    assert live.remaining_of("clinician") == 19


@pytest.mark.parametrize(
    ("state", "logged", "approved"),
    [
        (EntryState.LOGGED, 2, 0),
        (EntryState.SUBMITTED, 2, 0),
        (EntryState.APPROVED, 2, 2),
        (EntryState.REJECTED, 0, 0),
        (EntryState.WITHDRAWN, 0, 0),
        (EntryState.REVERSED, 0, 0),
    ],
)
def test_only_living_entries_count_and_only_approved_ones_consume(state, logged, approved):
    live = budget()

    take(live, entry(2, state))

    days = live.days_of("educator")
    assert (days.logged, days.approved) == (logged, approved)


@pytest.mark.parametrize("state", [EntryState.LOGGED, EntryState.APPROVED])
def test_days_that_are_not_charged_count_as_logged_and_consume_nothing(state):
    live = budget()

    take(live, entry(2, state, chargeable=False))

    days = live.days_of("educator")
    figures = (days.logged, days.approved, live.remaining_of("educator"))
    assert figures == (Decimal(2), Decimal(0), Decimal(40))


def test_a_moved_entry_is_counted_once():
    live, logged = budget(), entry(2, EntryState.LOGGED)
    take(live, logged)
    approved = replace(logged, state=EntryState.APPROVED)

    live.count(logged.counts, approved.counts, TODAY, POLICY)

    assert live.roles == recount([approved])


def test_a_cancelled_plan_falls_back_to_the_budget():
    live, planned = budget(), plan(10)
    take(live, planned)

    live.count(planned.counts, (), TODAY, POLICY)

    assert live.days_of("educator").planned == 0


def test_alerts_come_at_70_85_and_100_percent():
    live, raised = budget(educator=20), []
    for _ in range(20):
        take(live, entry(1))
        raised.append(alerts(live))

    assert raised[12] == []
    assert raised[13] == [("educator", 70)]
    assert raised[16] == [("educator", 85)]
    assert raised[19] == [("educator", 100)]
    assert sum(map(len, raised)) == 3


def test_an_alert_tells_approved_and_bought_days_and_the_version():
    live = budget(educator=10)

    take(live, entry(7))

    assert live.collect() == [
        DayBudgetAlert(
            contract_id=CONTRACT,
            partner_id=PARTNER,
            role="educator",
            percent=70,
            approved_days=Decimal(7),
            budget_days=Decimal(10),
            terms_version=1,
        )
    ]


def test_the_share_is_not_rounded_up_to_an_alert():
    live = budget(educator=40)

    take(live, entry("27.75"))

    assert alerts(live) == []


def test_days_that_wait_for_approval_alert_nobody():
    live = budget(educator=1)

    take(live, entry(1, EntryState.LOGGED))

    assert alerts(live) == []


def test_each_role_has_its_own_alerts():
    live = budget(educator=40, clinician=1)

    take(live, entry(1, role="clinician"))

    assert {role for role, _ in alerts(live)} == {"clinician"}


def test_a_share_reached_again_after_a_reversal_alerts_no_second_time():
    live, approved = budget(educator=10), entry(7)
    take(live, approved)
    live.count(approved.counts, (), TODAY, POLICY)
    live.collect()

    take(live, approved)

    assert alerts(live) == []


def test_a_role_that_was_never_bought_alerts_with_its_first_approved_day():
    live = budget(educator=10)

    take(live, entry("0.25", role="translator"))

    assert ("translator", 100) in alerts(live)
    assert live.remaining_of("translator") == Decimal("-0.25")


def more_days(live: DayBudget, days: int, version: int = 2) -> None:
    line = BudgetLine("educator", Decimal(days), gbp(900))
    live.take_terms(terms(version=version, day_budget=(line,)), TODAY, POLICY)


def test_changed_terms_recompute_what_remains():
    live = budget(educator=10)
    take(live, entry(8))

    more_days(live, 20)

    assert (live.remaining_of("educator"), live.percent_of("educator")) == (Decimal(12), 40)


def test_under_changed_terms_each_share_alerts_once_more():
    live = budget(educator=10)
    take(live, entry(7))
    more_days(live, 20)
    live.collect()

    take(live, entry(7))

    assert alerts(live) == [("educator", 70)]


def test_changed_terms_that_leave_too_little_alert_at_once():
    live = budget(educator=40)
    take(live, entry(7))

    more_days(live, 10)

    assert alerts(live) == [("educator", 70)]


def test_older_terms_change_nothing():
    live = budget(educator=10)
    more_days(live, 20, version=3)

    more_days(live, 5, version=2)

    assert live.budget_of("educator") == 20


def test_the_budget_is_exhausted_on_the_day_that_the_recent_pace_says():
    week_by_week = [entry(1, on=TODAY - timedelta(weeks=back)) for back in range(8)]

    foreseen = exhaustion(Decimal(12), week_by_week, TODAY, PACE)

    assert foreseen == TODAY + timedelta(weeks=4)


def test_work_of_more_than_eight_weeks_ago_does_not_count_into_the_pace():
    long_ago = entry(5, on=TODAY - timedelta(weeks=8))

    assert exhaustion(Decimal(9), [long_ago], TODAY, PACE) is None


@pytest.mark.parametrize(
    ("bought", "days_ago"), [(1, 30), (2, 9), ("1.5", 9), ("0.75", 30), (0, 30), (3, 2)]
)
def test_a_used_up_budget_was_exhausted_on_the_date_that_took_the_last_of_it(bought, days_ago):
    worked = [entry(1, on=TODAY - timedelta(days=ago)) for ago in (9, 30, 2)]

    assert exhaustion(Decimal(bought), worked, TODAY, PACE) == TODAY - timedelta(days=days_ago)


def test_a_pace_too_slow_to_matter_foresees_no_day():
    assert exhaustion(Decimal(90_000), [entry("0.25")], TODAY, PACE) is None


@pytest.mark.parametrize(
    ("age", "days"),
    [(0, 7), (6, 7), (7, 14), (13, 14), (20, 21), (55, 56), (56, 56), (4000, 56), (-30, 7)],
)
def test_the_pace_of_a_young_contract_is_measured_over_the_weeks_there_are(age, days):
    assert days_of_pace(TODAY - timedelta(days=age), TODAY, 8) == days


def test_the_forecast_of_a_young_contract_is_not_that_of_eight_weeks():
    young = Progress(since=TODAY - timedelta(days=13))
    live, worked = budget(educator=10), [entry(2, on=TODAY - timedelta(days=3))]
    take(live, *worked)

    shown = burn_down(live, worked, TODAY, POLICY, young)

    assert shown.exhausted_on == TODAY + timedelta(weeks=8)  # 8 days left, one a week


# Rejected and resubmitted days


def test_rejected_days_are_held_apart_until_they_are_corrected_or_withdrawn():
    live, rejected = budget(), entry(2, EntryState.REJECTED)
    take(live, rejected)
    days = live.days_of("educator")
    assert (days.rejected, days.logged) == (Decimal(2), Decimal(0))

    again = replace(rejected, state=EntryState.SUBMITTED)
    live.count(rejected.counts, again.counts, TODAY, POLICY)

    days = live.days_of("educator")
    assert (days.rejected, days.logged) == (Decimal(0), Decimal(2))


# Days ahead of accepted work


@pytest.mark.parametrize(
    ("used", "accepted", "ahead"),
    [(15, 0, True), (14, 0, False), (60, 45, True), (60, 46, False), (90, None, False)],
)
def test_days_are_ahead_where_their_share_is_15_points_above_the_accepted_share(
    used, accepted, ahead
):
    live = budget(educator=100)
    take(live, entry(used))
    live.collect()

    live.watch_pace(accepted, "owner-1", POLICY)

    assert (len(live.collect()) == 1) is ahead


def test_days_ahead_are_told_once_for_each_version_of_the_terms():
    live = budget(educator=100)
    take(live, entry(50))
    live.collect()
    for _ in range(2):
        live.watch_pace(0, "owner-1", POLICY)
    more_days(live, 100)
    live.watch_pace(0, "owner-1", POLICY)

    ahead = [event for event in live.collect() if isinstance(event, DayBudgetAhead)]
    assert [each.terms_version for each in ahead] == [1, 2]


def test_the_weekly_series_has_no_holes_and_ends_at_what_remains():
    worked = [entry(2, on=MONDAY), entry(1, on=MONDAY + timedelta(days=6)), entry(4, on=MONDAY)]
    worked.append(entry(3, on=MONDAY + timedelta(days=15)))
    live = budget(educator=20)
    take(live, *worked)

    shown = burn_down(live, worked, MONDAY + timedelta(days=20), POLICY, LONG_AGO)

    assert [(week.starts_on, week.approved, week.remaining) for week in shown.weeks] == [
        (MONDAY, Decimal(7), Decimal(13)),
        (MONDAY + timedelta(weeks=1), Decimal(0), Decimal(13)),
        (MONDAY + timedelta(weeks=2), Decimal(3), Decimal(10)),
    ]


def test_the_burn_down_of_an_untouched_contract_shows_what_was_bought():
    shown = burn_down(budget(), [], TODAY, POLICY, LONG_AGO)

    assert (shown.budget, shown.remaining) == (Decimal(60), Decimal(60))
    assert (shown.percent, shown.weeks) == (0, ())


def test_the_burn_down_shows_the_alerts_of_the_present_terms_only():
    live = budget(educator=10)
    take(live, entry(7))
    more_days(live, 100)

    assert burn_down(live, [], TODAY, POLICY, LONG_AGO).alerts == ()


def test_waiting_days_do_not_burn():
    waiting = entry(2, EntryState.LOGGED)
    live = budget(educator=10)
    take(live, waiting)

    shown = burn_down(live, [waiting], TODAY, POLICY, LONG_AGO)

    assert (shown.logged, shown.approved, shown.weeks) == (Decimal(2), Decimal(0), ())


def test_replacing_a_team_moves_the_planned_days_to_the_other_role():
    live, planned = budget(), plan(10)
    take(live, planned)
    other = plan(4, role="clinician")

    live.count(planned.counts, other.counts, TODAY, POLICY)

    assert live.roles == recount([other])


def test_the_policy_decides_at_which_shares_to_alert():
    live = budget(educator=10)

    live.count((), entry(5).counts, TODAY, replace(POLICY, alert_percents=(50,)))

    assert alerts(live) == [("educator", 50)]
