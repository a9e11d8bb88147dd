"""What faculty development learns from others: which contracts there are, and their state."""

from uuid import UUID

from services.faculty.domain.known_contract import ContractStanding, KnownContract
from shared.events.contract import (
    ContractActivated,
    ContractCancelled,
    ContractCompleted,
    ContractDrafted,
    ContractExpired,
    ContractImportConfirmed,
    ContractTerms,
    ContractTermsChanged,
)
from shared.messaging.reactions import Reactions
from shared.work import Work

reactions = Reactions("faculty")


@reactions.on(ContractDrafted)
def meet_contract(work: Work, event: ContractDrafted) -> None:
    """Programmes may be designed under a contract from its draft on, published once active."""
    _meet(work, event)


@reactions.on(ContractImportConfirmed)
def meet_imported_contract(work: Work, event: ContractImportConfirmed) -> None:
    """Under an imported one from its confirmation on, which may come after a mistaken rejection."""
    contract = work.find(KnownContract, event.contract_id) or _meet(work, event)
    _take_terms(contract, event.terms)
    contract.standing = ContractStanding.AGREEING


@reactions.on(ContractActivated)
def open_contract(work: Work, event: ContractActivated) -> None:
    contract = work.find(KnownContract, event.contract_id) or _meet(work, event)
    _take_terms(contract, event.terms)
    contract.standing = ContractStanding.ACTIVE


@reactions.on(ContractTermsChanged)
def follow_terms(work: Work, event: ContractTermsChanged) -> None:
    _take_terms(work.get(KnownContract, event.contract_id), event.terms)


@reactions.on(ContractCompleted)
def end_with_completion(work: Work, event: ContractCompleted) -> None:
    _end(work, event.contract_id, ContractStanding.COMPLETED)


@reactions.on(ContractExpired)
def end_with_expiry(work: Work, event: ContractExpired) -> None:
    _end(work, event.contract_id, ContractStanding.EXPIRED)


@reactions.on(ContractCancelled)
def end_with_cancellation(work: Work, event: ContractCancelled) -> None:
    _end(work, event.contract_id, ContractStanding.CANCELLED)


def _take_terms(contract: KnownContract, terms: ContractTerms) -> None:
    contract.title = terms.title
    contract.starts_on, contract.ends_on = terms.starts_on, terms.ends_on


def _meet(
    work: Work, event: ContractDrafted | ContractImportConfirmed | ContractActivated
) -> KnownContract:
    return work.add(
        KnownContract(
            id=event.contract_id,
            reference=event.reference,
            partner_id=event.partner_id,
            title=event.terms.title,
            starts_on=event.terms.starts_on,
            ends_on=event.terms.ends_on,
        )
    )


def _end(work: Work, contract_id: UUID, standing: ContractStanding) -> None:
    work.get(KnownContract, contract_id).standing = standing
