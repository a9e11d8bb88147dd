"""The people behind the records: one person may be registered by the office and by a partner.

A partner must not learn whom others have registered, so it may register anybody's address anew.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from services.faculty.domain.participant import Participant
from services.faculty.store import participants
from shared.errors import Invalid
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


def other_records(work: Work, participant: Participant) -> frozenset[UUID]:
    """The further records of the same person: those of the same address, or the same account."""
    same = [participants.c.email == participant.email]
    if participant.account_id is not None:
        same.append(participants.c.account_id == participant.account_id)
    found = select(participants.c.id).where(or_(*same), participants.c.id != participant.id)
    return frozenset(work.session.scalars(found))
