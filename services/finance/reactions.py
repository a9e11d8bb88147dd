"""What finance does on others' events."""

from uuid import UUID

from services.finance import ledger
from services.finance.domain.account import Account, UnpricedContract, currency_of
from services.finance.domain.approved_days import ApprovedDays
from shared.events.consultancy import DaysApproved, DaysReversed
from shared.events.contract import (
    ContractActivated,
    ContractTerms,
    ContractTermsChanged,
    MilestoneMet,
)
from shared.messaging.reactions import NotYet, Reactions
from shared.work import Work

reactions = Reactions("finance")


@reactions.on(ContractActivated)
def open_account(work: Work, event: ContractActivated) -> None:
    """Work begins: from here on the contract may be invoiced."""
    account = work.find(Account, event.contract_id)
    if account is not None:
        account.take_terms(event.terms)
    elif currency_of(event.terms) is not None:
        _open(work, event.contract_id, event.reference, event.partner_id, event.terms)
    elif work.find(UnpricedContract, event.contract_id) is None:
        work.add(
            UnpricedContract(
                contract_id=event.contract_id,
                reference=event.reference,
                partner_id=event.partner_id,
            )
        )


@reactions.on(ContractTermsChanged)
def take_terms(work: Work, event: ContractTermsChanged) -> None:
    """New terms count from here on. Those of a contract that is not active yet come with it."""
    account = work.find(Account, event.contract_id)
    if account is not None:
        account.take_terms(event.terms)
        return
    unpriced = work.find(UnpricedContract, event.contract_id)
    if unpriced is not None and currency_of(event.terms) is not None:
        _open(
            work,
            unpriced.contract_id,
            unpriced.reference,
            unpriced.partner_id,
            event.terms,
        )
        work.session.delete(unpriced)


@reactions.on(MilestoneMet)
def invoice_met_milestone(work: Work, event: MilestoneMet) -> None:
    """A payment is due: its pack and a draft invoice are prepared."""
    if event.amount is None:  # a delivery or a reporting milestone
        return
    account = _account(work, event.contract_id)
    if account is None or account.payment(event.milestone_id).pack_id is not None:
        return
    account.note_met(event.milestone_id, event.met_on)
    ledger.invoice_milestone(work, account, event.milestone_id)


@reactions.on(DaysApproved)
def keep_approved_days(work: Work, event: DaysApproved) -> None:
    """Chargeable days wait here until a pack bills them."""
    entry = event.entry
    if not entry.chargeable or _account(work, entry.contract_id) is None:
        return
    if work.find(ApprovedDays, entry.entry_id) is None:
        work.add(ApprovedDays.of(entry))


@reactions.on(DaysReversed)
def take_back_days(work: Work, event: DaysReversed) -> None:
    """Unbilled days are no longer billed; billed ones are credited on the next pack."""
    days = work.find(ApprovedDays, event.entry.entry_id)
    if days is not None:
        days.reversed = True


def _open(
    work: Work,
    contract_id: UUID,
    reference: str,
    partner_id: UUID,
    terms: ContractTerms,
) -> None:
    work.add(
        Account.open(
            contract_id=contract_id,
            reference=reference,
            partner_id=partner_id,
            terms=terms,
        )
    )


def _account(work: Work, contract_id: UUID) -> Account | None:
    """The contract's account; None where the contract carries no money.

    Raises NotYet where the contract is not known to be active.
    """
    account = work.find(Account, contract_id)
    if account is None and work.find(UnpricedContract, contract_id) is None:
        raise NotYet(f"contract {contract_id} has not been activated here yet")
    return account
