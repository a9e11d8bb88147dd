"""What may be done in faculty development, and by whom."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from services.faculty import schemas
from services.faculty.domain.certificate import Certificate
from services.faculty.domain.design import Contributor, Outcome, Session
from services.faculty.domain.evaluation import Evaluation
from services.faculty.domain.instruments import instrument_for, instruments_for
from services.faculty.domain.known_contract import KnownContract
from services.faculty.domain.participant import Participant, email_key
from services.faculty.domain.programme import Design, Programme
from services.faculty.domain.stages import ProgrammeState
from services.faculty.operations import ANYBODY, LEADS, REGISTRARS, operations
from services.faculty.store import (
    certificates,
    evaluations,
    known_contracts,
    participants,
    programmes,
)
from services.faculty.views import enrolment_view
from shared.errors import Conflict, Forbidden, Invalid
from shared.events.faculty import Moment
from shared.events.vocabulary import KirkpatrickLevel
from shared.identifiers import new_id
from shared.work import OFFICE, Work


@operations.command(
    "POST /participants",
    roles=REGISTRARS,
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


@operations.command(
    "POST /programmes",
    roles=LEADS,
    takes=schemas.NewProgramme,
    gives=schemas.ProgrammeView,
)
def design_programme(work: Work, body: dict[str, Any]) -> Programme:
    """Design a programme under a contract; only publishing needs the contract to be active."""
    contract = work.find(KnownContract, body.pop("contract_id"))
    if contract is None:
        raise Conflict(
            "We do not know this contract. Check its id; if it is new, try again in a moment.",
            rule="contract-known",
            field="contract_id",
            accepted="the id of a contract",
        )
    design = Design(**_parts_of_design(body, frozenset()))
    return work.add(
        Programme.design(design, reference=work.next_reference("PRG"), contract=contract)
    )


@operations.command(
    "PATCH /programmes/{id}",
    on=Programme,
    roles=LEADS,
    takes=schemas.DesignChange,
    gives=schemas.ProgrammeView,
)
def redesign_programme(work: Work, programme: Programme, body: dict[str, Any]) -> Programme:
    """Change the design of a programme that has not started."""
    known = frozenset(session.id for session in programme.sessions)
    programme.redesign(
        replace(programme.current_design, **_parts_of_design(body, known)),
        contract=work.get(KnownContract, programme.contract_id),
        at=work.now,
        policy=work.policy,
    )
    return programme


@operations.command(
    "POST /programmes/{id}/publish",
    on=Programme,
    roles=LEADS,
    gives=schemas.ProgrammeView,
)
def publish_programme(work: Work, programme: Programme, _: dict[str, Any]) -> Programme:
    """Publish a designed programme."""
    contract = work.get(KnownContract, programme.contract_id)
    programme.publish(contract=contract, policy=work.policy)
    return programme


@operations.command(
    "POST /programmes/{id}/open-enrolment",
    on=Programme,
    roles=LEADS,
    gives=schemas.ProgrammeView,
)
def open_enrolment(work: Work, programme: Programme, _: dict[str, Any]) -> Programme:
    """Open a published programme for enrolment, and with it the questions before the teaching."""
    programme.open_enrolment(contract=work.get(KnownContract, programme.contract_id))
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
    on=Programme,
    roles=LEADS,
    gives=schemas.ProgrammeView,
)
def start_programme(work: Work, programme: Programme, _: dict[str, Any]) -> Programme:
    """Close enrolment and start; who still waits is turned away."""
    programme.start(contract=work.get(KnownContract, programme.contract_id))
    return programme


@operations.command(
    "POST /programmes/{id}/deliver",
    on=Programme,
    roles=LEADS,
    gives=schemas.ProgrammeView,
)
def deliver_programme(work: Work, programme: Programme, _: dict[str, Any]) -> Programme:
    """Close the sessions and issue certificates to those who attended enough."""
    for attended in programme.deliver(at=work.now, policy=work.policy):
        work.add(
            Certificate.issue(
                attended,
                number=work.next_reference("CERT"),
                programme_id=programme.id,
                partner_id=programme.partner_id,
                title=programme.title,
                on=work.today,
            )
        )
    return programme


@operations.command(
    "POST /programmes/{id}/complete",
    on=Programme,
    roles=LEADS,
    gives=schemas.ProgrammeView,
)
def complete_programme(work: Work, programme: Programme, _: dict[str, Any]) -> Programme:
    """Close the evaluation, publish its results where enough have answered, and complete."""
    evaluation = _evaluation_of(work, programme)
    issued = work.session.scalar(
        select(func.count()).where(certificates.c.programme_id == programme.id)
    )
    reaction = instrument_for(programme.outcomes, KirkpatrickLevel.REACTION, Moment.AFTER)
    programme.complete(certificates=issued or 0, reaction=evaluation.result(reaction, work.policy))
    evaluation.summarise(instruments_for(programme.outcomes), work.policy)
    return programme


@operations.command(
    "POST /programmes/{id}/cancel",
    on=Programme,
    roles=LEADS,
    takes=schemas.Reason,
    gives=schemas.ProgrammeView,
)
def cancel_programme(_work: Work, programme: Programme, body: dict[str, Any]) -> Programme:
    """Cancel a programme, with the reason; its participants are told."""
    programme.cancel(body["reason"])
    return programme


@operations.command(
    "POST /programmes/{id}/enrolments",
    on=Programme,
    needs_version=False,
    roles=ANYBODY,
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
    _must_speak_for(work, participant)
    # In a rush everybody takes their turn here, instead of trying again and again to be first.
    work.session.refresh(programme, with_for_update=True)
    enrolment = programme.enrol(participant.id, at=work.now, policy=work.policy)
    return enrolment_view(programme, enrolment)


@operations.command(
    "POST /programmes/{id}/enrolments/{enrolment_id}/withdraw",
    on=Programme,
    needs_version=False,
    roles=ANYBODY,
    takes=schemas.EnrolmentChoice,
    gives=schemas.EnrolmentView,
    scoped_by="partner_id",
)
def withdraw(work: Work, programme: Programme, body: dict[str, Any]) -> dict[str, Any]:
    """Leave a programme or its waiting list; the place is offered to who waits longest."""
    enrolment_id = _own_enrolment(work, programme, body)
    return enrolment_view(
        programme, programme.withdraw(enrolment_id, at=work.now, policy=work.policy)
    )


@operations.command(
    "POST /programmes/{id}/enrolments/{enrolment_id}/accept-offer",
    on=Programme,
    needs_version=False,
    roles=ANYBODY,
    takes=schemas.EnrolmentChoice,
    gives=schemas.EnrolmentView,
    scoped_by="partner_id",
)
def accept_offer(work: Work, programme: Programme, body: dict[str, Any]) -> dict[str, Any]:
    """Take the place on offer, while the offer lasts."""
    enrolment_id = _own_enrolment(work, programme, body)
    return enrolment_view(programme, programme.accept_offer(enrolment_id, at=work.now))


@operations.command(
    "POST /programmes/{id}/enrolments/{enrolment_id}/decline-offer",
    on=Programme,
    needs_version=False,
    roles=ANYBODY,
    takes=schemas.EnrolmentChoice,
    gives=schemas.EnrolmentView,
    scoped_by="partner_id",
)
def decline_offer(work: Work, programme: Programme, body: dict[str, Any]) -> dict[str, Any]:
    """Decline the place on offer; it goes to the next on the waiting list."""
    enrolment_id = _own_enrolment(work, programme, body)
    return enrolment_view(
        programme,
        programme.decline_offer(enrolment_id, at=work.now, policy=work.policy),
    )


@operations.command(
    "PUT /programmes/{id}/sessions/{session_id}/attendance",
    on=Programme,
    needs_version=False,
    roles=LEADS,
    takes=schemas.AttendanceBody,
    gives=schemas.ProgrammeView,
)
def record_attendance(work: Work, programme: Programme, body: dict[str, Any]) -> Programme:
    """Say who was at a session; can be corrected until the programme is delivered."""
    programme.record_attendance(body["session_id"], tuple(body["present_ids"]), at=work.now)
    return programme


@operations.command(
    "POST /programmes/{id}/evaluations",
    on=Programme,
    needs_version=False,
    roles=ANYBODY,
    takes=schemas.EvaluationBody,
    gives=schemas.Receipt,
    scoped_by="partner_id",
)
def evaluate(work: Work, programme: Programme, body: dict[str, Any]) -> dict[str, Any]:
    """Take a participant's answer to one instrument.

    Given by the participants themselves, or entered by the programme's lead from paper. It cannot
    be traced or changed afterwards.
    """
    participant = work.find(Participant, body["participant_id"])
    if not (work.actor.roles & LEADS or (participant and participant.is_account(work.actor.id))):
        raise Forbidden(
            "Only the participant, or the programme's lead from a paper form, can answer.",
            rule="answers-for-oneself",
            field="participant_id",
        )
    instrument = programme.instrument(body["level"], body["moment"], body["participant_id"])
    _evaluation_of(work, programme).receive(
        instrument, body["participant_id"], body["ratings"], body["score_percent"]
    )
    # The event would carry who called, and so who has answered when; the office answers for all.
    work.call = replace(work.call, actor=OFFICE)
    return {
        "programme_id": programme.id,
        "level": body["level"],
        "moment": body["moment"],
    }


@operations.daily
def lapse_offers(work: Work) -> None:
    """Offers whose time is up go to the next on the waiting list."""
    enrolling = select(Programme).where(programmes.c.state == ProgrammeState.ENROLLING)
    for programme in work.session.scalars(enrolling):
        programme.lapse_offers(at=work.now, policy=work.policy)


def _parts_of_design(body: dict[str, Any], known_sessions: frozenset[UUID]) -> dict[str, Any]:
    parts = dict(body)
    if "outcomes" in body:
        parts["outcomes"] = tuple(
            Outcome(each["statement"], tuple(dict.fromkeys(each["domains"])))
            for each in body["outcomes"]
        )
    if "sessions" in body:
        parts["sessions"] = tuple(_sessions(body["sessions"], known_sessions))
    if "contributors" in body:
        parts["contributors"] = tuple(Contributor(**each) for each in body["contributors"])
    return parts


def _sessions(bodies: list[dict[str, Any]], known: frozenset[UUID]) -> Iterable[Session]:
    open_ids = set(known)
    for position, body in enumerate(bodies):
        if body["id"] is not None and body["id"] not in open_ids:
            raise Invalid(
                "The programme has no such session (or it is in the list twice). Leave the id out "
                "for a new session.",
                rule="session-known",
                field=f"sessions.{position}.id",
                accepted=", ".join(map(str, known)) or "no id",
            )
        open_ids.discard(body["id"])
        yield Session(
            id=body["id"] or new_id(),
            title=body["title"],
            starts_at=body["starts_at"].astimezone(UTC),
            ends_at=body["ends_at"].astimezone(UTC),
            mandatory=body["mandatory"],
        )


def _evaluation_of(work: Work, programme: Programme) -> Evaluation:
    """For a change: a class that answers all at once takes turns here."""
    return work.session.scalars(
        select(Evaluation).where(evaluations.c.programme_id == programme.id).with_for_update()
    ).one()


def _own_enrolment(work: Work, programme: Programme, body: dict[str, Any]) -> UUID:
    enrolment = programme.enrolment(body["enrolment_id"])
    _must_speak_for(work, work.get(Participant, enrolment.participant_id))
    return enrolment.id


def _must_speak_for(work: Work, participant: Participant) -> None:
    if work.actor.roles & LEADS or participant.is_account(work.actor.id):
        return
    if work.actor.scope is not None and participant.partner_id == work.actor.scope:
        return
    raise Forbidden(
        "You can enrol and withdraw yourself or, as a partner, your own people.",
        rule="own-enrolment",
        field="participant_id",
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
