"""What is corrected after delivery issues, revokes and reissues certificates, each with a trace."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.faculty.domain.certificate import Certificate, settle
from shared.database import Database
from shared.errors import Conflict, Forbidden, NotFound, Stale
from shared.work import Actor, Call
from tests.alone import guest_of
from tests.unit.faculty.examples import (
    AFTERWARDS,
    PARTNER,
    POLICY,
    attend,
    contract,
    participants_of,
    running,
    session,
)
from tests.unit.faculty.office import LEAD, FacultyOffice

pytestmark = pytest.mark.row("F3")


@pytest.fixture
def office(sqlite: Database) -> FacultyOffice:
    return FacultyOffice(sqlite)


def certificates(office: FacultyOffice, programme: str) -> list[dict[str, Any]]:
    return list(office.ask("list_certificates", programme_id=programme, sort="number")["items"])


def valid(office: FacultyOffice, programme: str) -> list[str]:
    """Whose certificates are valid."""
    return [
        each["participant_id"]
        for each in certificates(office, programme)
        if each["revoked_on"] is None
    ]


def first_session(office: FacultyOffice, programme: str) -> str:
    return str(office.ask("get_programme", id=programme)["sessions"][0]["id"])


def was_not_there(office: FacultyOffice, programme: str, person: str) -> None:
    office.do(
        "remove_attendance",
        id=programme,
        session_id=first_session(office, programme),
        participant_id=person,
    )


def was_there(office: FacultyOffice, programme: str, person: str) -> None:
    office.do(
        "add_attendance",
        id=programme,
        session_id=first_session(office, programme),
        participant_id=person,
    )


def test_attendance_taken_back_revokes_the_certificate(office: FacultyOffice) -> None:
    programme, (one, other) = office.delivered(2)
    was_not_there(office, programme, one)
    assert valid(office, programme) == [other]
    (revoked,) = office.told("certificate_revoked")
    assert (revoked["participant_id"], revoked["because"]) == (one, "attendance_corrected")


def test_a_certificate_earned_again_is_another_one(office: FacultyOffice) -> None:
    programme, (person,) = office.delivered(1)
    was_not_there(office, programme, person)
    was_there(office, programme, person)
    first, second = certificates(office, programme)
    assert (first["revoked_because"], second["revoked_on"]) == ("attendance_corrected", None)
    assert first["number"] != second["number"]
    assert second["replaces_id"] == first["id"]


def test_a_certificate_after_redelivery_names_the_one_revoked_before(
    office: FacultyOffice,
) -> None:
    programme, people = office.delivered(2)
    before = {each["participant_id"]: each["id"] for each in certificates(office, programme)}
    office.do("take_back_step", id=programme, reason="A session was still to come")
    office.do("deliver_programme", id=programme)
    after = [each for each in certificates(office, programme) if each["revoked_on"] is None]
    assert {each["participant_id"]: each["replaces_id"] for each in after} == before
    assert [each["replaces_id"] for each in office.told("certificate_issued")][2:] == [
        before[person] for person in people
    ]


def test_redelivery_after_a_reissue_names_the_latest_certificate(office: FacultyOffice) -> None:
    programme, (person,) = office.delivered(1)
    (first,) = certificates(office, programme)
    office.do("correct_participant", id=person, name="Dr Rana Haddad")
    reissued = office.do("reissue_certificate", id=first["id"])
    office.do("take_back_step", id=programme, reason="A session was still to come")
    office.do("deliver_programme", id=programme)
    assert certificates(office, programme)[-1]["replaces_id"] == reissued["id"]


def test_somebody_who_earned_none_before_replaces_none(office: FacultyOffice) -> None:
    programme, (person,) = office.delivered(1)
    office.do("take_back_step", id=programme, reason="Somebody is missing")
    office.do("redesign_programme", id=programme, capacity=2)
    new = office.person(77)
    was_not_there(office, programme, person)
    session_id = first_session(office, programme)
    office.do("enrol_late", id=programme, participant_id=new, session_id=session_id)
    office.do("deliver_programme", id=programme)
    assert valid(office, programme) == [new]
    assert certificates(office, programme)[-1]["replaces_id"] is None


def test_the_wrong_person_is_exchanged_for_the_right_one(office: FacultyOffice) -> None:
    programme, (person,) = office.delivered(1)
    office.do("redesign_programme", id=programme, capacity=2)
    right = office.person(77)
    was_not_there(office, programme, person)
    office.do(
        "enrol_late",
        id=programme,
        participant_id=right,
        session_id=first_session(office, programme),
    )
    assert valid(office, programme) == [right]


def test_corrections_stay_possible_once_the_programme_is_completed(office: FacultyOffice) -> None:
    programme, (person,) = office.delivered(1)
    office.do("complete_programme", id=programme, confirm_few_answers=True)
    was_not_there(office, programme, person)
    assert valid(office, programme) == []


def test_somebody_never_entered_is_enrolled_after_completion(office: FacultyOffice) -> None:
    programme, (person,) = office.delivered(1)
    office.do("complete_programme", id=programme, confirm_few_answers=True)
    office.do("redesign_programme", id=programme, capacity=2)
    forgotten = office.person(77)
    session_id = first_session(office, programme)
    office.do("enrol_late", id=programme, participant_id=forgotten, session_id=session_id)
    assert certificates(office, programme)[-1]["hours"] == "4.00"
    second = office.ask("get_programme", id=programme)["sessions"][1]["id"]
    office.do("add_attendance", id=programme, session_id=second, participant_id=forgotten)
    assert certificates(office, programme)[-1]["hours"] == "5.00"
    assert sorted(valid(office, programme)) == sorted([person, forgotten])


def test_other_hours_are_stated_by_another_certificate(office: FacultyOffice) -> None:
    programme, _ = office.delivered(1)
    sessions = office.ask("get_programme", id=programme)["sessions"]
    sessions[0]["ends_at"] = "2026-03-02T12:00:00+02:00"
    sent = [
        {key: each[key] for key in ("id", "title", "starts_at", "ends_at")} for each in sessions
    ]
    office.do("redesign_programme", id=programme, sessions=sent)
    before, after = certificates(office, programme)
    assert (before["hours"], before["revoked_because"]) == ("5.00", "hours_corrected")
    assert (after["hours"], after["replaces_id"]) == ("4.00", before["id"])


def test_a_session_cancelled_afterwards_counts_for_no_certificate(office: FacultyOffice) -> None:
    programme, _ = office.delivered(1)
    session_id = first_session(office, programme)
    office.do("cancel_session", id=programme, session_id=session_id, reason="Another course’s")
    assert certificates(office, programme)[-1]["hours"] == "1.00"
    office.do("reinstate_session", id=programme, session_id=session_id)
    assert certificates(office, programme)[-1]["hours"] == "5.00"
    assert len(valid(office, programme)) == 1


def test_a_corrected_name_stands_on_a_reissued_certificate(office: FacultyOffice) -> None:
    programme, (person,) = office.delivered(1)
    (old,) = certificates(office, programme)
    office.do("correct_participant", id=person, name="Dr Rana Haddad")
    assert office.ask("get_certificate", id=old["id"])["name"] == "Participant 0"
    new = office.do("reissue_certificate", id=old["id"])
    assert (new["name"], new["replaces_id"], new["hours"]) == (
        "Dr Rana Haddad",
        old["id"],
        old["hours"],
    )
    shown = office.ask("get_certificate", id=old["id"])
    assert (shown["name"], shown["revoked_because"]) == ("Participant 0", "reissued")


def test_a_certificate_that_would_say_the_same_is_not_reissued(office: FacultyOffice) -> None:
    programme, _ = office.delivered(1)
    (old,) = certificates(office, programme)
    with pytest.raises(Conflict) as refused:
        office.do("reissue_certificate", id=old["id"])
    assert refused.value.rule == "certificate-differs"


def test_a_revoked_certificate_is_not_reissued(office: FacultyOffice) -> None:
    programme, (person,) = office.delivered(1)
    (old,) = certificates(office, programme)
    office.do("correct_participant", id=person, name="Dr Rana Haddad")
    office.do("reissue_certificate", id=old["id"])
    with pytest.raises(Conflict) as refused:
        office.do("reissue_certificate", id=old["id"])
    assert refused.value.rule == "certificate-valid"


def test_no_name_stands_in_an_event_about_a_corrected_person(office: FacultyOffice) -> None:
    person = office.person(1)
    office.do("correct_participant", id=person, name="Dr Rana Haddad", email="rana@example.org")
    (event,) = office.told("participant_corrected")
    assert event["fields"] == ["email", "name"]
    assert "Rana" not in str(event)
    assert "rana" not in str(event)


def test_an_address_is_not_corrected_to_somebody_elses(office: FacultyOffice) -> None:
    office.person(1)
    with pytest.raises(Conflict) as refused:
        office.do("correct_participant", id=office.person(2), email="PARTICIPANT1@example.org")
    assert refused.value.rule == "registered-once"


def test_a_partner_sees_certificates_of_its_own_people_only(office: FacultyOffice) -> None:
    programme, _ = office.delivered(1)  # of somebody from elsewhere
    (certificate,) = certificates(office, programme)
    guest = guest_of(PARTNER)
    assert office.ask("list_certificates", actor=guest)["items"] == []
    with pytest.raises(NotFound):
        office.ask("get_certificate", actor=guest, id=certificate["id"])


def test_a_certificate_is_not_dated_before_the_session_that_it_certifies(
    office: FacultyOffice,
) -> None:
    """In Auckland it is tomorrow already."""
    programme = office.enrolling(
        sessions=[
            {
                "title": "Seminar",
                "starts_at": "2026-03-03T00:30:00+13:00",
                "ends_at": "2026-03-03T01:00:00+13:00",
            }
        ]
    )
    person = office.person(1)
    office.do("enrol", id=programme, participant_id=person)
    office.do("start_programme", id=programme)
    office.day = date(2026, 3, 2)  # noon in London
    was_there(office, programme, person)
    office.do("deliver_programme", id=programme)
    assert certificates(office, programme)[0]["issued_on"] == "2026-03-03"


@pytest.mark.row("X4")
def test_a_whole_list_does_not_overwrite_what_another_desk_recorded(office: FacultyOffice) -> None:
    programme = office.enrolling()
    people = [office.person(number) for number in range(2)]
    for person in people:
        office.do("enrol", id=programme, participant_id=person)
    seen = office.do("start_programme", id=programme)["version"]
    office.day = date(2026, 3, 4)
    was_there(office, programme, people[0])
    body = {
        "id": programme,
        "session_id": first_session(office, programme),
        "present_ids": people[1:],
    }
    for call in (Call(actor=LEAD), Call(actor=LEAD, expected_version=seen)):
        with pytest.raises(Stale) as refused:
            office.desk.execute("record_attendance", body, call)
        assert refused.value.field == "If-Match"
    now = office.ask("get_programme", id=programme)["version"]
    office.desk.execute("record_attendance", body, Call(actor=LEAD, expected_version=now))


class CertificateMachine(RuleBasedStateMachine):
    """After delivery people are added and removed, sessions cancelled and reinstated, at random."""

    def __init__(self) -> None:
        super().__init__()
        self.programme = running(
            3,
            sessions=(
                session(0, hours=2),
                session(0.05, hours=3),
                session(1, hours=4, group="A", mandatory=True),
                session(2, hours=3, group="A"),
                session(3, hours=5),
            ),
        )
        attend(self.programme, by=())
        self.programme.deliver(at=AFTERWARDS, policy=POLICY)
        self.issued: list[Certificate] = []

    @rule(person=st.integers(0, 2), number=st.integers(0, 4), there=st.booleans())
    def attendance_is_corrected(self, person: int, number: int, there: bool) -> None:
        chosen = self.programme.sessions[number]
        if chosen.is_cancelled:
            return
        correct = self.programme.add_present if there else self.programme.remove_present
        correct(chosen.id, participants_of(self.programme)[person], at=AFTERWARDS)
        self._settle()

    @rule(number=st.integers(0, 4))
    def a_session_is_cancelled_or_reinstated(self, number: int) -> None:
        chosen = self.programme.sessions[number]
        if chosen.is_cancelled:
            self.programme.reinstate_session(
                chosen.id, contract=contract(), at=AFTERWARDS, policy=POLICY
            )
        elif len(self.programme.held) > 1:
            self.programme.cancel_session(chosen.id, "Corrected", at=AFTERWARDS, policy=POLICY)
        self._settle()

    @invariant()
    def valid_certificates_are_those_earned(self) -> None:
        held = {each.participant_id: each.hours for each in self.issued if each.is_valid}
        earned = {each.participant_id: each.hours for each in self.programme.earned()}
        assert held == earned

    @invariant()
    def nobody_has_two(self) -> None:
        holders = [each.participant_id for each in self.issued if each.is_valid]
        assert len(holders) == len(set(holders))

    @invariant()
    def each_names_the_one_before_it(self) -> None:
        last: dict[UUID, UUID] = {}
        for each in self.issued:
            assert each.replaces_id == last.get(each.participant_id)
            last[each.participant_id] = each.id

    @invariant()
    def nobody_earned_what_was_out_of_reach(self) -> None:
        for each in self.programme.attended():
            assert each.qualifies(80) is (each.out_of_reach(80) is None)  # all is recorded

    def _settle(self) -> None:
        settlement = settle(self.issued, self.programme.earned())
        for certificate, because in settlement.revoke:
            certificate.revoke(because, on=AFTERWARDS.date())
        for attended, replaces in settlement.issue:
            self.issued.append(
                Certificate.issue(
                    participant_id=attended.participant_id,
                    name="Somebody",
                    hours=attended.hours,
                    number="CERT-2026-0001",
                    programme_id=self.programme.id,
                    partner_id=PARTNER,
                    title="Teaching",
                    on=AFTERWARDS.date(),
                    replaces=replaces,
                )
            )


TestCertificates = CertificateMachine.TestCase
TestCertificates.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)


@pytest.mark.row("X3")
def test_what_was_corrected_is_kept_before_and_after_where_it_can_be_erased(
    office: FacultyOffice,
) -> None:
    _, (person,) = office.delivered(1)
    before = office.ask("get_participant", id=person)
    office.do("correct_participant", id=person, name="Dr Rana Haddad", email="rana@example.net")
    auditor = Actor("audrey", frozenset({"auditor"}))
    kept = office.ask("list_participant_changes", actor=auditor, id=person)["items"]
    assert {each["field"]: (each["before"], each["after"]) for each in kept} == {
        "name": (before["name"], "Dr Rana Haddad"),
        "email": (before["email"], "rana@example.net"),
    }
    with pytest.raises(Forbidden):
        office.ask("list_participant_changes", id=person)
