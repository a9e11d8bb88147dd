"""What consultancy does on the events of contracts: keep the budgets it plans and logs against."""

from datetime import date

from services.consultancy.domain.contract_budget import ContractBudget
from shared.events.contract import (
    ContractActivated,
    ContractCancelled,
    ContractCompleted,
    ContractExpired,
    ContractTermsChanged,
)
from shared.identifiers import UUID
from shared.messaging.reactions import Reactions
from shared.work import Work

reactions = Reactions("consultancy")


@reactions.on(ContractActivated)
def open_budget(work: Work, event: ContractActivated) -> None:
    """From here on engagements can be planned under the contract."""
    known = _known(work, event.contract_id)
    if known is not None:
        known.agree(event.terms)
        known.activate()
        return
    work.add(ContractBudget.of(event.contract_id, event.reference, event.partner_id, event.terms))


@reactions.on(ContractTermsChanged)
def take_new_terms(work: Work, event: ContractTermsChanged) -> None:
    """Terms that change before activation come with the activation."""
    known = _known(work, event.contract_id)
    if known is not None:
        known.agree(event.terms)


@reactions.on(ContractCompleted)
def close_completed_budget(work: Work, event: ContractCompleted) -> None:
    worked_until = event.worked_until or event.completed_on
    _end(work, event.contract_id, event.completed_on, worked_until)


@reactions.on(ContractExpired)
def close_expired_budget(work: Work, event: ContractExpired) -> None:
    _end(work, event.contract_id, event.expired_on, event.expired_on)


@reactions.on(ContractCancelled)
def close_cancelled_budget(work: Work, event: ContractCancelled) -> None:
    _end(work, event.contract_id, work.today, work.latest_date)


def _end(work: Work, contract_id: UUID, on: date, worked_until: date) -> None:
    """Nothing more is planned. The last days can still be logged for a while, and what was
    logged can be decided whenever.
    """
    known = _known(work, contract_id)
    if known is not None:
        known.end(on, worked_until)


def _known(work: Work, contract_id: UUID) -> ContractBudget | None:
    """Held until the transaction ends: people may be logging days under it right now."""
    known = work.find(ContractBudget, contract_id)
    return known and work.lock(ContractBudget, contract_id)
