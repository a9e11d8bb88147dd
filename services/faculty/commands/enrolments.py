"""Enrolling, leaving, and the waiting list."""

from typing import Any

from sqlalchemy import select

from services.faculty import schemas
from services.faculty.domain.participant import Participant
from services.faculty.domain.programme import Programme
from services.faculty.domain.stages import ProgrammeState
from services.faculty.operations import operations
from services.faculty.store import (
    programmes,
)
from services.faculty.views import enrolment_view
from shared.errors import Forbidden, Invalid
from shared.events.permissions import Permission
from shared.work import Work


def _must_speak_for_newcomer(work: Work, _: Programme, body: dict[str, Any]) -> None:
    _must_speak_for(work, work.find(Participant, body["participant_id"]))


def _must_speak_for_enrolled(work: Work, programme: Programme, body: dict[str, Any]) -> None:
    enrolment = programme.enrolment(body["enrolment_id"])
    _must_speak_for(work, work.get(Participant, enrolment.participant_id))


def _must_speak_for(work: Work, participant: Participant | None) -> None:
    """Somebody who is not there is answered as somebody else's: nobody finds out who is here."""
    if participant is not None and participant.is_account(work.actor.id):
        return
    if (
        participant is not None
        and work.actor.scope is not None
        and participant.partner_id == work.actor.scope
    ):
        return
    raise Forbidden(
        "You can enrol and withdraw yourself or, as a partner, your own people.",
        rule="own-enrolment",
        field="participant_id",
    )


@operations.command(
    "POST /programmes/{id}/enrolments",
    needs=Permission.PROGRAMME_ENROL,
    own=_must_speak_for_newcomer,
    on=Programme,
    needs_version=False,
    takes=schemas.NewEnrolment,
    gives=schemas.EnrolmentView,
    scoped_by="partner_id",
)
def enrol(work: Work, programme: Programme, body: dict[str, Any]) -> dict[str, Any]:
    """Enrol a participant, or put them last on the waiting list where no place is free."""
    participant = work.find(Participant, body["participant_id"])
    if participant is None:
        raise Invalid(
            "This participant is not registered: register the person first.",
            rule="participant-known",
            field="participant_id",
            accepted="the id of a registered participant",
        )
    # In a rush everybody takes their turn here, instead of trying again and again to be first.
    work.session.refresh(programme, with_for_update=True)
    enrolment = programme.enrol(participant.id, at=work.now, policy=work.policy)
    return enrolment_view(programme, enrolment)


@operations.command(
    "POST /programmes/{id}/enrolments/{enrolment_id}/withdraw",
    needs=Permission.PROGRAMME_ENROL,
    own=_must_speak_for_enrolled,
    on=Programme,
    needs_version=False,
    takes=schemas.EnrolmentChoice,
    gives=schemas.EnrolmentView,
    scoped_by="partner_id",
)
def withdraw(work: Work, programme: Programme, body: dict[str, Any]) -> dict[str, Any]:
    """Leave a programme or its waiting list; the place is offered to who waits longest."""
    return enrolment_view(
        programme, programme.withdraw(body["enrolment_id"], at=work.now, policy=work.policy)
    )


@operations.command(
    "POST /programmes/{id}/enrolments/{enrolment_id}/accept-offer",
    needs=Permission.PROGRAMME_ENROL,
    own=_must_speak_for_enrolled,
    on=Programme,
    needs_version=False,
    takes=schemas.EnrolmentChoice,
    gives=schemas.EnrolmentView,
    scoped_by="partner_id",
)
def accept_offer(work: Work, programme: Programme, body: dict[str, Any]) -> dict[str, Any]:
    """Take the place on offer, while the offer lasts."""
    return enrolment_view(programme, programme.accept_offer(body["enrolment_id"], at=work.now))


@operations.command(
    "POST /programmes/{id}/enrolments/{enrolment_id}/decline-offer",
    needs=Permission.PROGRAMME_ENROL,
    own=_must_speak_for_enrolled,
    on=Programme,
    needs_version=False,
    takes=schemas.EnrolmentChoice,
    gives=schemas.EnrolmentView,
    scoped_by="partner_id",
)
def decline_offer(work: Work, programme: Programme, body: dict[str, Any]) -> dict[str, Any]:
    """Decline the place on offer; it goes to the next on the waiting list."""
    return enrolment_view(
        programme,
        programme.decline_offer(body["enrolment_id"], at=work.now, policy=work.policy),
    )


@operations.daily
def lapse_offers(work: Work) -> None:
    """Offers whose time is up go to the next on the waiting list."""
    enrolling = select(Programme).where(programmes.c.state == ProgrammeState.ENROLLING)
    for programme in work.session.scalars(enrolling):
        programme.lapse_offers(at=work.now, policy=work.policy)
