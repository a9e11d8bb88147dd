"""What time drives: contracts begin, end, and wait for signatures."""

from datetime import timedelta

from sqlalchemy import select

from services.contract.commands.known_partners import known_partner, parent_of
from services.contract.commands.open_work import open_work
from services.contract.domain.contract import Contract
from services.contract.domain.day_budget import DayBudget
from services.contract.domain.lifecycle import ContractState
from services.contract.domain.partners import KnownPartner
from services.contract.operations import operations
from services.contract.store import contracts, day_budgets
from shared.events.vocabulary import RenewalType
from shared.work import Work


@operations.daily
def activate_started(work: Work) -> None:
    """Signed contracts come into force on their start date, parents before those under them.

    One whose partner or parent stands in the way waits; its owner was notified then.
    """
    started = select(Contract).where(
        contracts.c.state == ContractState.SIGNED, contracts.c.starts_on <= work.today
    )
    waiting = list(work.session.scalars(started))
    while startable := [each for each in waiting if _may_start(work, each)]:
        for contract in startable:
            contract.activate(
                work.today,
                partner=known_partner(work, contract.partner_id),
                parent=parent_of(work, contract),
            )
            waiting.remove(contract)


@operations.daily
def announce_ends(work: Work) -> None:
    """Some days ahead of a contract's end its owner hears what is still open."""
    soon = work.today + timedelta(days=work.policy.end_notice_days)
    ending = select(Contract).where(
        contracts.c.state == ContractState.ACTIVE,
        contracts.c.ends_on.between(work.today, soon),
    )
    for contract in work.session.scalars(ending).all():
        if contract.terms.renewal is not RenewalType.AUTO:
            contract.announce_end(open_work(work, contract))


@operations.daily
def expire_ended(work: Work) -> None:
    """Active contracts expire on the day after their end, unless they renew by themselves."""
    ended = select(Contract).where(
        contracts.c.state == ContractState.ACTIVE, contracts.c.ends_on < work.today
    )
    for contract in work.session.scalars(ended).all():
        if contract.expires_by(work.today):
            contract.expire(work.today, open_work=open_work(work, contract))


@operations.daily
def watch_pace(work: Work) -> None:
    """Owners are told where days are used faster than work is accepted."""
    running = (
        select(Contract, DayBudget)
        .join_from(contracts, day_budgets, contracts.c.id == day_budgets.c.id)
        .where(contracts.c.state == ContractState.ACTIVE)
    )
    for contract, budget in work.session.execute(running).all():
        budget.watch_pace(contract.accepted_percent, contract.owner_id, work.policy)


@operations.daily
def remind_signatories(work: Work) -> None:
    """Signatories who let a contract wait are reminded, a limited number of times."""
    waiting = select(Contract).where(contracts.c.state == ContractState.OUT_FOR_SIGNATURE)
    for contract in work.session.scalars(waiting).all():
        contract.remind_signatories(work.today, work.policy)


def _may_start(work: Work, contract: Contract) -> bool:
    partner, parent = work.find(KnownPartner, contract.partner_id), parent_of(work, contract)
    return partner is not None and (
        contract.hindrance_to_start(work.today, partner=partner, parent=parent) is None
    )
