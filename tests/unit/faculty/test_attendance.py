"""A certificate is earned by attending, not by registering."""

from datetime import timedelta
from decimal import Decimal

import pytest

from services.faculty.domain.attendance import attended_by
from services.faculty.domain.certificate import Certificate
from services.faculty.domain.policy import Policy
from services.faculty.domain.programme import Programme
from shared.errors import Conflict, Invalid, NotFound
from shared.events.faculty import (
    AttendanceRecorded,
    CertificateIssued,
    ProgrammeDelivered,
)
from shared.identifiers import new_id
from tests.unit.faculty.examples import (
    AFTERWARDS,
    BEFORE,
    FIRST_DAY,
    PARTNER,
    POLICY,
    attend,
    only,
    participants_of,
    running,
    session,
)

pytestmark = pytest.mark.row("F3")


def earned_by_attending(programme: Programme, *attended: int) -> bool:
    """Whether the one participant earns a certificate with these sessions (positions)."""
    sessions = [programme.sessions[position] for position in attended]
    attend(programme, *sessions, by=participants_of(programme))
    return bool(programme.deliver(at=AFTERWARDS, policy=POLICY))


def of_five(*, mandatory: bool = False) -> Programme:
    return running(sessions=(*(session(day) for day in range(4)), session(4, mandatory=mandatory)))


def test_registration_alone_never_qualifies() -> None:
    assert not earned_by_attending(running())


def test_80_percent_of_the_hours_are_enough() -> None:
    assert earned_by_attending(of_five(), 0, 1, 2, 3)


def test_less_than_80_percent_is_not() -> None:
    assert not earned_by_attending(of_five(), 0, 1, 2)


def test_a_hair_under_80_percent_is_not_rounded_up() -> None:
    programme = running(sessions=(session(0, hours=7.99), session(1, hours=2.01)))
    assert not earned_by_attending(programme, 0)


def test_long_sessions_weigh_more_than_short_ones() -> None:
    programme = running(sessions=(session(0, hours=8), session(1, hours=1), session(2, hours=1)))
    assert earned_by_attending(programme, 0)


def test_a_missed_mandatory_session_costs_the_certificate() -> None:
    assert not earned_by_attending(of_five(mandatory=True), 0, 1, 2, 3)


def test_an_attended_mandatory_session_does_not_make_up_for_hours() -> None:
    assert not earned_by_attending(of_five(mandatory=True), 3, 4)


def test_the_share_to_attend_is_the_offices_choice() -> None:
    programme = of_five()
    attend(programme, *programme.sessions[:4], by=participants_of(programme))
    assert programme.deliver(at=AFTERWARDS, policy=Policy(attendance_percent=81)) == ()


def test_hours_are_those_attended() -> None:
    sessions = (session(0, hours=1.5), session(1, hours=2.25))
    person = new_id()
    programme = running(sessions=sessions)
    programme.record_attendance(sessions[0].id, participants_of(programme), at=AFTERWARDS)
    attended = programme.attended_by(participants_of(programme)[0])
    assert attended.hours == Decimal("1.50")
    nobody = attended_by(person, sessions, programme.attendance, enrolled_at=BEFORE)
    assert nobody.hours == Decimal("0.00")


def test_delivery_says_how_many_certificates_it_brings() -> None:
    programme = running(3)
    came = participants_of(programme)[:2]
    attend(programme, *programme.sessions, by=came)
    earned = programme.deliver(at=AFTERWARDS, policy=POLICY)
    event = only(ProgrammeDelivered, programme.collect())
    assert (event.enrolled, event.certificates) == (3, 2)
    assert tuple(attended.participant_id for attended in earned) == came


def test_who_withdrew_earns_no_certificate() -> None:
    programme = running(2)
    everybody = participants_of(programme)
    attend(programme, *programme.sessions, by=everybody)
    programme.withdraw(programme.enrolments[0].id, at=AFTERWARDS, policy=POLICY)
    earned = programme.deliver(at=AFTERWARDS, policy=POLICY)
    assert [attended.participant_id for attended in earned] == [everybody[1]]


def test_a_certificate_carries_number_hours_and_date() -> None:
    programme = running()
    attend(programme, *programme.sessions, by=participants_of(programme))
    (attended,) = programme.deliver(at=AFTERWARDS, policy=POLICY)
    certificate = Certificate.issue(
        participant_id=attended.participant_id,
        name="Rana Haddad",
        hours=attended.hours,
        number="CERT-2026-0001",
        programme_id=programme.id,
        partner_id=PARTNER,
        title=programme.title,
        on=AFTERWARDS.date(),
    )
    event = only(CertificateIssued, certificate.collect())
    assert (event.hours, event.issued_on) == (Decimal("8.00"), AFTERWARDS.date())
    assert certificate.number == "CERT-2026-0001"


def test_nothing_is_delivered_before_the_last_session_is_over() -> None:
    programme = running()
    for each in programme.sessions:
        programme.record_attendance(each.id, (), at=AFTERWARDS)
    with pytest.raises(Conflict) as refused:
        programme.deliver(at=programme.ends_at - timedelta(seconds=1), policy=POLICY)
    assert refused.value.rule == "sessions-over"


def test_nothing_is_delivered_while_attendance_is_missing() -> None:
    programme = running()
    programme.record_attendance(programme.sessions[0].id, (), at=AFTERWARDS)
    with pytest.raises(Conflict) as refused:
        programme.deliver(at=AFTERWARDS, policy=POLICY)
    assert refused.value.rule == "attendance-recorded"


def test_attendance_is_published_without_doubles() -> None:
    programme = running(1)
    (person,) = participants_of(programme)
    programme.record_attendance(programme.sessions[0].id, (person, person), at=AFTERWARDS)
    assert only(AttendanceRecorded, programme.collect()).present_ids == (person,)


def test_a_correction_replaces_what_was_recorded() -> None:
    programme = running(2)
    first, second = participants_of(programme)
    session_id = programme.sessions[0].id
    programme.record_attendance(session_id, (first,), at=AFTERWARDS)
    programme.record_attendance(session_id, (second,), at=AFTERWARDS)
    assert [each.present_ids for each in programme.attendance] == [(second,)]


def test_the_same_attendance_again_is_no_event() -> None:
    programme = running()
    for _ in range(2):
        programme.record_attendance(programme.sessions[0].id, (), at=AFTERWARDS)
    assert len(programme.collect()) == 1


def test_nobody_attends_a_session_that_has_not_begun() -> None:
    programme = running()
    with pytest.raises(Conflict) as refused:
        programme.record_attendance(programme.sessions[1].id, (), at=FIRST_DAY)
    assert refused.value.rule == "session-begun"


def test_only_the_enrolled_can_be_present() -> None:
    programme = running()
    with pytest.raises(Invalid) as refused:
        programme.record_attendance(programme.sessions[0].id, (new_id(),), at=AFTERWARDS)
    assert refused.value.rule == "present-are-enrolled"


def test_an_unknown_session_is_not_found() -> None:
    with pytest.raises(NotFound):
        running().record_attendance(new_id(), (), at=AFTERWARDS)
