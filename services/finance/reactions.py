"""What finance does on others' events."""

from datetime import date
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
    MilestoneNotMet,
    MilestonePartiallyMet,
    MilestoneReopened,
)
from shared.messaging.reactions import NotYet, Reactions
from shared.money import Money
from shared.work import Work

reactions = Reactions("finance")


@reactions.on(ContractActivated)
def open_account(work: Work, event: ContractActivated) -> None:
    """Work begins: from here on the contract may be invoiced."""
    account = work.find(Account, event.contract_id)
    if account is not None:
        _take_terms(work, account, event.terms)
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
        _take_terms(work, account, event.terms)
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
def bill_met_milestone(work: Work, event: MilestoneMet) -> None:
    """A payment is due: its pack and a draft invoice are prepared."""
    if event.amount is not None:  # else a delivery or a reporting milestone
        _follow_decision(work, event, event.amount, event.met_on, event.evidence)


@reactions.on(MilestonePartiallyMet)
def bill_partially_met_milestone(work: Work, event: MilestonePartiallyMet) -> None:
    """What is met is billed; more of it later by the difference, less is credited."""
    if event.met_amount is not None:
        _follow_decision(work, event, event.met_amount, event.met_on, event.reason)


@reactions.on(MilestoneNotMet)
def credit_missed_milestone(work: Work, event: MilestoneNotMet) -> None:
    """Nothing of it is met: what was billed by an earlier decision is credited."""
    if event.amount is not None:
        nothing = Money.zero(event.amount.currency)
        _follow_decision(work, event, nothing, event.decided_on, event.reason)


@reactions.on(MilestoneReopened)
def await_new_decision(work: Work, event: MilestoneReopened) -> None:
    """The decision was withdrawn: what was drafted on it is voided."""
    if event.amount is not None:
        _follow_decision(work, event, None, None, event.reason)


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


def _take_terms(work: Work, account: Account, terms: ContractTerms) -> None:
    """What was met in full is met in full of a changed amount: the difference is billed."""
    before = {each.milestone_id: each.met_amount for each in account.expected}
    account.take_terms(terms)
    for each in account.expected:
        if each.met_amount != before.get(each.milestone_id):
            ledger.bill_if_there_is_room(work, account, each.milestone_id)


def _follow_decision(
    work: Work,
    event: MilestoneMet | MilestonePartiallyMet | MilestoneNotMet | MilestoneReopened,
    met_amount: Money | None,
    on: date | None,
    reason: str,
) -> None:
    """Bill or credit the difference to what was met before. The same decision again is none.

    Drafts that the decision contradicts are voided; only what was sent is credited.
    """
    account = _account(work, event.contract_id)
    if account is None:
        return
    before = account.payment(event.milestone_id)
    if (before.met_amount, before.met_on) == (met_amount, on):
        return
    account.note_decided(event.milestone_id, met_amount, on)
    ledger.void_drafts(work, account, account.payment(event.milestone_id), reason)
    ledger.bill_if_there_is_room(work, account, event.milestone_id)


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
        raise NotYet(f"Contract {contract_id} has not been activated here yet.")
    return account
