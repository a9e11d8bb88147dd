"""Logging days (E2), submitting and approving them (E3), and the budget they consume (E4)."""

from datetime import date

import pytest

from services.consultancy.domain.day_entry import EntryState
from services.consultancy.domain.engagement_state import EngagementState
from shared.errors import Conflict, Forbidden, Invalid
from shared.events.consultancy import (
    DaysApproved,
    DaysLogged,
    DaysRejected,
    DaysReversed,
    DaysSubmitted,
    DaysWithdrawn,
    EngagementStarted,
    TeamMember,
)
from shared.events.vocabulary import DayKind, OverBudgetPolicy
from tests.unit.consultancy.story import (
    AMINA,
    BORIS,
    TODAY,
    Office,
    budget,
    confirmed,
    days,
    planned,
    worked,
)

YESTERDAY = date(2026, 3, 9)


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.mark.row("E2")
@pytest.mark.parametrize("kind", list(DayKind))
def test_every_kind_of_day_is_logged_as_a_draft(office, kind):
    entry = office.logs("0.75", kind=kind)

    assert (entry.state, entry.worked.kind) == (EntryState.DRAFT, kind)


@pytest.mark.row("E2")
def test_a_logged_day_is_told_with_all_that_readers_need(office):
    entry = office.logs("0.75")

    (event,) = entry.collect()
    assert isinstance(event, DaysLogged)
    assert (event.entry.engagement_id, event.entry.contract_id, event.entry.partner_id) == (
        office.engagement.id,
        office.budget.contract_id,
        office.budget.partner_id,
    )
    assert (event.entry.role, event.entry.days, event.entry.chargeable) == (
        "educator",
        days("0.75"),
        True,
    )


@pytest.mark.row("E2")
@pytest.mark.parametrize("amount", ["0.1", "0.3", "0", "-0.25"])
def test_days_are_logged_in_quarters(office, amount):
    with pytest.raises(Invalid) as refused:
        office.logs(amount)

    assert refused.value.rule == "day-step"


@pytest.mark.row("E2")
def test_a_date_holds_at_most_one_day_of_a_person(office):
    office.logs("0.75")

    with pytest.raises(Conflict, match=r"Log at most 0\.25 days more") as refused:
        office.logs("0.5")

    assert refused.value.rule == "most-days-a-date"


@pytest.mark.row("E2")
def test_a_date_is_counted_over_all_engagements(office):
    other = confirmed(office.budget, TeamMember(AMINA, "educator", days(1)))
    office.logs("0.75", engagement=other)

    with pytest.raises(Conflict) as refused:
        office.logs("0.5")

    assert refused.value.rule == "most-days-a-date"


@pytest.mark.row("E2")
def test_two_people_may_fill_the_same_date(office):
    office.logs(1)

    assert office.logs(1, who=BORIS).worked.worked_on == TODAY


@pytest.mark.row("E2")
def test_no_day_is_logged_before_it_has_come(office):
    with pytest.raises(Invalid) as refused:
        office.logs(1, date(2026, 3, 11))

    assert (refused.value.rule, refused.value.field) == ("date-possible", "worked_on")


@pytest.mark.row("E2")
def test_today_may_be_logged(office):
    assert office.logs(1, TODAY).worked.worked_on == TODAY


@pytest.mark.row("E2")
def test_no_day_is_logged_outside_the_contract(office):
    with pytest.raises(Invalid) as refused:
        office.logs(1, date(2025, 12, 31))

    assert refused.value.rule == "inside-contract-period"


@pytest.mark.row("E2")
def test_days_are_logged_only_once_the_engagement_is_confirmed(office):
    with pytest.raises(Conflict) as refused:
        office.logs(engagement=planned(budget()))

    assert refused.value.rule == "engagement-open-for-logging"


@pytest.mark.row("E1")
def test_the_first_day_starts_the_engagement(office):
    office.engagement.collect()

    office.logs()
    office.logs(on=YESTERDAY)

    assert office.engagement.state is EngagementState.IN_PROGRESS
    assert [type(event) for event in office.engagement.collect()] == [EngagementStarted]


