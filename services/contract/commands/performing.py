"""Putting a contract into force, deciding on its milestones, and ending it."""

from typing import Any

from sqlalchemy import select

from services.contract import schemas
from services.contract.commands.billing import billed_by
from services.contract.commands.known_partners import known_partner, parent_of
from services.contract.commands.open_work import open_work
from services.contract.domain.contract import Contract
from services.contract.domain.milestones import Decision, MilestoneState
from services.contract.operations import operations
from services.contract.store import contracts
from shared.events.permissions import Permission
from shared.work import Work


@operations.command(
    "POST /contracts/{id}/activate",
    needs=Permission.CONTRACT_ACTIVATE,
    on=Contract,
    gives=schemas.ContractView,
)
def activate_contract(work: Work, contract: Contract, _: dict[str, Any]) -> Contract:
    """Put a signed contract into force once its start date has come."""
    contract.activate(
        work.today,
        partner=known_partner(work, contract.partner_id),
        parent=parent_of(work, contract),
    )
    return contract


@operations.command(
    "POST /contracts/{id}/complete",
    needs=Permission.CONTRACT_COMPLETE,
    on=Contract,
    takes=schemas.Completion,
    gives=schemas.ContractView,
)
def complete_contract(work: Work, contract: Contract, body: dict[str, Any]) -> Contract:
    """Complete an active contract all of whose milestones have been decided.

    Refused with what is still open under it, unless that is accepted.
    """
    open_now = open_work(work, contract)
    contract.complete(work.today, latest=work.latest_date, open_work=open_now, **body)
    return contract


@operations.command(
    "POST /contracts/{id}/cancel",
    needs=Permission.CONTRACT_DRAFT,
    on=Contract,
    takes=schemas.Reason,
    gives=schemas.ContractView,
)
def cancel_contract(work: Work, contract: Contract, body: dict[str, Any]) -> Contract:
    """Give up a contract that was not signed by all, with the reason."""
    children = select(Contract).where(contracts.c.parent_id == contract.id)
    contract.cancel(body["reason"], work.session.scalars(children).all())
    return contract


@operations.command(
    "POST /contracts/{id}/milestones/{milestone_id}/meet",
    needs=Permission.MILESTONE_DECIDE,
    on=Contract,
    needs_version=False,
    takes=schemas.MilestoneMetBody,
    gives=schemas.ContractView,
)
def meet_milestone(work: Work, contract: Contract, body: dict[str, Any]) -> Contract:
    """Record that a milestone is met, with what shows it."""
    _decide(work, contract, body | {"state": MilestoneState.MET})
    return contract


@operations.command(
    "POST /contracts/{id}/milestones/{milestone_id}/partially-meet",
    needs=Permission.MILESTONE_DECIDE,
    on=Contract,
    needs_version=False,
    takes=schemas.MilestonePartlyMetBody,
    gives=schemas.ContractView,
)
def partially_meet_milestone(work: Work, contract: Contract, body: dict[str, Any]) -> Contract:
    """Record that a milestone is met in part, how far, and why; the part may grow later."""
    _decide(work, contract, body | {"state": MilestoneState.PARTIALLY_MET})
    return contract


@operations.command(
    "POST /contracts/{id}/milestones/{milestone_id}/miss",
    needs=Permission.MILESTONE_DECIDE,
    on=Contract,
    needs_version=False,
    takes=schemas.MilestoneMissedBody,
    gives=schemas.ContractView,
)
def miss_milestone(work: Work, contract: Contract, body: dict[str, Any]) -> Contract:
    """Record that a milestone is not met, and why."""
    _decide(work, contract, body | {"state": MilestoneState.NOT_MET})
    return contract


@operations.command(
    "POST /contracts/{id}/milestones/{milestone_id}/correct",
    on=Contract,
    needs=Permission.MILESTONE_DECIDE,
    takes=schemas.MilestoneCorrection,
    gives=schemas.ContractView,
)
def correct_milestone(work: Work, contract: Contract, body: dict[str, Any]) -> Contract:
    """Put a decision on a milestone right, and say what was wrong with it.

    Once it is invoiced only how much is met can be corrected: the difference is invoiced or
    credited.
    """
    milestone_id, correction = body.pop("milestone_id"), body.pop("correction")
    contract.correct_milestone(
        milestone_id,
        _decision(work, body),
        correction=correction,
        by=work.actor.id,
        latest=work.latest_date,
        billed_by=billed_by(work, contract.id, milestone_id),
    )
    return contract


@operations.command(
    "POST /contracts/{id}/milestones/{milestone_id}/reopen",
    on=Contract,
    needs=Permission.MILESTONE_DECIDE,
    takes=schemas.MilestoneReason,
    gives=schemas.ContractView,
)
def reopen_milestone(work: Work, contract: Contract, body: dict[str, Any]) -> Contract:
    """Withdraw a decision on a milestone before it is invoiced, with the reason."""
    billed = billed_by(work, contract.id, body["milestone_id"])
    contract.reopen_milestone(**body, billed_by=billed)
    return contract


def _decide(work: Work, contract: Contract, body: dict[str, Any]) -> None:
    milestone_id = body.pop("milestone_id")
    contract.decide_milestone(
        milestone_id, _decision(work, body), by=work.actor.id, latest=work.latest_date
    )


def _decision(work: Work, body: dict[str, Any]) -> Decision:
    dated = body.pop("met_on", None) or body.pop("decided_on", None)
    return Decision(decided_on=dated or work.today, **body)
