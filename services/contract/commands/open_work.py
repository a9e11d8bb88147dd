"""What is open under a contract by now, from what the other services told."""

from collections import defaultdict
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Table, func, select

from services.contract.domain.contract import Contract
from services.contract.domain.day_budget import NO_DAYS, EntryState, KnownEntry
from services.contract.domain.invoices import InvoiceState
from services.contract.domain.lifecycle import ContractState
from services.contract.domain.open_work import KnownPackLine
from services.contract.domain.terms import payments
from services.contract.store import (
    contracts,
    known_deliverables,
    known_entries,
    known_invoices,
    known_pack_lines,
    known_plans,
    known_programmes,
)
from shared.events.contract import OpenWork
from shared.work import Work

_UNSETTLED = (
    InvoiceState.DRAFT,
    InvoiceState.OPEN,
    InvoiceState.PART_PAID,
    InvoiceState.OVERDUE,
)
_BEGUN = (ContractState.SIGNED, ContractState.ACTIVE)
_UNDECIDED = (EntryState.LOGGED, EntryState.SUBMITTED, EntryState.REJECTED)


def open_work(work: Work, contract: Contract) -> OpenWork:
    """Days that count are those of entries, chargeable or not, that nobody has decided on."""
    days = _undecided_days(work, contract)
    return OpenWork(
        engagements=_open_ones(work, known_plans, contract),
        draft_days=days[EntryState.LOGGED],
        submitted_days=days[EntryState.SUBMITTED],
        rejected_days=days[EntryState.REJECTED],
        unbilled_days=_unbilled_days(work, contract),
        deliverables=_open_ones(work, known_deliverables, contract),
        programmes=_open_ones(work, known_programmes, contract),
        invoices=_number(
            work,
            known_invoices.c.contract_id == contract.id,
            known_invoices.c.state.in_(_UNSETTLED),
        ),
        contracts=_number(
            work, contracts.c.parent_id == contract.id, contracts.c.state.in_(_BEGUN)
        ),
        milestones=len(contract.undecided),
    )


def is_used(work: Work, contract: Contract) -> bool:
    """Whether anything was ever planned, done or invoiced under a contract."""
    known = (known_plans, known_entries, known_deliverables, known_programmes, known_invoices)
    under_it = _number(
        work, contracts.c.parent_id == contract.id, contracts.c.state != ContractState.CANCELLED
    )
    return bool(contract.outcomes or under_it) or any(
        _number(work, each.c.contract_id == contract.id) for each in known
    )


def _undecided_days(work: Work, contract: Contract) -> dict[EntryState, Decimal]:
    undecided = select(KnownEntry).where(
        known_entries.c.contract_id == contract.id, known_entries.c.state.in_(_UNDECIDED)
    )
    days = dict.fromkeys(_UNDECIDED, NO_DAYS)
    for entry in work.session.scalars(undecided):
        days[entry.state] += entry.days
    return days


def _unbilled_days(work: Work, contract: Contract) -> Decimal:
    """Approved, chargeable days that finance has not invoiced; none where milestones are billed."""
    if payments(contract.terms):
        return NO_DAYS
    approved = select(KnownEntry).where(
        known_entries.c.contract_id == contract.id,
        known_entries.c.state == EntryState.APPROVED,
        known_entries.c.chargeable,
    )
    billed = _billed_days(work, contract)
    return sum(
        (each.days for each in work.session.scalars(approved) if not billed[each.id]), NO_DAYS
    )


def _billed_days(work: Work, contract: Contract) -> dict[UUID, Decimal]:
    """By entry, on the packs whose invoices stand; what was credited is taken off."""
    standing = (
        select(KnownPackLine)
        .outerjoin(known_invoices, known_invoices.c.pack_id == known_pack_lines.c.pack_id)
        .where(
            known_pack_lines.c.contract_id == contract.id,
            known_invoices.c.state.is_distinct_from(InvoiceState.VOID),
        )
    )
    billed: dict[UUID, Decimal] = defaultdict(Decimal)
    for line in work.session.scalars(standing):
        billed[line.entry_id] += line.days
    return billed


def _open_ones(work: Work, known: Table, contract: Contract) -> int:
    return _number(work, known.c.contract_id == contract.id, known.c.is_open)


def _number(work: Work, *conditions: object) -> int:
    counted = select(func.count()).where(*conditions)  # type: ignore[arg-type]
    return work.session.scalar(counted) or 0
