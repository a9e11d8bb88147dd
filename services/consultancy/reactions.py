"""What consultancy does on the events of contracts: keep the budgets it plans and logs against."""

from services.consultancy.domain.contract_budget import ContractBudget
from shared.events.contract import (
    ContractActivated,
    ContractCancelled,
    ContractCompleted,
    ContractExpired,
    ContractTermsChanged,
)
from shared.messaging.reactions import Reactions
from shared.work import Work

reactions = Reactions("consultancy")


@reactions.on(ContractActivated)
def open_budget(work: Work, event: ContractActivated) -> None:
    """From here on engagements can be planned under the contract."""
    known = work.find(ContractBudget, event.contract_id)
    if known is not None:
        known.agree(event.terms)
        known.activate()
        return
    work.add(ContractBudget.of(event.contract_id, event.reference, event.partner_id, event.terms))


@reactions.on(ContractTermsChanged)
def take_new_terms(work: Work, event: ContractTermsChanged) -> None:
    """Terms that change before activation come with the activation."""
    known = work.find(ContractBudget, event.contract_id)
    if known is not None:
        known.agree(event.terms)


@reactions.on(ContractCompleted, ContractExpired, ContractCancelled)
def close_budget(
    work: Work, event: ContractCompleted | ContractExpired | ContractCancelled
) -> None:
    """Nothing more is planned or logged; what was logged can still be decided."""
    known = work.find(ContractBudget, event.contract_id)
    if known is not None:
        known.end()
