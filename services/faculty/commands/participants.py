"""Registering the people who take part in programmes, and correcting what is known of them."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.faculty import schemas
from services.faculty.domain.participant import Participant
from services.faculty.domain.programme import Programme
from services.faculty.domain.stages import TAUGHT, ProgrammeState, must_be
from services.faculty.importing import Import
from services.faculty.leading import must_lead
from services.faculty.operations import operations
from services.faculty.store import known_contracts, participants
from services.faculty.views import imported_view
from shared import personal_changes
from shared.errors import Conflict, Forbidden, Invalid
from shared.events.permissions import Permission
from shared.people import email_key
from shared.work import Work


@operations.command(
    "POST /participants",
    needs=Permission.PARTICIPANT_REGISTER,
    takes=schemas.NewParticipant,
    gives=schemas.ParticipantView,
    creates="/participants/{id}",
)
def register_participant(work: Work, body: dict[str, Any]) -> Participant:
    """Register somebody who takes part in programmes; a partner registers its own people.

    A partner learns nothing of whom others have registered: for them only its own people count.
    """
    if work.actor.scope:
        body["partner_id"] = body["partner_id"] or work.actor.scope
        _must_be_their_own(work, body)
    _partner_must_be_known(work, body["partner_id"])
    _must_be_new(work, body["email"], body["partner_id"])
    return work.add(Participant.register(**body, by=work.actor.id))


@operations.command(
    "POST /programmes/{id}/participants/import",
    needs=Permission.PROGRAMME_RUN,
    own=must_lead,
    on=Programme,
    needs_version=False,
    takes=schemas.ParticipantImport,
    gives=schemas.ImportReport,
)
def import_participants(work: Work, programme: Programme, body: dict[str, Any]) -> dict[str, Any]:
    """Register and enrol up to 500 people from a list, and say what became of each row.

    Somebody who is registered already is found by address or, without one, by name. Those who find
    no place wait, in the order of the list. A row that cannot be taken is refused with its field
    and the reason; the others go in. Somebody who has withdrawn is not enrolled again.
    """
    must_be(programme.state, "take participants", ProgrammeState.ENROLLING, *TAUGHT)
    if body["earlier"] and not body["dry_run"]:
        raise Invalid(
            "Earlier rows are for a dry run: in a real one they have been taken.",
            rule="earlier-in-dry-runs",
            field="earlier",
            accepted="nothing",
        )
    _partner_must_be_known(work, body["partner_id"])
    verdicts = Import(work, programme, body).verdicts()
    if body["dry_run"]:
        work.try_out()
    return {"rows": [imported_view(each, tried=body["dry_run"]) for each in verdicts]}


@operations.command(
    "PATCH /participants/{id}",
    needs=Permission.PARTICIPANT_CORRECT,
    on=Participant,
    takes=schemas.ParticipantChange,
    gives=schemas.ParticipantView,
)
def correct_participant(work: Work, participant: Participant, body: dict[str, Any]) -> Participant:
    """Correct what is known of a person. Certificates stay as issued until they are reissued."""
    if "partner_id" in body:
        _partner_must_be_known(work, body["partner_id"])
    email = body.get("email", participant.email)
    partner_id = body.get("partner_id", participant.partner_id)
    if (email_key(email), partner_id) != (participant.email, participant.partner_id):
        _must_be_new(work, email, partner_id, apart_from=participant)
    before = participant.personal
    participant.correct(work.actor.id, **body)
    personal_changes.keep(work, participant.subject, before, participant.personal)
    return participant


def _must_be_new(
    work: Work, email: str, partner_id: UUID | None, *, apart_from: Participant | None = None
) -> None:
    """One address is one person: among all for the office, among its own people for a partner."""
    same = select(participants.c.id).where(participants.c.email == email_key(email))
    if work.actor.scope:
        same = same.where(participants.c.partner_id == partner_id)
    if apart_from is not None:
        same = same.where(participants.c.id != apart_from.id)
    if work.session.scalar(same.limit(1)):
        raise Conflict(
            "Somebody with this e-mail address is registered already: enrol that participant.",
            rule="registered-once",
            field="email",
        )


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
