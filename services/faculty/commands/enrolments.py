"""Enrolling, leaving, and the waiting list."""

from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.faculty import schemas
from services.faculty.commands.certifying import settle_certificates
from services.faculty.domain.participant import Participant
from services.faculty.domain.programme import Programme
from services.faculty.domain.stages import ProgrammeState
from services.faculty.leading import leads, must_be_seen, must_lead
from services.faculty.operations import operations
from services.faculty.people import must_stand_once, registered
from services.faculty.store import programmes
from services.faculty.views import enrolment_view
from shared.errors import Forbidden, NotFound
from shared.events.permissions import Permission
from shared.work import Work


def _must_speak_for_newcomer(work: Work, programme: Programme, body: dict[str, Any]) -> None:
    _must_speak_for(work, programme, body["participant_id"], field="participant_id")


def _must_speak_for_group(work: Work, programme: Programme, body: dict[str, Any]) -> None:
    for position, participant_id in enumerate(body["participant_ids"]):
        _must_speak_for(work, programme, participant_id, field=f"participant_ids.{position}")


def _must_speak_for(work: Work, programme: Programme, participant_id: UUID, *, field: str) -> None:
    """Somebody who is not registered is answered as somebody else's: nobody learns who is."""
    if leads(work, programme):
        return
    must_be_seen(work, programme)
    participant = work.find(Participant, participant_id)
    if participant is None or not _speaks_for(work, participant):
        raise Forbidden(
            "You can enrol yourself, as a partner the people that you registered, and as a lead "
            "anybody in your own programmes.",
            rule="own-enrolment",
            field=field,
        )


def _must_speak_for_enrolled(work: Work, programme: Programme, body: dict[str, Any]) -> None:
    """Enrolments of others look as if there were none."""
    must_be_seen(work, programme)
    enrolment = programme.enrolment(body["enrolment_id"])
    if leads(work, programme):
        return
    if not _speaks_for(work, work.get(Participant, enrolment.participant_id)):
        raise NotFound(
            f"This programme has no enrolment {enrolment.id}.",
            rule="exists",
            field="enrolment_id",
        )


def _speaks_for(work: Work, participant: Participant) -> bool:
    if participant.is_account(work.actor.id):
        return True
    return work.actor.scope is not None and participant.partner_id == work.actor.scope


#: A command about the place of somebody, by them or on their behalf.
_of_one_enrolment = partial(
    operations.command,
    needs=Permission.PROGRAMME_ENROL,
    own=_must_speak_for_enrolled,
    on=Programme,
    needs_version=False,
    takes=schemas.EnrolmentChoice,
    gives=schemas.EnrolmentView,
    scoped_by="shown_to",
)


@operations.command(
    "POST /programmes/{id}/enrolments",
    needs=Permission.PROGRAMME_ENROL,
    own=_must_speak_for_newcomer,
    on=Programme,
    needs_version=False,
    takes=schemas.NewEnrolment,
    gives=schemas.EnrolmentView,
    scoped_by="shown_to",
    creates="/programmes/{programme_id}/enrolments/{id}",
)
def enrol(work: Work, programme: Programme, body: dict[str, Any]) -> dict[str, Any]:
    """Enrol a participant, or put them last on the waiting list where no place is free."""
    participant = _newcomer(work, programme, body["participant_id"], field="participant_id")
    enrolment = programme.enrol(
        participant.id, at=work.now, policy=work.policy, wanted=body["wanted"]
    )
    return enrolment_view(programme, enrolment, work)


@operations.command(
    "POST /programmes/{id}/group-enrolments",
    needs=Permission.PROGRAMME_ENROL,
    own=_must_speak_for_group,
    on=Programme,
    needs_version=False,
    takes=schemas.NewGroup,
    gives=schemas.Enrolments,
    scoped_by="shown_to",
)
def enrol_group(work: Work, programme: Programme, body: dict[str, Any]) -> dict[str, Any]:
    """Enrol several participants together: each of them gets a place, or nobody does."""
    group = tuple(
        _newcomer(work, programme, id_, field=f"participant_ids.{position}").id
        for position, id_ in enumerate(body["participant_ids"])
    )
    enrolments = programme.enrol_group(
        group, at=work.now, policy=work.policy, wanted=body["wanted"]
    )
    return {"items": [enrolment_view(programme, each, work) for each in enrolments]}


