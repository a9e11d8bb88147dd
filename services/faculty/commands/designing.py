"""Designing a programme, and changing its design."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from services.faculty import schemas
from services.faculty.commands.certifying import settle_certificates
from services.faculty.domain.design import Contributor, Outcome, Session
from services.faculty.domain.designed import Design
from services.faculty.domain.known_contract import KnownContract
from services.faculty.domain.programme import Programme
from services.faculty.leading import must_lead, must_lead_what_is_designed
from services.faculty.locks import evaluation_of
from services.faculty.operations import operations
from shared.errors import Conflict, Invalid
from shared.events.permissions import Permission
from shared.events.vocabulary import KirkpatrickLevel
from shared.identifiers import new_id
from shared.work import Work


@operations.command(
    "POST /programmes",
    needs=Permission.PROGRAMME_DESIGN,
    own=must_lead_what_is_designed,
    takes=schemas.NewProgramme,
    gives=schemas.ProgrammeView,
    creates="/programmes/{id}",
)
def design_programme(work: Work, body: dict[str, Any]) -> Programme:
    """Design a programme under a contract; only publishing needs the contract to be active.

    Who designs it leads it, unless the office names somebody else.
    """
    lead_id = body.pop("lead_id") or work.actor.id
    contract = work.find(KnownContract, body.pop("contract_id"))
    if contract is None:
        raise Conflict(
            "We do not know this contract. Check its id; if it is new, try again in a moment.",
            rule="contract-known",
            field="contract_id",
            accepted="the id of a contract",
        )
    design = Design(**_parts_of_design(body, {}))
    return work.add(
        Programme.design(
            design,
            lead_id=lead_id,
            reference=work.next_reference("PRG"),
            contract=contract,
            policy=work.policy,
        )
    )


@operations.command(
    "PATCH /programmes/{id}",
    needs=Permission.PROGRAMME_DESIGN,
    own=must_lead,
    on=Programme,
    takes=schemas.DesignChange,
    gives=schemas.ProgrammeView,
)
def redesign_programme(work: Work, programme: Programme, body: dict[str, Any]) -> Programme:
    """Change a programme: its design, or what is wrong in it once it runs or is over.

    What is left out stays as it is. After delivery certificates follow corrected session times.
    """
    places_so_far = body.pop("places_so_far", None)
    known = {session.id: session for session in programme.sessions}
    evaluation = evaluation_of(work, programme)
    programme.redesign(
        replace(programme.current_design, **_parts_of_design(body, known)),
        contract=work.get(KnownContract, programme.contract_id),
        at=work.now,
        policy=work.policy,
        places_so_far=places_so_far,
        rated=evaluation is not None and evaluation.rated(KirkpatrickLevel.KNOWLEDGE),
    )
    settle_certificates(work, programme)
    return programme


@operations.command(
    "POST /programmes/{id}/lead",
    needs=Permission.PROGRAMME_ASSIGN,
    on=Programme,
    takes=schemas.NewLead,
    gives=schemas.ProgrammeView,
)
def change_lead(_work: Work, programme: Programme, body: dict[str, Any]) -> Programme:
    """Make somebody else the lead of a programme, with the reason."""
    programme.change_lead(body["lead_id"], body["reason"])
    return programme


def _parts_of_design(body: dict[str, Any], known: Mapping[UUID, Session]) -> dict[str, Any]:
    parts = dict(body)
    if "outcomes" in body:
        parts["outcomes"] = tuple(
            Outcome(each["statement"], tuple(dict.fromkeys(each["domains"])))
            for each in body["outcomes"]
        )
    if "sessions" in body:
        parts["sessions"] = tuple(_sessions(body["sessions"], known))
    if "contributors" in body:
        parts["contributors"] = tuple(Contributor(**each) for each in body["contributors"])
    return parts


def _sessions(bodies: list[dict[str, Any]], known: Mapping[UUID, Session]) -> Iterable[Session]:
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
        cancelled_because = known[body["id"]].cancelled_because if body["id"] else None
        if body.get("cancelled_because", cancelled_because) != cancelled_because:
            raise Invalid(
                "A change of the design cancels and reinstates no session: cancel or reinstate it "
                "on its own.",
                rule="session-cancelled-apart",
                field=f"sessions.{position}.cancelled_because",
                accepted="what is shown of the session, or nothing",
            )
        yield Session(
            id=body["id"] or new_id(),
            title=body["title"],
            starts_at=body["starts_at"],
            ends_at=body["ends_at"],
            mandatory=body["mandatory"],
            parallel_group=body["parallel_group"],
            cancelled_because=cancelled_because,
        )