@pytest.mark.row("E4")
def test_a_blocked_budget_gives_its_last_day_and_no_more():
    office = Office(budget(OverBudgetPolicy.BLOCK, educator_days=1))
    office.logs(1)

    with pytest.raises(Conflict, match=r"already logged: 1 day\. Nothing is left: mark") as refused:
        office.logs("0.25", YESTERDAY)

    assert refused.value.rule == "day-budget"


@pytest.mark.row("E4")
@pytest.mark.parametrize("policy", list(OverBudgetPolicy))
def test_work_that_consumes_nothing_is_never_blocked(policy):
    office = Office(budget(policy, educator_days=1))
    office.logs(1)

    entry = office.logs(1, YESTERDAY, chargeable=False)

    assert entry.warnings == []
    assert office.budget.consumed_days("educator") == 1


@pytest.mark.row("E4")
def test_a_budget_that_warns_takes_the_day_and_says_so():
    office = Office(budget(OverBudgetPolicy.WARN, educator_days=1))
    office.logs(1)

    entry = office.logs("0.5", YESTERDAY)

    assert entry.warnings == [
        "With this, 1.5 days of educator are logged under contract CTR-2026-0001, which buys 1 day."
    ]


@pytest.mark.row("E4")
def test_a_budget_that_allows_takes_the_day_in_silence():
    office = Office(budget(OverBudgetPolicy.ALLOW, educator_days=1))
    office.logs(1)

    assert office.logs("0.5", YESTERDAY).warnings == []


@pytest.mark.row("E4")
@pytest.mark.parametrize("policy", [OverBudgetPolicy.WARN, OverBudgetPolicy.ALLOW])
def test_a_day_over_the_budget_is_told_as_such(policy):
    office = Office(budget(policy, educator_days=1))
    within, over = office.logs(1), office.logs("0.5", YESTERDAY)

    told = [event for entry in (within, over) for event in entry.collect()]
    assert [isinstance(e, DaysLogged) and e.over_budget for e in told] == [False, True]


@pytest.mark.row("E4")
def test_an_amended_budget_counts_what_was_already_logged():
    office = Office(budget(OverBudgetPolicy.BLOCK, educator_days=1))
    office.logs(1)

    office.budget.lines = budget(educator_days=2).lines
    office.logs(1, YESTERDAY)

    assert office.budget.consumed_days("educator") == 2


@pytest.mark.row("E3")
def test_an_entry_goes_from_draft_over_submitted_to_approved(office):
    entry = office.approves()

    assert [type(event) for event in entry.collect()] == [DaysLogged, DaysSubmitted, DaysApproved]


@pytest.mark.row("E3")
def test_nobody_approves_days_that_they_logged(office):
    entry = office.logs(by="amina")
    entry.submit()

    with pytest.raises(Forbidden) as refused:
        entry.approve("amina", None, on=TODAY)

    assert refused.value.rule == "logger-is-not-approver"


@pytest.mark.row("E3")
def test_nobody_rejects_days_that_they_logged(office):
    entry = office.logs(by="amina")
    entry.submit()

    with pytest.raises(Forbidden) as refused:
        entry.reject("No", "amina", None, on=TODAY)

    assert refused.value.rule == "logger-is-not-approver"


@pytest.mark.row("E3")
def test_nobody_approves_days_that_they_worked_although_a_colleague_logged_them(office):
    entry = office.logs(by="dora")
    entry.submit()

    with pytest.raises(Forbidden, match="worked themselves"):
        entry.approve("amina", linked_now="amina", on=TODAY)


@pytest.mark.row("E3")
def test_nobody_approves_days_that_they_corrected(office):
    entry = office.logs(by="amina")
    office.corrects(entry, worked("0.5"), by="dora")
    entry.submit()

    with pytest.raises(Forbidden):
        entry.approve("dora", None, on=TODAY)


@pytest.mark.row("E3")
def test_a_draft_is_not_approved(office):
    with pytest.raises(Conflict, match="only while it is submitted"):
        office.logs().approve("carla", None, on=TODAY)


@pytest.mark.row("E3")
def test_a_rejection_needs_a_reason(office):
    entry = office.logs()
    entry.submit()

    with pytest.raises(Invalid) as refused:
        entry.reject("  ", "carla", None, on=TODAY)

    assert refused.value.rule == "reason-given"


