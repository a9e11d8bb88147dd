"""Taking a programme from publication to completion."""

from typing import Any

from sqlalchemy import func, select

from services.faculty import schemas
from services.faculty.commands.certifying import revoke_certificates, settle_certificates
from services.faculty.commands.evaluations import release_late_results
from services.faculty.domain.closing import must_hide_nothing
from services.faculty.domain.evaluation import Evaluation
from services.faculty.domain.instruments import instrument_for, instruments_for
from services.faculty.domain.known_contract import KnownContract
from services.faculty.domain.programme import Programme
from services.faculty.domain.stages import ProgrammeState
from services.faculty.leading import must_lead
from services.faculty.locks import evaluation_of
from services.faculty.operations import operations
from services.faculty.store import certificates
from shared.events.faculty import Moment, Revocation
from shared.events.permissions import Permission
from shared.events.vocabulary import KirkpatrickLevel
from shared.work import Work


@operations.command(
    "POST /programmes/{id}/publish",
    needs=Permission.PROGRAMME_RUN,
    own=must_lead,
    on=Programme,
    gives=schemas.ProgrammeView,
)
def publish_programme(work: Work, programme: Programme, _: dict[str, Any]) -> Programme:
    """Publish a designed programme."""
    contract = work.get(KnownContract, programme.contract_id)
    programme.publish(contract=contract, policy=work.policy)
    return programme


@operations.command(
    "POST /programmes/{id}/open-enrolment",
    needs=Permission.PROGRAMME_RUN,
    own=must_lead,
    on=Programme,
    gives=schemas.ProgrammeView,
)
def open_enrolment(work: Work, programme: Programme, _: dict[str, Any]) -> Programme:
    """Open a published programme for enrolment, and with it the questions before the teaching."""
    programme.open_enrolment(contract=work.get(KnownContract, programme.contract_id))
    if evaluation_of(work, programme) is not None:  # enrolment was open before
        return programme
    work.add(
        Evaluation.open(
            programme_id=programme.id,
            contract_id=programme.contract_id,
            partner_id=programme.partner_id,
        )
    )
    return programme


@operations.command(
    "POST /programmes/{id}/start",
    needs=Permission.PROGRAMME_RUN,
    own=must_lead,
    on=Programme,
    gives=schemas.ProgrammeView,
)
def start_programme(work: Work, programme: Programme, _: dict[str, Any]) -> Programme:
    """Close enrolment and start; who still waits is turned away."""
    programme.start(contract=work.get(KnownContract, programme.contract_id))
    return programme


@operations.command(
    "POST /programmes/{id}/deliver",
    needs=Permission.PROGRAMME_RUN,
    own=must_lead,
    on=Programme,
    gives=schemas.ProgrammeView,
)
def deliver_programme(work: Work, programme: Programme, _: dict[str, Any]) -> Programme:
    """Close the sessions and issue certificates to those who attended enough."""
    programme.deliver(at=work.now, policy=work.policy)
    settle_certificates(work, programme)
    evaluation = _evaluation(work, programme)
    release_late_results(work, programme, evaluation)
    return programme


@operations.command(
    "POST /programmes/{id}/complete",
    needs=Permission.PROGRAMME_RUN,
    own=must_lead,
    on=Programme,
    takes=schemas.Completion,
    gives=schemas.ProgrammeView,
)
def complete_programme(work: Work, programme: Programme, body: dict[str, Any]) -> Programme:
    """Close the questions of reaction and learning, release their results, and complete.

    From here on these results never change, so that no answer follows from two looks at them. What
    too few have answered stays hidden for good: that must be confirmed.
    """
    evaluation = _evaluation(work, programme)
    issued = work.session.scalar(
        select(func.count()).where(
            certificates.c.programme_id == programme.id, certificates.c.revoked_on.is_(None)
        )
    )
    closing = [each for each in instruments_for(programme.outcomes) if not each.is_late]
    evaluation.release(closing, work.policy)
    reaction = instrument_for(programme.outcomes, KirkpatrickLevel.REACTION, Moment.AFTER)
    programme.complete(certificates=issued or 0, reaction=evaluation.result(reaction, work.policy))
    if not body["confirm_few_answers"]:
        results = [evaluation.result(each, work.policy) for each in closing]
        must_hide_nothing(results, present=programme.present, policy=work.policy)
    return programme


@operations.command(
    "POST /programmes/{id}/cancel",
    needs=Permission.PROGRAMME_RUN,
    own=must_lead,
    on=Programme,
    takes=schemas.Reason,
    gives=schemas.ProgrammeView,
)
def cancel_programme(_work: Work, programme: Programme, body: dict[str, Any]) -> Programme:
    """Cancel a programme, with the reason; its participants are notified."""
    programme.cancel(body["reason"])
    return programme


@operations.command(
    "POST /programmes/{id}/reinstate",
    needs=Permission.PROGRAMME_RUN,
    own=must_lead,
    on=Programme,
    gives=schemas.ProgrammeView,
)
def reinstate_programme(work: Work, programme: Programme, _: dict[str, Any]) -> Programme:
    """Take the cancellation of a programme back: it is where it was before."""
    programme.reinstate(at=work.now, policy=work.policy)
    return programme


@operations.command(
    "POST /programmes/{id}/take-back",
    needs=Permission.PROGRAMME_RUN,
    own=must_lead,
    on=Programme,
    takes=schemas.Reason,
    gives=schemas.ProgrammeView,
)
def take_back_step(work: Work, programme: Programme, body: dict[str, Any]) -> Programme:
    """Take back the last step, made by mistake: publication, opening, start or delivery.

    Certificates of a delivery that is taken back are revoked. Completion is final.
    """
    programme.take_back(body["reason"], at=work.now, policy=work.policy)
    if programme.state is ProgrammeState.RUNNING:
        revoke_certificates(work, programme, Revocation.DELIVERY_TAKEN_BACK)
    return programme


def _evaluation(work: Work, programme: Programme) -> Evaluation:
    """Of a programme whose enrolment was opened, and with it the evaluation."""
    evaluation = evaluation_of(work, programme)
    assert evaluation is not None
    return evaluation
