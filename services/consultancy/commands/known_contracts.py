"""Finding what this service knows of contracts, with a clear word where it knows nothing."""

from services.consultancy.domain.contract_budget import ContractBudget
from shared.errors import Conflict
from shared.identifiers import UUID
from shared.work import Work


def active_budget(work: Work, contract_id: UUID) -> ContractBudget:
    """The budget of a contract that somebody names. Raises Conflict where none is active."""
    if work.find(ContractBudget, contract_id) is None:
        raise Conflict(
            "No active contract with this id is known to consultancy. Activate the contract "
            "first; if that has just been done, try again in a moment.",
            rule="contract-active",
            field="contract_id",
            accepted="the id of an active contract",
        )
    budget = budget_of(work, contract_id)
    budget.require_active()
    return budget


def budget_of(work: Work, contract_id: UUID) -> ContractBudget:
    """The budget that an engagement was planned against, held until the transaction ends.

    Whoever else claims days under the contract waits. It is taken before anything else that is
    read in order to be changed, so that two transactions never wait for each other.
    """
    return work.lock(ContractBudget, contract_id)
