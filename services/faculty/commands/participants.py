"""Registering the people who take part in programmes."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.faculty import schemas
from services.faculty.domain.participant import Participant, email_key
from services.faculty.operations import operations
from services.faculty.store import (
    known_contracts,
    participants,
)
from shared.errors import Conflict, Forbidden
from shared.events.permissions import Permission
from shared.work import Work


@operations.command(
    "POST /participants",
    needs=Permission.PARTICIPANT_REGISTER,
    takes=schemas.NewParticipant,
    gives=schemas.ParticipantView,
)
def register_participant(work: Work, body: dict[str, Any]) -> Participant:
    """Register somebody who takes part in programmes; a partner registers its own people."""
    if work.actor.scope:
        body["partner_id"] = body["partner_id"] or work.actor.scope
        _must_be_their_own(work, body)
    _partner_must_be_known(work, body["partner_id"])
    if work.session.scalar(
        select(participants.c.id).where(participants.c.email == email_key(body["email"]))
    ):
        raise Conflict(
            "Somebody with this e-mail address is registered already: enrol that participant.",
            rule="registered-once",
            field="email",
        )
    return work.add(Participant.register(**body))


def _must_be_their_own(work: Work, body: dict[str, Any]) -> None:
    if body["partner_id"] != work.actor.scope or body["account_id"] is not None:
        raise Forbidden(
            "A partner registers its own people, and leaves accounts to the office.",
            rule="own-people",
            field="partner_id",
        )


def _partner_must_be_known(work: Work, partner_id: UUID | None) -> None:
    if partner_id is None:
        return
    of_partner = select(known_contracts.c.id).where(known_contracts.c.partner_id == partner_id)
    if work.session.scalar(of_partner.limit(1)) is None:
        raise Conflict(
            "We know of no contract with this partner. Check the id, or leave it out for somebody "
            "from elsewhere.",
            rule="partner-known",
            field="partner_id",
            accepted="the id of a partner with a contract",
        )
