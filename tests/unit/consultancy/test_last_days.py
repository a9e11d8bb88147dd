"""The last days: logged and corrected for two weeks after an end, and then no more (E2)."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from services.consultancy.domain.day_entry import EntryState
from services.consultancy.domain.engagement import Engagement
from services.consultancy.domain.engagement_state import EngagementState
from shared.errors import Conflict, Invalid, Refusal
from tests.unit.consultancy.story import (
    POLICY,
    TODAY,
    Office,
    budget,
    confirmed,
    delivered,
    planned,
    worked,
)

pytestmark = pytest.mark.row("E2")

YESTERDAY = TODAY - timedelta(days=1)


def in_progress(office: Office) -> None:
    office.logs(on=YESTERDAY)


def contract_ends(office: Office) -> None:
    office.budget.end(TODAY, TODAY)


def engagement_is_delivered(office: Office) -> None:
    office.engagement.deliver((), TODAY)


def engagement_is_closed(office: Office) -> None:
    engagement_is_delivered(office)
    office.engagement.close(0, (), office.budget, ())


def engagement_is_cancelled(office: Office) -> None:
    office.engagement.cancel("The partner postponed", office.budget, (), TODAY, TODAY)


ENDS = [contract_ends, engagement_is_delivered, engagement_is_closed, engagement_is_cancelled]


def outcome(act: Callable[[], object]) -> str:
    try:
        act()
    except Refusal as refused:
        return refused.rule
    return "done"


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize(
    ("after", "expected"),
    [(0, "done"), (1, "done"), (14, "done"), (15, "logged-in-time"), (400, "logged-in-time")],
)
def test_days_before_an_end_are_logged_for_two_weeks(end, after, expected):
    office = Office()
    in_progress(office)
    end(office)
    office.becomes(TODAY + timedelta(days=after))

    assert outcome(lambda: office.logs("0.5", TODAY)) == expected


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize(("after", "expected"), [(14, "done"), (15, "logged-in-time")])
def test_a_draft_is_corrected_for_two_weeks_after_an_end(end, after, expected):
    office = Office()
    entry = office.logs(on=YESTERDAY)
    end(office)
    office.becomes(TODAY + timedelta(days=after))

    assert outcome(lambda: office.corrects(entry, worked("0.5", YESTERDAY))) == expected


@pytest.mark.parametrize("end", ENDS)
def test_what_is_logged_is_submitted_decided_and_withdrawn_whenever(end):
    office = Office()
    kept, withdrawn = office.logs(on=YESTERDAY), office.logs("0.5")
    end(office)
    office.becomes(TODAY + timedelta(days=300))

    kept.submit()
    kept.approve("carla", None, on=office.today)
    office.log.withdraw_days(withdrawn)

    assert (kept.state, withdrawn.state) == (EntryState.APPROVED, EntryState.WITHDRAWN)


@pytest.mark.parametrize("end", ENDS)
def test_a_late_rejection_gives_two_weeks_to_correct(end):
    office = Office()
    entry = office.logs(on=YESTERDAY)
    entry.submit()
    end(office)
    entry.reject("Half a day only", "carla", None, on=TODAY + timedelta(days=60))

    office.becomes(TODAY + timedelta(days=74))
    assert outcome(lambda: office.corrects(entry, worked("0.5", YESTERDAY))) == "done"


def test_a_late_reversal_gives_two_weeks_to_log_anew():
    office = Office()
    entry = office.approves(1, YESTERDAY)
    engagement_is_delivered(office)
    reversed_on = TODAY + timedelta(days=90)
    office.becomes(reversed_on)
    office.reverses(entry)

    office.becomes(reversed_on + timedelta(days=14))
    assert outcome(lambda: office.logs("0.5", YESTERDAY, reversed_on=reversed_on)) == "done"
    office.becomes(reversed_on + timedelta(days=15))
    late = outcome(lambda: office.logs("0.5", YESTERDAY, reversed_on=reversed_on))
    assert late == "logged-in-time"


def test_the_earlier_of_two_ends_counts():
    office = Office()
    in_progress(office)
    ended_on = TODAY - timedelta(days=10)
    office.budget.end(ended_on, ended_on)
    engagement_is_delivered(office)
    office.becomes(TODAY + timedelta(days=5))

    assert outcome(lambda: office.logs("0.5", date(2026, 2, 20))) == "logged-in-time"


def test_work_after_an_early_end_of_the_contract_is_refused():
    office = Office()
    office.budget.end(YESTERDAY, YESTERDAY)

    with pytest.raises(Invalid) as refused:
        office.logs(on=TODAY)

    assert (refused.value.rule, refused.value.field) == ("inside-contract-period", "worked_on")


def test_work_after_a_cancellation_is_refused():
    office = Office()
    in_progress(office)
    office.engagement.cancel("Postponed", office.budget, (), YESTERDAY, YESTERDAY)

    with pytest.raises(Invalid) as refused:
        office.logs(on=TODAY)

    assert refused.value.rule == "inside-engagement-dates"


def test_nothing_is_logged_on_an_engagement_cancelled_before_it_was_confirmed():
    office = Office()
    never_confirmed: Engagement = office.plans()
    never_confirmed.cancel("Postponed", office.budget, (), TODAY, TODAY)

    with pytest.raises(Conflict) as refused:
        office.logs(engagement=never_confirmed)

    assert refused.value.rule == "engagement-open-for-logging"


@pytest.mark.parametrize(
    ("on", "rule"),
    [
        (date(2026, 1, 31), "inside-engagement-dates"),
        (date(2026, 2, 1), "done"),
        (date(2025, 12, 31), "inside-contract-period"),
        (date(26, 3, 10), "inside-contract-period"),
        (date(2026, 3, 11), "date-possible"),
        (date(2026, 6, 1), "inside-engagement-dates"),
        (date(9999, 12, 31), "inside-contract-period"),
    ],
)
def test_work_lies_inside_the_engagement_and_not_in_the_future(on, rule):
    assert outcome(lambda: Office().logs(on=on)) == rule


def test_work_is_logged_as_soon_as_its_date_has_begun_anywhere():
    office = Office()
    tomorrow = TODAY + timedelta(days=1)
    office.becomes(TODAY, latest=tomorrow)

    assert office.logs(on=tomorrow).worked.worked_on == tomorrow


def test_a_closed_engagement_reopened_is_delivered_and_then_in_progress():
    of = budget()
    engagement = delivered(of)
    engagement.close(0, (), of, ())

    engagement.reopen("A day was forgotten", of)
    assert engagement.state is EngagementState.DELIVERED
    engagement.reopen("A report was forgotten", of)

    assert (engagement.state, engagement.ended_on) == (EngagementState.IN_PROGRESS, None)


@pytest.mark.parametrize("reason", ["", "  "])
def test_reopening_needs_a_reason(reason):
    of = budget()

    with pytest.raises(Invalid) as refused:
        delivered(of).reopen(reason, of)

    assert refused.value.field == "reason"


def test_what_is_not_delivered_is_not_reopened():
    of = budget()

    with pytest.raises(Conflict, match="only while it is delivered or closed"):
        confirmed(of).reopen("Why not", of)


@pytest.mark.parametrize(("after", "expected"), [(1, "done"), (14, "done"), (15, "logged-in-time")])
def test_what_was_planned_only_is_confirmed_in_the_last_days_so_that_its_days_are_logged(
    after: int, expected: str
) -> None:
    office = Office()
    office.engagement = planned(office.budget)
    contract_ends(office)
    office.becomes(TODAY + timedelta(days=after))

    confirmed = outcome(lambda: office.engagement.confirm(office.budget, office.today, POLICY))

    assert confirmed == expected
    if expected == "done":
        assert outcome(lambda: office.logs("0.5", YESTERDAY)) == "done"


@pytest.mark.parametrize(("after", "expected"), [(14, "done"), (15, "logged-in-time")])
def test_the_end_of_the_period_counts_before_anybody_says_that_it_expired(after, expected):
    office = Office()
    in_progress(office)
    office.budget.ends_on = TODAY
    office.becomes(TODAY + timedelta(days=after))

    assert outcome(lambda: office.logs("0.5", TODAY)) == expected
