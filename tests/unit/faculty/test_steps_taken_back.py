"""A programme was published, opened, started or delivered by mistake."""

from datetime import date, timedelta

import pytest

from services.faculty.domain.policy import Policy
from services.faculty.domain.programme import Programme
from services.faculty.domain.stages import ProgrammeState
from shared.database import Database
from shared.errors import Conflict
from shared.identifiers import new_id
from tests.unit.faculty.examples import (
    BEFORE,
    POLICY,
    contract,
    delivered,
    designed,
    enrolling,
    participants_of,
    running,
)
from tests.unit.faculty.office import FacultyOffice

pytestmark = pytest.mark.row("F1")

SOON = BEFORE + timedelta(hours=1)


@pytest.fixture
def office(database: Database) -> FacultyOffice:
    return FacultyOffice(database)


def taken_back(programme: Programme) -> ProgrammeState:
    programme.take_back("By mistake", at=SOON, policy=POLICY)
    return programme.state


def states(programme: Programme) -> list[str]:
    return [each.state.value for each in programme.enrolments]


def test_a_publication_is_taken_back_and_made_again() -> None:
    programme = designed()
    programme.publish(contract=contract(), policy=POLICY)
    assert taken_back(programme) is ProgrammeState.DESIGNED
    programme.publish(contract=contract(), policy=POLICY)
    assert programme.state is ProgrammeState.PUBLISHED


def test_enrolment_is_closed_again_while_nobody_stands_in_it() -> None:
    programme = enrolling()
    enrolment = programme.enrol(new_id(), at=BEFORE, policy=POLICY)
    with pytest.raises(Conflict, match="enrolled or waiting already"):
        taken_back(programme)
    programme.withdraw(enrolment.id, at=BEFORE, policy=POLICY)
    assert taken_back(programme) is ProgrammeState.PUBLISHED


def full_with_an_offer_and_one_waiting() -> Programme:
    programme = enrolling(capacity=2)
    people = [programme.enrol(new_id(), at=BEFORE, policy=POLICY) for _ in range(4)]
    programme.withdraw(people[1].id, at=BEFORE, policy=POLICY)
    assert states(programme) == ["enrolled", "withdrawn", "offered", "waiting"]
    return programme


@pytest.mark.row("F2")
def test_a_start_taken_back_leaves_the_waiting_list_as_it_was() -> None:
    programme = full_with_an_offer_and_one_waiting()
    programme.start(contract=contract())
    assert states(programme) == ["enrolled", "withdrawn", "lapsed", "turned_away"]
    assert taken_back(programme) is ProgrammeState.ENROLLING
    assert states(programme) == ["enrolled", "withdrawn", "offered", "waiting"]
    assert programme.enrolments[2].offered_until == SOON + timedelta(hours=48)


@pytest.mark.row("F2")
def test_an_offer_that_had_run_out_by_itself_does_not_come_back() -> None:
    programme = full_with_an_offer_and_one_waiting()
    programme.lapse_offers(at=BEFORE + timedelta(hours=50), policy=POLICY)
    programme.start(contract=contract())
    programme.take_back("By mistake", at=BEFORE + timedelta(hours=51), policy=POLICY)
    assert states(programme) == ["enrolled", "withdrawn", "lapsed", "offered"]


@pytest.mark.row("F2")
def test_somebody_turned_away_and_enrolled_late_has_one_place() -> None:
    programme = full_with_an_offer_and_one_waiting()
    programme.start(contract=contract())
    last = participants_of(programme)[-1]
    programme.enrol_late(last, at=BEFORE)
    taken_back(programme)
    standing = [each.participant_id for each in programme.enrolments if each.stands]
    assert len(standing) == len(set(standing)) == 3
    assert programme.taken == programme.capacity


@pytest.mark.row("F2")
def test_somebody_turned_away_who_came_again_and_left_does_not_wait_again() -> None:
    programme = full_with_an_offer_and_one_waiting()
    programme.start(contract=contract())
    again = programme.enrol_late(participants_of(programme)[-1], at=BEFORE)
    programme.withdraw(again.id, at=BEFORE, policy=POLICY)
    taken_back(programme)
    assert states(programme)[3:] == ["turned_away", "withdrawn"]


def test_a_programme_at_which_somebody_was_present_has_started() -> None:
    programme = running()
    first, (person,) = programme.sessions[0], participants_of(programme)
    programme.add_present(first.id, person, at=first.starts_at)
    with pytest.raises(Conflict) as refused:
        taken_back(programme)
    assert refused.value.rule == "nobody-present"
    programme.remove_present(first.id, person, at=first.starts_at)
    assert taken_back(programme) is ProgrammeState.ENROLLING


@pytest.mark.row("F3")
def test_the_share_that_counts_is_settled_anew_at_the_next_delivery() -> None:
    programme = delivered()
    assert taken_back(programme) is ProgrammeState.RUNNING
    assert programme.percent_needed(Policy(attendance_percent=50)) == 50


@pytest.mark.row("F3")
def test_certificates_follow_a_delivery_that_is_taken_back(office: FacultyOffice) -> None:
    programme, (_, _) = office.delivered(2)
    office.do("take_back_step", id=programme, reason="A third day was forgotten")
    revoked = office.told("certificate_revoked")
    assert {each["because"] for each in revoked} == {"delivery_taken_back"}
    assert len(revoked) == 2
    office.do("deliver_programme", id=programme)
    shown = office.ask("list_certificates", programme_id=programme)["items"]
    assert sorted((each["number"], each["revoked_on"] is None) for each in shown) == [
        ("CERT-2026-0001", False),
        ("CERT-2026-0002", False),
        ("CERT-2026-0003", True),
        ("CERT-2026-0004", True),
    ]


@pytest.mark.row("F5")
def test_answers_stay_and_enrolment_is_opened_again_with_the_same_evaluation(
    office: FacultyOffice,
) -> None:
    programme = office.enrolling()
    office.do("take_back_step", id=programme, reason="Too early")
    office.do("open_enrolment", id=programme)
    assert office.ask("get_evaluation", id=programme)["programme_id"] == programme


def test_completion_is_final(office: FacultyOffice) -> None:
    programme, _ = office.delivered(1)
    office.do("complete_programme", id=programme, confirm_few_answers=True)
    with pytest.raises(Conflict, match="Completion is final"):
        office.do("take_back_step", id=programme, reason="By mistake")


@pytest.mark.parametrize("state", ["designed", "cancelled"])
def test_what_is_advised_instead_can_be_done(state: str) -> None:
    programme = designed()
    if state == "cancelled":
        programme.cancel("Flu")
    with pytest.raises(Conflict):
        taken_back(programme)
    if state == "cancelled":
        programme.reinstate(at=BEFORE, policy=POLICY)


def test_a_partner_does_not_see_a_programme_whose_publication_was_taken_back(
    office: FacultyOffice,
) -> None:
    office.day = date(2026, 2, 2)
    programme = office.enrolling()
    for _ in range(2):
        office.do("take_back_step", id=programme, reason="Not agreed yet")
    assert office.ask("get_programme", id=programme)["state"] == "designed"
