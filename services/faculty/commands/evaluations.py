"""Taking the answers of participants."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from services.faculty import schemas
from services.faculty.domain.evaluation import Evaluation
from services.faculty.domain.instruments import instruments_for
from services.faculty.domain.participant import Participant
from services.faculty.domain.programme import Programme
from services.faculty.domain.stages import DELIVERED
from services.faculty.leading import leads, must_be_seen
from services.faculty.locks import evaluation_of
from services.faculty.operations import operations
from services.faculty.people import other_records, registered
from services.faculty.store import evaluations
from shared.errors import Forbidden, NotFound
from shared.events.permissions import Permission
from shared.work import Call, Work


def _must_be_oneself(work: Work, programme: Programme, body: dict[str, Any]) -> None:
    if leads(work, programme):
        return
    must_be_seen(work, programme)
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
    scoped_by="shown_to",
    confidential=("ratings", "score_percent"),
)
def evaluate(work: Work, programme: Programme, body: dict[str, Any]) -> dict[str, Any]:
    """Take a participant's answer to one instrument.

    Given by the participants themselves, or entered by the programme's lead from paper. It cannot
    be traced or changed afterwards; a request repeated under its Idempotency-Key gets its receipt,
    whatever it answers.
    """
    participant = registered(work, body["participant_id"], field="participant_id")
    instrument = programme.instrument(
        body["level"],
        body["moment"],
        participant.id,
        at=work.now,
        policy=work.policy,
    )
    evaluation = evaluation_of(work, programme)
    if evaluation is None:
        raise NotFound("This programme has no evaluation.", rule="exists", field="id")
    evaluation.receive(
        instrument,
        participant.id,
        body["ratings"],
        body["score_percent"],
        on_paper=leads(work, programme) or not participant.is_account(work.actor.id),
        same_person=other_records(work, participant),
    )
    # The event says that an answer came. Who called, and which request it was, would say whose.
    work.call = Call()
    return {
        "programme_id": programme.id,
        "level": body["level"],
        "moment": body["moment"],
    }


@operations.daily
def release_results(work: Work) -> None:
    """Release what was asked months after the teaching, once the time to answer is over."""
    due = select(Evaluation).where(evaluations.c.due_on <= work.latest_date)
    for evaluation in work.session.scalars(due.order_by(evaluations.c.id).with_for_update()):
        release_late_results(work, work.get(Programme, evaluation.programme_id), evaluation)


def release_late_results(work: Work, programme: Programme, evaluation: Evaluation) -> None:
    """Release what is due by now, and note when the next is due.

    Of a programme that is not delivered, or not any more, nothing is due.
    """
    if programme.state not in DELIVERED:
        evaluation.due_on = None
        return
    windows = {
        instrument: programme.window_of(instrument, work.policy)
        for instrument in instruments_for(programme.outcomes)
        if instrument.is_late
    }
    over = [instrument for instrument, window in windows.items() if window.is_over(work.now)]
    evaluation.release(over, work.policy)
    evaluation.due_on = min(
        (
            window.last_day + timedelta(days=1)
            for instrument, window in windows.items()
            if window.last_day is not None and instrument not in over
        ),
        default=None,
    )
