"""Putting a contract into force, deciding on its milestones, and ending it."""

from typing import Any

from services.contract import schemas
from services.contract.domain.contract import Contract
from services.contract.operations import operations
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
    contract.activate(work.today)
    return contract


@operations.command(
    "POST /contracts/{id}/complete",
    needs=Permission.CONTRACT_COMPLETE,
    on=Contract,
    gives=schemas.ContractView,
)
def complete_contract(work: Work, contract: Contract, _: dict[str, Any]) -> Contract:
    """Complete an active contract all of whose milestones have been decided."""
    contract.complete(work.today)
    return contract


@operations.command(
    "POST /contracts/{id}/cancel",
    needs=Permission.CONTRACT_DRAFT,
    on=Contract,
    takes=schemas.Reason,
    gives=schemas.ContractView,
)
def cancel_contract(_work: Work, contract: Contract, body: dict[str, Any]) -> Contract:
    """Give up a contract that was not signed by all, with the reason."""
    contract.cancel(body["reason"])
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
    contract.meet_milestone(
        body["milestone_id"],
        evidence=body["evidence"],
        met_on=body["met_on"] or work.today,
        by=work.actor.id,
        on=work.today,
    )
    return contract


@operations.command(
    "POST /contracts/{id}/milestones/{milestone_id}/partially-meet",
    needs=Permission.MILESTONE_DECIDE,
    on=Contract,
    needs_version=False,
    takes=schemas.MilestoneReason,
    gives=schemas.ContractView,
)
def partially_meet_milestone(work: Work, contract: Contract, body: dict[str, Any]) -> Contract:
    """Record that a milestone is met in part only, and why."""
    contract.partially_meet_milestone(**body, by=work.actor.id, on=work.today)
    return contract


@operations.command(
    "POST /contracts/{id}/milestones/{milestone_id}/miss",
    needs=Permission.MILESTONE_DECIDE,
    on=Contract,
    needs_version=False,
    takes=schemas.MilestoneReason,
    gives=schemas.ContractView,
)
def miss_milestone(work: Work, contract: Contract, body: dict[str, Any]) -> Contract:
    """Record that a milestone is not met, and why."""
    contract.miss_milestone(**body, by=work.actor.id, on=work.today)
    return contract
