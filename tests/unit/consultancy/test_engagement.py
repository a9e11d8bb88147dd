"""Engagement plans and their life (E1)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.consultancy.domain.engagement import Engagement
from services.consultancy.domain.engagement_state import EngagementState
from services.consultancy.domain.plan import LoggedWork
from shared.errors import Conflict, Invalid
from shared.events.consultancy import (
    EngagementCancelled,
    EngagementPlanned,
    EngagementReplanned,
    TeamMember,
)
from shared.events.vocabulary import Area, OverBudgetPolicy
from shared.identifiers import new_id
from tests.unit.consultancy.story import (
    AMINA,
    BORIS,
    CONTRACT,
    PARTNER,
    POLICY,
    TODAY,
    budget,
    confirmed,
    days,
    delivered,
    plan,
    planned,
)

pytestmark = pytest.mark.row("E1")


def test_a_plan_tells_the_contract_area_team_and_days_by_role():
    team = (TeamMember(AMINA, "educator", days(5)), TeamMember(BORIS, "clinician", days("1.5")))

    (event,) = planned(budget(), *team).collect()

    assert isinstance(event, EngagementPlanned)
    assert (event.contract_id, event.partner_id) == (CONTRACT, PARTNER)
    assert (event.area, event.team) == (Area.ASSESSMENT, team)


def test_planned_days_are_claimed_by_role():
    of = budget()

    planned(of, TeamMember(AMINA, "educator", days(5)), TeamMember(BORIS, "educator", days(2)))

    assert of.planned_days("educator") == 7


def test_nothing_is_planned_under_a_contract_that_is_not_active():
    of = budget()
    of.end(TODAY, TODAY)

    with pytest.raises(Conflict, match="ended on 2026-03-10") as refused:
        planned(of)

    assert refused.value.rule == "contract-active"


@pytest.mark.parametrize(
    ("team", "rule"),
    [
        ((TeamMember(AMINA, "surgeon", days(1)),), "role-in-day-budget"),
        ((TeamMember(AMINA, "educator", days("0.3")),), "day-step"),
        ((TeamMember(AMINA, "educator", days(0)),), "day-step"),
        ((TeamMember(AMINA, "educator", days(1)),) * 2, "given-once"),
    ],
)
def test_a_team_that_the_contract_does_not_provide_for_is_refused(team, rule):
    with pytest.raises(Invalid) as refused:
        planned(budget(), *team)

    assert refused.value.rule == rule


def test_an_engagement_has_a_team():
    with pytest.raises(Invalid) as refused:
        replace(plan(), team=()).check(budget(), POLICY)

    assert refused.value.rule == "team-named"


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "rule"),
    [
        (date(2026, 3, 2), date(2026, 3, 1), "end-after-start"),
        (date(2025, 12, 31), date(2026, 3, 1), "inside-contract-period"),
        (date(2026, 3, 1), date(2027, 1, 1), "inside-contract-period"),
    ],
)
def test_an_engagement_lies_inside_the_contract(starts_on, ends_on, rule):
    with pytest.raises(Invalid) as refused:
        replace(plan(), starts_on=starts_on, ends_on=ends_on).check(budget(), POLICY)

    assert refused.value.rule == rule


@pytest.mark.row("E4")
def test_a_plan_over_the_budget_is_refused_where_the_contract_blocks():
    of = budget(OverBudgetPolicy.BLOCK, educator_days=8)
    planned(of, TeamMember(AMINA, "educator", days(5)))

    with pytest.raises(Conflict, match="Plan at most 3 days") as refused:
        planned(of, TeamMember(BORIS, "educator", days("3.25")))

    assert refused.value.rule == "day-budget"


@pytest.mark.row("E4")
def test_a_plan_over_the_budget_warns_where_the_contract_warns():
    engagement = planned(budget(OverBudgetPolicy.WARN, 8), TeamMember(AMINA, "educator", days(9)))

    assert engagement.warnings == [
        "With this, 9 days of educator are planned under contract CTR-2026-0001, which buys 8 days."
    ]


@pytest.mark.row("E4")
def test_a_plan_over_the_budget_says_nothing_where_the_contract_allows():
    engagement = planned(budget(OverBudgetPolicy.ALLOW, 8), TeamMember(AMINA, "educator", days(9)))

    assert engagement.warnings == []


def test_replanning_takes_the_place_of_what_was_planned():
    of = budget()
    engagement = planned(of, TeamMember(AMINA, "educator", days(9)))

    engagement.replan(
        plan(TeamMember(BORIS, "educator", days(10))), of, POLICY, logged=(), earliest=TODAY
    )

    assert of.planned_days("educator") == 10


def test_replanning_is_told():
    of = budget()
    engagement = planned(of)
    engagement.collect()

    engagement.replan(
        replace(plan(), title="Assessment redesign"), of, POLICY, logged=(), earliest=TODAY
    )

    (event,) = engagement.collect()
    assert isinstance(event, EngagementReplanned)
    assert event.title == "Assessment redesign"


def test_a_plan_that_does_not_change_is_not_told():
    of = budget()
    engagement = planned(of)
    engagement.collect()

    engagement.replan(plan(), of, POLICY, logged=(), earliest=TODAY)

    assert engagement.collect() == []


@pytest.mark.row("E4")
def test_a_plan_can_shrink_although_it_stays_over_a_budget_that_was_amended():
    of = budget(OverBudgetPolicy.BLOCK)
    engagement = planned(of, TeamMember(AMINA, "educator", days(10)))
    of.lines = budget(educator_days=4).lines

    engagement.replan(
        plan(TeamMember(AMINA, "educator", days(8))), of, POLICY, logged=(), earliest=TODAY
    )

    assert of.planned_days("educator") == 8


def test_who_has_logged_days_stays_on_the_team():
    of = budget()
    engagement = planned(of)

    with pytest.raises(Conflict) as refused:
        engagement.replan(
            plan(TeamMember(BORIS, "educator", days(1))),
            of,
            POLICY,
            logged=[LoggedWork(AMINA, "educator", days(1), TODAY, TODAY)],
            earliest=TODAY,
        )

    assert refused.value.rule == "logged-stays-on-team"


def test_a_delivered_engagement_is_not_replanned():
    of = budget()

    with pytest.raises(Conflict, match="is delivered"):
        delivered(of).replan(
            replace(plan(), title="Another"), of, POLICY, logged=(), earliest=TODAY
        )


def test_it_is_not_confirmed_once_the_last_days_after_the_contract_are_over():
    of = budget()
    engagement = planned(of)
    of.end(TODAY, TODAY)

    with pytest.raises(Conflict, match="ended on 2026-03-10"):
        engagement.confirm(of, TODAY + timedelta(days=15), POLICY)


def test_it_is_not_started_before_it_is_confirmed():
    of = budget()

    with pytest.raises(Conflict, match="only while it is confirmed"):
        planned(of).start(of, TODAY, POLICY)


def test_it_is_not_delivered_while_a_deliverable_is_owed():
    of = budget()
    engagement = confirmed(of)
    engagement.start(of, TODAY, POLICY)

    with pytest.raises(Conflict, match="Blueprint") as refused:
        engagement.deliver(["Blueprint"], TODAY)

    assert refused.value.rule == "deliverables-submitted"


def test_it_is_not_closed_while_days_are_undecided():
    with pytest.raises(Conflict) as refused:
        delivered(of := budget()).close(2, (), of, ())

    assert refused.value.rule == "entries-decided"


@pytest.mark.parametrize(("number", "words"), [(1, "1 day entry is"), (2, "2 day entries are")])
def test_the_entries_that_keep_it_open_are_counted_in_words(number, words):
    with pytest.raises(Conflict, match=f"{words} not decided yet"):
        delivered(of := budget()).close(number, (), of, ())


@pytest.mark.row("E2")
def test_other_dates_are_advised_only_where_the_plan_can_still_be_changed():
    of = budget()
    engagement = confirmed(of)
    outside = engagement.starts_on - timedelta(days=1)
    with pytest.raises(Invalid, match="change the engagement's dates"):
        engagement.require_inside_dates(outside)

    engagement.cancel("Postponed", of, (), TODAY, TODAY)

    with pytest.raises(Invalid) as refused:
        engagement.require_inside_dates(outside)
    assert "change" not in refused.value.message


def test_it_is_not_closed_while_the_partner_has_not_accepted_a_deliverable():
    with pytest.raises(Conflict) as refused:
        delivered(of := budget()).close(0, ["Blueprint"], of, ())

    assert refused.value.rule == "deliverables-accepted"


def test_a_delivered_engagement_with_nothing_open_is_closed():
    of = budget()
    engagement = delivered(of)

    engagement.close(0, (), of, ())

    assert engagement.state is EngagementState.CLOSED


def test_cancelling_gives_the_planned_days_back():
    of = budget()
    engagement = planned(of)

    engagement.cancel("The partner postponed", of, (), TODAY, TODAY)

    assert of.planned_days("educator") == 0


def test_cancelling_tells_the_reason_and_the_team():
    of = budget()
    engagement = planned(of)

    engagement.cancel("The partner postponed", of, (), TODAY, TODAY)

    event = engagement.collect()[-1]
    assert isinstance(event, EngagementCancelled)
    assert (event.reason, event.team) == ("The partner postponed", plan().team)


def test_cancelling_needs_a_reason():
    of = budget()

    with pytest.raises(Invalid) as refused:
        planned(of).cancel(" ", of, (), TODAY, TODAY)

    assert refused.value.rule == "reason-given"


def test_a_delivered_engagement_is_not_cancelled():
    of = budget()

    with pytest.raises(Conflict) as refused:
        delivered(of).cancel("Too late", of, (), TODAY, TODAY)

    assert refused.value.rule == "engagement-lifecycle"


def test_the_role_may_be_left_out_where_there_is_only_one():
    assert planned(budget()).role_of(AMINA, None) == "educator"


def test_the_role_is_asked_for_where_there_are_several():
    engagement = planned(
        budget(), TeamMember(AMINA, "educator", days(1)), TeamMember(AMINA, "clinician", days(1))
    )

    with pytest.raises(Invalid, match="educator and clinician"):
        engagement.role_of(AMINA, None)


def test_somebody_outside_the_team_has_no_role():
    engagement: Engagement = planned(budget())

    with pytest.raises(Invalid) as refused:
        engagement.role_of(new_id(), "educator")

    assert refused.value.rule == "consultant-on-team"


@pytest.mark.row("E4")
def test_a_refused_replan_says_what_the_other_engagements_left():
    of = budget(OverBudgetPolicy.BLOCK, educator_days=8)
    planned(of, TeamMember(AMINA, "educator", days(2)))
    engagement = planned(of, TeamMember(BORIS, "educator", days(5)))

    with pytest.raises(Conflict, match="Plan at most 6 days"):
        engagement.replan(
            plan(TeamMember(BORIS, "educator", days(7))), of, POLICY, logged=(), earliest=TODAY
        )
