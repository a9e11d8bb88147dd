"""A reversal is requested by one person and confirmed by another (E3)."""

import pytest

from services.consultancy.domain.day_entry import EntryState
from shared.errors import Conflict, Forbidden, Invalid
from shared.events.consultancy import DaysReversalEnded, DaysReversalRequested, DaysReversed
from tests.unit.consultancy.office import COLLEAGUE, CONSULTANT, OFFICER, ConsultancyOffice
from tests.unit.consultancy.story import AMINA, TODAY, Office

pytestmark = pytest.mark.row("E3")


@pytest.fixture
def office() -> Office:
    return Office()


def test_requested_days_stand_until_the_reversal_is_confirmed(office):
    entry = office.approves()
    entry.collect()

    entry.request_reversal("Wrong contract", "carla")

    assert entry.state is EntryState.APPROVED
    assert office.budget.consumed_days("educator") == 1
    assert [type(each) for each in entry.collect()] == [DaysReversalRequested]


@pytest.mark.parametrize(
    ("requester", "confirmer", "rule"),
    [
        ("carla", "carla", "requester-is-not-confirmer"),
        ("carla", "amina", "logger-is-not-approver"),  # who logged the days
        ("amina", "amina", "requester-is-not-confirmer"),
    ],
)
def test_a_reversal_needs_a_second_person(office, requester, confirmer, rule):
    entry = office.approves()
    entry.request_reversal("Wrong contract", requester)

    with pytest.raises(Forbidden) as refused:
        office.log.confirm_reversal(entry, confirmer, None)

    assert refused.value.rule == rule


def test_the_person_who_worked_does_not_confirm_the_reversal(office):
    entry = office.approves()
    entry.request_reversal("Wrong contract", "carla")

    with pytest.raises(Forbidden, match="worked themselves"):
        office.log.confirm_reversal(entry, "amina.b", "amina.b")


def test_a_confirmed_reversal_frees_budget_and_date(office):
    entry = office.approves()
    entry.request_reversal("Wrong contract", "carla")

    office.log.confirm_reversal(entry, "dora", None)

    assert (entry.state, entry.reason) == (EntryState.REVERSED, "Wrong contract")
    assert office.budget.consumed_days("educator") == 0
    assert office.diary_date(AMINA, TODAY).taken == 0
    assert isinstance(entry.collect()[-1], DaysReversed)


def test_the_requester_withdraws_a_request(office):
    entry = office.approves()
    entry.request_reversal("Wrong contract", "carla")

    entry.withdraw_reversal("carla")

    event = entry.collect()[-1]
    assert isinstance(event, DaysReversalEnded)
    assert (event.refused, entry.reversal_requested_by) == (False, None)
    entry.request_reversal("Wrong date", "dora")


def test_nobody_withdraws_the_request_of_another(office):
    entry = office.approves()
    entry.request_reversal("Wrong contract", "carla")

    with pytest.raises(Forbidden) as refused:
        entry.withdraw_reversal("dora")

    assert refused.value.rule == "own-reversal-request"


def test_a_second_person_refuses_a_request_with_a_reason(office):
    entry = office.approves()
    entry.request_reversal("Wrong contract", "carla")

    with pytest.raises(Invalid):
        entry.refuse_reversal(" ", "dora", None)
    entry.refuse_reversal("The days are right", "dora", None)

    assert (entry.state, entry.reversal_requested_by) == (EntryState.APPROVED, None)


@pytest.mark.parametrize("act", ["withdraw", "refuse", "confirm"])
def test_nothing_is_answered_that_nobody_requested(office, act):
    entry = office.approves()
    acts = {
        "withdraw": lambda: entry.withdraw_reversal("carla"),
        "refuse": lambda: entry.refuse_reversal("No", "carla", None),
        "confirm": lambda: office.log.confirm_reversal(entry, "carla", None),
    }

    with pytest.raises(Conflict) as refused:
        acts[act]()

    assert refused.value.rule == "reversal-requested"


def test_a_reversal_is_requested_once_at_a_time(office):
    entry = office.approves()
    entry.request_reversal("Wrong contract", "carla")

    with pytest.raises(Conflict) as refused:
        entry.request_reversal("Wrong date", "dora")

    assert refused.value.rule == "reversal-requested-once"


def test_finance_hears_of_the_confirmed_reversal_only(office_at_work: ConsultancyOffice):
    office = office_at_work
    amina = office.registers(account_id="amina")
    engagement = office.confirms(amina)
    entry = office.logs(engagement, amina)["id"]
    office.do("submit_days", actor=CONSULTANT, id=entry)
    office.do("approve_days", id=entry)

    office.do("request_reversal", actor=CONSULTANT, id=entry, reason="Wrong date")
    assert "days_reversed" not in office.tells()
    office.do("withdraw_reversal", actor=CONSULTANT, id=entry)
    office.do("request_reversal", actor=CONSULTANT, id=entry, reason="Wrong date")
    with pytest.raises(Forbidden):
        office.do("confirm_reversal", actor=CONSULTANT, id=entry)
    shown = office.ask("get_days", id=entry)
    office.do("confirm_reversal", actor=OFFICER, id=entry)

    assert (shown["state"], shown["reversal_requested_by"]) == ("approved", "amina")
    assert office.tells().count("days_reversed") == 1


def test_an_officer_does_not_confirm_the_own_request(office_at_work: ConsultancyOffice):
    office = office_at_work
    amina = office.registers(account_id="amina")
    engagement = office.confirms(amina)
    entry = office.logs(engagement, amina)["id"]
    office.do("submit_days", actor=CONSULTANT, id=entry)
    office.do("approve_days", id=entry)
    office.do("request_reversal", actor=OFFICER, id=entry, reason="Wrong date")

    with pytest.raises(Forbidden) as refused:
        office.do("confirm_reversal", actor=OFFICER, id=entry)

    assert refused.value.rule == "requester-is-not-confirmer"
    assert office.do("confirm_reversal", actor=COLLEAGUE, id=entry)["state"] == "reversed"


@pytest.fixture
def office_at_work(sqlite) -> ConsultancyOffice:
    office = ConsultancyOffice(sqlite)
    office.activates()
    return office
