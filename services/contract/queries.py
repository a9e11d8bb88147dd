"""What may be read of contracts."""

from datetime import date
from typing import Any

from sqlalchemy import Select, func, select

from services.contract import schemas
from services.contract.commands.open_work import open_work
from services.contract.domain.burn_down import BurnDown, Progress, burn_down
from services.contract.domain.contract import Contract
from services.contract.domain.day_budget import DayBudget, EntryState, KnownEntry
from services.contract.domain.lifecycle import UNSEEN_BY_PARTNERS
from services.contract.operations import operations
from services.contract.store import contracts, known_entries
from services.contract.views import ContractAsSeen, require_seen_by
from shared.events.contract import OpenWork
from shared.events.permissions import Permission
from shared.filters import containing, equal
from shared.work import Work


@operations.query(
    "GET /contracts/{id}",
    needs=Permission.CONTRACT_READ,
    on=Contract,
    gives=schemas.ContractView,
    scoped_by="partner_id",
)
def get_contract(work: Work, contract: Contract, _: dict[str, Any]) -> ContractAsSeen:
    """One contract with its terms, approvals, signatures, milestones and invoices.

    Partners see theirs from the moment it is sent to them for signature.
    """
    require_seen_by(work.actor, contract)
    return ContractAsSeen.by(work.actor, contract)


@operations.listing(
    "GET /contracts",
    needs=Permission.CONTRACT_READ,
    takes=schemas.ContractFilter,
    gives=schemas.ContractSummary,
    sorts={
        "reference": contracts.c.reference,
        # What is evergreen ends after everything else.
        "ends_on": func.coalesce(contracts.c.ends_on, date.max),
        "created": contracts.c.created_at,
        "title": contracts.c.title,
    },
    default_sort="reference",
    key=contracts.c.id,
    scoped_by=contracts.c.partner_id,
)
def list_contracts(work: Work, wanted: dict[str, Any]) -> Select[Any]:
    """Contracts, by state, partner, type, owner, parent, end or part of the title."""
    statement = equal(
        select(Contract),
        wanted,
        state=contracts.c.state,
        partner_id=contracts.c.partner_id,
        type=contracts.c.type,
        owner_id=contracts.c.owner_id,
        parent_id=contracts.c.parent_id,
    )
    if work.actor.scope:
        statement = statement.where(contracts.c.state.not_in(UNSEEN_BY_PARTNERS))
    if "ends_before" in wanted:
        statement = statement.where(contracts.c.ends_on < wanted["ends_before"])
    return containing(statement, wanted.get("text"), contracts.c.title, contracts.c.reference)


@operations.query(
    "GET /contracts/{id}/burn-down",
    needs=Permission.BUDGET_READ,
    on=Contract,
    gives=schemas.BurnDownView,
    scoped_by="partner_id",
)
def get_burn_down(work: Work, contract: Contract, _: dict[str, Any]) -> BurnDown:
    """The day budget: figures by role, alerts, foreseen exhaustion and the weekly series."""
    require_seen_by(work.actor, contract)
    budget = work.find(DayBudget, contract.id) or DayBudget.of(
        contract.id, contract.partner_id, contract.terms
    )
    approved = select(KnownEntry).where(
        known_entries.c.contract_id == contract.id,
        known_entries.c.state == EntryState.APPROVED,
    )
    return burn_down(
        budget,
        work.session.scalars(approved),
        work.today,
        work.policy,
        Progress(contract.work_since, contract.accepted_percent),
    )


@operations.query(
    "GET /contracts/{id}/open-work",
    on=Contract,
    gives=schemas.OpenWorkView,
    needs=Permission.OPEN_WORK_READ,
)
def get_open_work(work: Work, contract: Contract, _: dict[str, Any]) -> OpenWork:
    """What is still open under a contract and would be left behind by its end."""
    return open_work(work, contract)
