"""What time drives: contracts begin, end, and wait for signatures."""

from sqlalchemy import select

from services.contract.domain.contract import Contract
from services.contract.domain.lifecycle import ContractState
from services.contract.operations import operations
from services.contract.store import contracts
from shared.work import Work


@operations.daily
def activate_started(work: Work) -> None:
    """Signed contracts come into force on their start date."""
    started = select(Contract).where(
        contracts.c.state == ContractState.SIGNED, contracts.c.starts_on <= work.today
    )
    for contract in work.session.scalars(started).all():
        contract.activate(work.today)


@operations.daily
def expire_ended(work: Work) -> None:
    """Active contracts expire on the day after their end, unless they renew by themselves."""
    ended = select(Contract).where(
        contracts.c.state == ContractState.ACTIVE, contracts.c.ends_on < work.today
    )
    for contract in work.session.scalars(ended).all():
        if contract.expires_by(work.today):
            contract.expire(work.today)


@operations.daily
def remind_signatories(work: Work) -> None:
    """Signatories who let a contract wait are reminded, a limited number of times."""
    waiting = select(Contract).where(contracts.c.state == ContractState.OUT_FOR_SIGNATURE)
    for contract in work.session.scalars(waiting).all():
        contract.remind_signatories(work.today, work.policy)