@operations.command(
    "POST /programmes/{id}/late-enrolments",
    needs=Permission.PROGRAMME_RUN,
    own=must_lead,
    on=Programme,
    needs_version=False,
    takes=schemas.LateEnrolment,
    gives=schemas.EnrolmentView,
    creates="/programmes/{programme_id}/enrolments/{id}",
)
def enrol_late(work: Work, programme: Programme, body: dict[str, Any]) -> dict[str, Any]:
    """Enrol somebody after the start; with a session, as a walk-in who was present at it.

    Sessions that had begun before count only for those who were there. A mandatory session that
    was missed still costs the certificate: the answer says so at once.
    """
    participant = _newcomer(work, programme, body["participant_id"], field="participant_id")
    enrolment = programme.enrol_late(participant.id, at=work.now, wanted=body["wanted"])
    if body["session_id"] is not None:
        programme.add_present(body["session_id"], participant.id, at=work.now)
    settle_certificates(work, programme)
    return enrolment_view(programme, enrolment, work)


@_of_one_enrolment("POST /programmes/{id}/enrolments/{enrolment_id}/withdraw")
def withdraw(work: Work, programme: Programme, body: dict[str, Any]) -> dict[str, Any]:
    """Leave a programme or its waiting list; the place is offered to the next in the queue."""
    withdrawn = programme.withdraw(body["enrolment_id"], at=work.now, policy=work.policy)
    return enrolment_view(programme, withdrawn, work)


@_of_one_enrolment("POST /programmes/{id}/enrolments/{enrolment_id}/accept-offer")
def accept_offer(work: Work, programme: Programme, body: dict[str, Any]) -> dict[str, Any]:
    """Take the place on offer, while the offer lasts."""
    accepted = programme.accept_offer(body["enrolment_id"], at=work.now)
    return enrolment_view(programme, accepted, work)


@_of_one_enrolment("POST /programmes/{id}/enrolments/{enrolment_id}/decline-offer")
def decline_offer(work: Work, programme: Programme, body: dict[str, Any]) -> dict[str, Any]:
    """Decline the place on offer; it goes to the next on the waiting list."""
    declined = programme.decline_offer(body["enrolment_id"], at=work.now, policy=work.policy)
    return enrolment_view(programme, declined, work)


@_of_one_enrolment(
    "POST /programmes/{id}/enrolments/{enrolment_id}/change-place", takes=schemas.PlaceChange
)
def change_place(work: Work, programme: Programme, body: dict[str, Any]) -> dict[str, Any]:
    """Say that another kind of place suits: on-site, remote or either.

    Somebody enrolled moves to a free place of that kind, or is refused and keeps what they have;
    those who wait keep their turn.
    """
    changed = programme.change_place(
        body["enrolment_id"], body["wanted"], at=work.now, policy=work.policy
    )
    return enrolment_view(programme, changed, work)


@operations.command(
    "POST /programmes/{id}/enrolments/{enrolment_id}/move",
    needs=Permission.PROGRAMME_RUN,
    own=must_lead,
    on=Programme,
    needs_version=False,
    takes=schemas.PlaceInQueue,
    gives=schemas.EnrolmentView,
)
def move_in_queue(work: Work, programme: Programme, body: dict[str, Any]) -> dict[str, Any]:
    """Move somebody to another place on the waiting list, with the reason."""
    moved = programme.move_in_queue(body["enrolment_id"], body["place"], body["reason"])
    return enrolment_view(programme, moved, work)


@operations.daily
def lapse_offers(work: Work) -> None:
    """Offers whose time is up go to the next on the waiting list."""
    enrolling = (
        select(Programme)
        .where(programmes.c.state == ProgrammeState.ENROLLING)
        .order_by(programmes.c.id)  # the order in which any two runs of this wait for each other
        .with_for_update()
    )
    for programme in work.session.scalars(enrolling):
        programme.lapse_offers(at=work.now, policy=work.policy)


def _newcomer(work: Work, programme: Programme, participant_id: UUID, *, field: str) -> Participant:
    """Somebody registered who does not stand in the programme under another record."""
    participant = registered(work, participant_id, field=field)
    must_stand_once(work, programme, participant, field=field)
    return participant
