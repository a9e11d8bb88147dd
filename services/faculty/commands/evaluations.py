"""Taking the answers of participants."""

from dataclasses import replace
from typing import Any

from sqlalchemy import select

from services.faculty import schemas
from services.faculty.domain.evaluation import Evaluation
from services.faculty.domain.participant import Participant
from services.faculty.domain.programme import Programme
from services.faculty.operations import operations
from services.faculty.store import (
    evaluations,
)
from shared.errors import Forbidden
from shared.events.permissions import Permission
from shared.work import OFFICE, Work


def _must_be_oneself(work: Work, _: Programme, body: dict[str, Any]) -> None:
    participant = work.find(Participant, body["participant_id"])
    if participant is None or not participant.is_account(work.actor.id):
        raise Forbidden(
            "Only the participant, or the programme's lead from a paper form, can answer.",
            rule="answers-for-oneself",
            field="participant_id",
        )


@operations.command(
    "POST /programmes/{id}/evaluations",
    needs=Permission.EVALUATION_ANSWER,
    own=_must_be_oneself,
    on=Programme,
    needs_version=False,
    takes=schemas.EvaluationBody,
    gives=schemas.Receipt,
    scoped_by="partner_id",
)
def evaluate(work: Work, programme: Programme, body: dict[str, Any]) -> dict[str, Any]:
    """Take a participant's answer to one instrument.

    Given by the participants themselves, or entered by the programme's lead from paper. It cannot
    be traced or changed afterwards.
    """
    instrument = programme.instrument(body["level"], body["moment"], body["participant_id"])
    evaluation_of(work, programme).receive(
        instrument, body["participant_id"], body["ratings"], body["score_percent"]
    )
    # The event would carry who called, and so who has answered when; the office answers for all.
    work.call = replace(work.call, actor=OFFICE)
    return {
        "programme_id": programme.id,
        "level": body["level"],
        "moment": body["moment"],
    }


def evaluation_of(work: Work, programme: Programme) -> Evaluation:
    """For a change: a class that answers all at once takes turns here."""
    return work.session.scalars(
        select(Evaluation).where(evaluations.c.programme_id == programme.id).with_for_update()
    ).one()