@pytest.mark.row("E3")
def test_a_rejected_entry_is_corrected_and_submitted_again(office):
    entry = office.logs(1)
    entry.submit()
    entry.reject("Half a day only", "carla", None, on=TODAY)
    assert isinstance(entry.collect()[-1], DaysRejected)

    office.corrects(entry, worked("0.5"), by="amina")
    entry.submit()

    assert (entry.state, entry.worked.days, entry.reason) == (
        EntryState.SUBMITTED,
        days("0.5"),
        "",
    )


@pytest.mark.row("E3")
def test_a_correction_moves_the_claim_on_budget_and_date(office):
    entry = office.logs(1)

    office.corrects(entry, worked("0.5", YESTERDAY), by="amina")

    assert office.budget.consumed_days("educator") == days("0.5")
    assert office.diary_date(AMINA, TODAY).taken == 0
    assert office.diary_date(AMINA, YESTERDAY).taken == days("0.5")


@pytest.mark.row("E3")
def test_a_correction_is_told_as_the_old_days_withdrawn_and_the_new_logged(office):
    entry = office.logs(1)
    entry.collect()

    office.corrects(entry, worked("0.5"), by="amina")

    withdrawn, logged = entry.collect()
    assert (type(withdrawn), withdrawn.entry.days) == (DaysWithdrawn, 1)
    assert (type(logged), logged.entry.days) == (DaysLogged, days("0.5"))


@pytest.mark.row("E2")
def test_a_correction_keeps_the_rules_of_logging(office):
    entry = office.logs("0.5")
    office.logs("0.5")

    with pytest.raises(Conflict) as refused:
        office.corrects(entry, worked("0.75"), by="amina")

    assert refused.value.rule == "most-days-a-date"


@pytest.mark.row("E3")
def test_an_approved_entry_is_not_corrected(office):
    with pytest.raises(Conflict, match="by a reversal and a new entry"):
        office.corrects(office.approves(), worked("0.5"), by="amina")


@pytest.mark.row("E3")
def test_an_approved_entry_is_not_withdrawn(office):
    with pytest.raises(Conflict) as refused:
        office.log.withdraw_days(office.approves())

    assert refused.value.rule == "entry-lifecycle"


@pytest.mark.row("E3")
def test_a_reversal_gives_the_days_back_to_budget_and_date(office):
    office.reverses(office.approves(1), "Logged on the wrong contract")

    assert office.budget.consumed_days("educator") == 0
    assert office.diary_date(AMINA, TODAY).taken == 0


@pytest.mark.row("E3")
def test_a_reversal_is_told_with_its_reason(office):
    entry = office.approves()

    office.reverses(entry, "Logged on the wrong contract")

    event = entry.collect()[-1]
    assert isinstance(event, DaysReversed)
    assert event.reason == "Logged on the wrong contract"


@pytest.mark.row("E3")
def test_a_reversal_needs_a_reason(office):
    with pytest.raises(Invalid) as refused:
        office.reverses(office.approves(), "")

    assert refused.value.rule == "reason-given"


@pytest.mark.row("E3")
def test_only_approved_days_are_reversed(office):
    with pytest.raises(Conflict, match="only while it is approved"):
        office.reverses(office.logs(), "Wrong")


@pytest.mark.row("E3")
def test_days_are_not_reversed_twice(office):
    entry = office.approves()
    office.reverses(entry, "Wrong")

    with pytest.raises(Conflict):
        office.reverses(entry, "Wrong again")


@pytest.mark.row("E4")
def test_a_withdrawn_entry_gives_its_days_back(office):
    entry = office.logs(1)

    office.log.withdraw_days(entry)

    assert office.budget.consumed_days("educator") == 0
    assert isinstance(entry.collect()[-1], DaysWithdrawn)


@pytest.mark.row("E3")
def test_days_can_be_decided_after_the_contract_has_ended(office):
    entry = office.logs()
    office.budget.end(TODAY, TODAY)

    entry.submit()
    entry.approve("carla", None, on=TODAY)

    assert entry.state is EntryState.APPROVED
