"""The people behind the records: one person may be registered by the office and by a partner.

A partner must not learn whom others have registered, so it may register anybody's address anew.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from services.faculty.domain.participant import Participant
from services.faculty.domain.programme import Programme
from services.faculty.store import participants
from shared.errors import Conflict, Invalid
from shared.work import Work


def registered(work: Work, participant_id: Any, *, field: str) -> Participant:
    """The participant with this id. Raises Invalid where nobody is registered under it."""
    participant = work.find(Participant, participant_id)
    if participant is None:
        raise Invalid(
            "This participant is not registered: register the person first.",
            rule="participant-known",
            field=field,
            accepted="the id of a registered participant",
        )
    return participant


def must_stand_once(
    work: Work, programme: Programme, participant: Participant, *, field: str
) -> None:
    """Raises Conflict where the person stands in the programme under another record.

    Partners do not see it, or they would learn whom others have registered: the register
    shows the office both places.
    """
    if work.actor.scope:
        return
    others = other_records(work, participant)
    if any(each.stands and each.participant_id in others for each in programme.enrolments):
        raise Conflict(
            "This person is already enrolled, waiting, or has been offered a place, under another "
            "record of the same address or account.",
            rule="enrolled-once",
            field=field,
        )


def other_records(work: Work, participant: Participant) -> frozenset[UUID]:
    """The further records of the same person: those of the same address, or the same account."""
    same = [participants.c.email == participant.email]
    if participant.account_id is not None:
        same.append(participants.c.account_id == participant.account_id)
    found = select(participants.c.id).where(or_(*same), participants.c.id != participant.id)
    return frozenset(work.session.scalars(found))
