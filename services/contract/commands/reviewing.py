"""Handing a draft to its approvers, and what they say."""

from typing import Any

from services.contract import schemas
from services.contract.commands.known_partners import known_partner, parent_of
from services.contract.domain.contract import Contract
from services.contract.operations import operations
from shared.events.permissions import Permission
from shared.work import Work


@operations.command(
    "POST /contracts/{id}/submit",
    needs=Permission.CONTRACT_DRAFT,
    on=Contract,
    gives=schemas.ContractView,
)
def submit_contract(work: Work, contract: Contract, _: dict[str, Any]) -> Contract:
    """Hand a complete draft to those who must approve it."""
    contract.submit(
        partner=known_partner(work, contract.partner_id),
        on=work.today,
        policy=work.policy,
        parent=parent_of(work, contract),
    )
    return contract


@operations.command(
    "POST /contracts/{id}/approve",
    needs=Permission.CONTRACT_APPROVE,
    on=Contract,
    gives=schemas.ContractView,
)
def approve_contract(work: Work, contract: Contract, _: dict[str, Any]) -> Contract:
    """Approve a contract that somebody else wrote; the last needed approval settles it."""
    contract.approve(
        by=work.actor.id,
        roles=work.actor.roles,
        partner=known_partner(work, contract.partner_id),
        policy=work.policy,
        at=work.now,
    )
    return contract


@operations.command(
    "POST /contracts/{id}/return",
    needs=Permission.CONTRACT_RETURN,
    on=Contract,
    takes=schemas.Reason,
    gives=schemas.ContractView,
)
def return_contract(_work: Work, contract: Contract, body: dict[str, Any]) -> Contract:
    """Return a contract to draft, with the reason; approvals and signatures so far are void."""
    contract.return_to_draft(body["reason"])
    return contract
