"""A plan changed while it runs, what closing gives back, and what planners are warned of."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.consultancy.domain.consultant import AvailabilityPeriod, Presence
from services.consultancy.domain.plan import LoggedWork
from services.consultancy.domain.plan_warnings import OtherPlan, PlannedPerson, plan_warnings
from shared.errors import Conflict, Invalid
from shared.events.consultancy import EngagementClosed, TeamMember
from shared.events.vocabulary import OverBudgetPolicy
from tests.unit.consultancy.office import COLLEAGUE, GUEST, ConsultancyOffice, with_educator_days
from tests.unit.consultancy.story import (
    AMINA,
    BORIS,
    POLICY,
    TODAY,
    Office,
    budget,
    confirmed,
    days,
    plan,
    planned,
    worked,
)

pytestmark = pytest.mark.row("E1")

LOGGED = [LoggedWork(AMINA, "educator", days(2), date(2026, 2, 10), date(2026, 3, 10))]


def two_weeks_of(*team: TeamMember) -> Office:
    office = Office(budget(OverBudgetPolicy.BLOCK, educator_days=10))
    office.engagement = confirmed(office.budget, *team)
    return office


def close(office: Office) -> None:
    office.engagement.deliver((), TODAY)
    office.engagement.close(0, (), office.budget, ())


def test_closing_gives_unused_planned_days_back():
    office = two_weeks_of(TeamMember(AMINA, "educator", days(9)))
    office.approves(1)
    assert office.budget.committed_days("educator") == 10

    close(office)

    # One day was worked, one is planned by the office's other engagement.
    assert office.budget.committed_days("educator") == 2
    planned(office.budget, TeamMember(BORIS, "educator", days(8)))


def test_days_worked_on_a_closed_engagement_are_not_planned_again():
    office = two_weeks_of(TeamMember(AMINA, "educator", days(9)))
    office.approves(1)
    close(office)

    with pytest.raises(Conflict, match="Plan at most 8 days"):
        planned(office.budget, TeamMember(BORIS, "educator", days("8.25")))


def test_days_reversed_after_closing_can_be_planned_again():
    office = two_weeks_of(TeamMember(AMINA, "educator", days(9)))
    entry = office.approves(1)
    close(office)

    office.reverses(entry)

    assert office.budget.committed_days("educator") == 1


def test_days_worked_before_a_cancellation_are_not_planned_again():
    office = two_weeks_of(TeamMember(AMINA, "educator", days(9)))
    office.logs(1)

    office.engagement.cancel("The partner postponed", office.budget, (), TODAY, TODAY)

    assert office.budget.committed_days("educator") == 2


def test_more_days_worked_than_planned_count_as_worked():
    office = two_weeks_of(TeamMember(AMINA, "educator", days(1)))
    office.logs(1)
    office.logs(1, TODAY - timedelta(days=1))

    assert office.budget.committed_days("educator") == 3


def test_reopening_claims_the_plan_again_and_is_refused_where_it_was_given_away():
    office = two_weeks_of(TeamMember(AMINA, "educator", days(9)))
    office.approves(1)
    close(office)
    planned(office.budget, TeamMember(BORIS, "educator", days(8)))

    with pytest.raises(Conflict) as refused:
        office.engagement.reopen("One day was forgotten", office.budget)

    assert refused.value.rule == "day-budget"


def test_a_running_plan_is_changed():
    office = two_weeks_of(TeamMember(AMINA, "educator", days(2)))
    office.logs(1)

    office.engagement.replan(
        plan(TeamMember(AMINA, "educator", days(4)), TeamMember(BORIS, "clinician", days(1))),
        office.budget,
        POLICY,
        [LoggedWork(AMINA, "educator", days(1), TODAY, TODAY)],
        TODAY,
    )

    assert office.budget.planned_days("clinician") == 1


@pytest.mark.parametrize(
    ("dates", "field"),
    [
        ({"starts_on": date(2026, 2, 11)}, "starts_on"),
        ({"ends_on": date(2026, 3, 9)}, "ends_on"),
    ],
)
def test_logged_days_stay_inside_the_dates(dates, field):
    of = budget()

    with pytest.raises(Conflict) as refused:
        planned(of).replan(replace(plan(), **dates), of, POLICY, LOGGED, TODAY)

    assert (refused.value.rule, refused.value.field) == ("logged-stays-inside", field)


@pytest.mark.parametrize(
    ("dates", "field"),
    [
        ({"starts_on": date(2025, 12, 31)}, "starts_on"),
        ({"ends_on": date(2027, 1, 1)}, "ends_on"),
        ({"starts_on": date(26, 2, 1)}, "starts_on"),
        ({"ends_on": date(9999, 12, 31)}, "ends_on"),
        ({"starts_on": date(2025, 1, 1), "ends_on": date(2025, 6, 1)}, "starts_on"),
        ({"starts_on": date(2027, 1, 1), "ends_on": date(2027, 1, 1)}, "starts_on"),
    ],
)
def test_a_plan_outside_the_contract_names_the_date_at_fault(dates, field):
    of = budget()

    with pytest.raises(Invalid) as refused:
        replace(plan(), **dates).check(of, POLICY)

    assert (refused.value.rule, refused.value.field) == ("inside-contract-period", field)


def test_a_title_can_be_corrected_although_the_contract_has_changed_under_the_plan():
    """The role is no longer bought, and the period is shorter than the plan."""
    of = budget()
    engagement = planned(of)
    of.lines, of.ends_on = (), date(2026, 4, 30)

    engagement.replan(replace(plan(), title="Redesign"), of, POLICY, LOGGED, TODAY)

    assert engagement.title == "Redesign"


def test_a_running_plan_is_changed_for_two_weeks_after_the_contract_ended():
    of = budget()
    engagement = planned(of)
    of.end(TODAY, TODAY)

    engagement.replan(replace(plan(), title="Redesign"), of, POLICY, (), date(2026, 3, 24))
    with pytest.raises(Conflict) as refused:
        engagement.replan(plan(), of, POLICY, (), date(2026, 3, 25))

    assert refused.value.rule == "logged-in-time"


def test_less_planned_than_already_logged_is_said():
    (warning,) = plan(TeamMember(AMINA, "educator", days(1))).warnings(LOGGED)

    assert warning == ("1 day of educator planned for somebody who has already logged 2 days.")


def person(planned_days: str, **changes: object) -> PlannedPerson:
    amina = PlannedPerson(name="Amina", days=days(planned_days), availability=(), others=())
    return replace(amina, **changes)  # type: ignore[arg-type]


def away(first: int, last: int, presence: Presence = Presence.AWAY) -> AvailabilityPeriod:
    return AvailabilityPeriod(date(2026, 3, first), date(2026, 3, last), presence)


def elsewhere(first: int, last: int) -> OtherPlan:
    return OtherPlan("ENG-2026-0007", date(2026, 3, first), date(2026, 3, last), days(2))


@pytest.mark.parametrize(
    ("who", "warnings"),
    [
        (person("10"), []),
        (person("10.25"), ["10.25 days planned in 10 dates"]),
        (person("3", availability=(away(1, 9),)), []),
        (person("3", availability=(away(20, 31),)), []),
        (person("3", availability=(away(12, 12, Presence.FREE),)), []),
        (person("3", availability=(away(19, 25),)), ["away on 1 of the engagement's 10 dates."]),
        (
            person("9", availability=(away(10, 12), away(12, 13))),
            ["away on 4 of the engagement's 10 dates, which leaves 6 days for 9 days."],
        ),
        (person("3", others=(elsewhere(1, 9),)), []),
        (person("3", others=(elsewhere(19, 30),)), ["also planned for 2 days on ENG-2026-0007"]),
    ],
)
def test_planners_are_warned(who, warnings):
    """For an engagement of the ten dates from 10 to 19 March."""
    found = plan_warnings(date(2026, 3, 10), date(2026, 3, 19), [who], POLICY)

    assert len(found) == len(warnings)
    assert all(words in warning for words, warning in zip(warnings, found, strict=True))


def test_ten_days_in_one_date_are_a_warning():
    (warning,) = plan_warnings(TODAY, TODAY, [person("10")], POLICY)

    assert warning == "Amina: 10 days planned in 1 date; a person logs at most 1 day a date."


def test_the_answer_to_a_plan_warns_and_nothing_is_stored(office: ConsultancyOffice):
    office.activates()
    away_in_march = {"starts_on": "2026-03-01", "ends_on": "2026-03-31", "presence": "away"}
    amina = office.registers(availability=[away_in_march])
    first = office.plans(amina)

    second = office.plans(amina)

    assert len(second["warnings"]) == 2
    assert "away on 31" in second["warnings"][0]
    assert first["reference"] in second["warnings"][1]
    assert office.ask("get_engagement", id=second["id"], actor=GUEST)["warnings"] == []


def test_confirming_and_replanning_warn_as_well(office: ConsultancyOffice):
    office.activates()
    amina = office.registers()
    engagement = office.plans(amina)
    office.plans(amina)

    confirmed_ = office.do("confirm_engagement", id=engagement["id"])
    replanned = office.do("replan_engagement", id=engagement["id"], title="Redesign")

    assert len(confirmed_["warnings"]) == len(replanned["warnings"]) == 1


@pytest.mark.row("E4")
def test_closing_tells_which_planned_days_were_used(office: ConsultancyOffice):
    office.activates(with_educator_days(10))
    amina = office.registers()
    engagement = office.confirms(amina, days="9")
    entry = office.logs(engagement, amina, days="0.5")["id"]
    office.logs(engagement, amina, days="0.25", worked_on="2026-03-09", chargeable=False)
    for each in office.ask("list_days")["items"]:
        office.do("submit_days", id=each["id"])
        office.do("approve_days", actor=COLLEAGUE, id=each["id"])
    office.do("deliver_engagement", id=engagement)

    office.do("close_engagement", id=engagement)

    (told,) = office.told(EngagementClosed)
    assert [(each.role, each.planned_days) for each in told.used] == [("educator", days("0.5"))]
    assert office.ask("get_days", id=entry)["state"] == "approved"
    office.plans(amina, days="9.5")


@pytest.mark.row("E4")
def test_a_correction_to_less_is_not_blocked_although_the_budget_was_cut():
    office = Office(budget(OverBudgetPolicy.BLOCK, educator_days=3))
    entries = [office.logs(1, TODAY - timedelta(days=n)) for n in range(3)]
    office.budget.lines = budget(educator_days=1).lines

    office.corrects(entries[0], worked("0.5", TODAY))
    office.corrects(entries[1], worked(1, entries[1].worked.worked_on, note="On site"))
    office.corrects(entries[2], worked(1, entries[2].worked.worked_on, chargeable=False))

    assert office.budget.consumed_days("educator") == days("1.5")
    with pytest.raises(Conflict):
        office.corrects(entries[0], worked("0.75", TODAY))
