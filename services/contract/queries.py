"""What may be read of contracts."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select

from services.contract import schemas
from services.contract.belonging import own_contract, own_contracts
from services.contract.commands.open_work import open_work
from services.contract.domain.burn_down import BurnDown, Progress, burn_down, without_drafts
from services.contract.domain.contract import Contract
from services.contract.domain.day_budget import DayBudget, EntryState, KnownEntry
from services.contract.domain.lifecycle import UNSEEN_BY_PARTNERS, ContractState
from services.contract.operations import operations
from services.contract.store import contracts, known_entries, known_partners
from services.contract.views import ContractAsSeen, require_seen_by, sees_drafts
from shared import finding, personal_changes
from shared.events.contract import OpenWork
from shared.events.permissions import Permission
from shared.filters import equal
from shared.money import Money
from shared.work import Work

#: In which order a list shows the states: work in hand, then what becomes it, then the past.
_RANKS = {
    ContractState.ACTIVE: 0,
    **dict.fromkeys((ContractState.SIGNED, ContractState.OUT_FOR_SIGNATURE), 1),
    **dict.fromkeys((ContractState.APPROVED, ContractState.IN_REVIEW, ContractState.DRAFT), 2),
    **dict.fromkeys((ContractState.COMPLETED, ContractState.EXPIRED), 3),
    ContractState.CANCELLED: 4,
}
_REFERENCE = finding.reference_order(contracts.c.reference, "CTR")


@operations.query(
    "GET /contracts/{id}",
    needs=Permission.CONTRACT_READ,
    own=own_contract,
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
    own=own_contracts,
    takes=schemas.ContractFilter,
    gives=schemas.ContractSummary,
    sorts={
        "active_first": finding.ranked(contracts.c.state, _RANKS, _REFERENCE),
        "reference": _REFERENCE,
        # What is evergreen ends after everything else.
        "ends_on": func.coalesce(contracts.c.ends_on, date.max),
        "created": contracts.c.created_at,
        "title": contracts.c.sorted_as,
        "partner": func.coalesce(known_partners.c.sorted_as, ""),
    },
    default_sort="active_first",
    key=contracts.c.id,
    scoped_by=contracts.c.partner_id,
)
def list_contracts(work: Work, wanted: dict[str, Any]) -> Select[Any]:
    """Contracts, by state, partner, type, owner, parent, end or names; the active ones first.

    Also those that await confirmation: imported, or changed at their source.
    """
    return _wanted(select(Contract), wanted, work)


@operations.listing(
    "GET /contracts/{id}/signatory-changes",
    needs=Permission.PERSONAL_CHANGES_READ,
    **personal_changes.LISTING,
)
def list_signatory_changes(_work: Work, wanted: dict[str, Any]) -> Select[Any]:
    """What the details of a contract's signatories said before and after each change.

    Kept here and not in the events, so that it can be erased.
    """
    return personal_changes.of(Contract.kind, wanted["id"])


@operations.query(
    "GET /contracts/totals",
    needs=Permission.MONEY_READ,
    takes=schemas.ContractFilter,
    gives=schemas.ContractTotalsView,
)
def get_contract_totals(work: Work, wanted: dict[str, Any]) -> dict[str, Any]:
    """The sums of a list of contracts with the same filters, by currency.

    A contract without a known value counts in no sum; `without_value` says how many there are.
    """
    of = contracts.c
    summed = select(
        of.currency, func.count().label("contracts"), func.sum(of.value_minor).label("minor")
    ).group_by(of.currency)
    rows = work.session.execute(_wanted(summed, wanted, work).order_by(of.currency)).all()
    return {
        "totals": [
            {
                "currency": row.currency,
                "contracts": row.contracts,
                "value": Money(int(row.minor), row.currency),
            }
            for row in rows
            if row.currency is not None
        ],
        "without_value": sum(row.contracts for row in rows if row.currency is None),
    }


def _wanted(
    statement: Select[*tuple[Any, ...]], wanted: dict[str, Any], work: Work
) -> Select[*tuple[Any, ...]]:
    """The filters of a list of contracts; partners see none that is only being written here."""
    named = contracts.outerjoin(known_partners, known_partners.c.id == contracts.c.partner_id)
    statement = equal(
        statement.select_from(named),
        wanted,
        state=contracts.c.state,
        partner_id=contracts.c.partner_id,
        type=contracts.c.type,
        owner_id=contracts.c.owner_id,
        parent_id=contracts.c.parent_id,
        awaiting_confirmation=contracts.c.awaits_confirmation,
    )
    if not sees_drafts(work.actor):
        statement = statement.where(contracts.c.state.not_in(UNSEEN_BY_PARTNERS))
    if "ends_before" in wanted:
        statement = statement.where(contracts.c.ends_on < wanted["ends_before"])
    return finding.searched(
        statement, wanted.get("text"), contracts.c.found_as, known_partners.c.found_as
    )


@operations.query(
    "GET /contracts/{id}/burn-down",
    needs=Permission.BUDGET_READ,
    own=own_contract,
    on=Contract,
    gives=schemas.BurnDownView,
    scoped_by="partner_id",
)
def get_burn_down(work: Work, contract: Contract, _: dict[str, Any]) -> BurnDown:
    """The day budget: figures by role, alerts, foreseen exhaustion and the weekly series.

    Readers who see no drafts see days once they are submitted.
    """
    require_seen_by(work.actor, contract)
    budget = work.find(DayBudget, contract.id) or DayBudget.of(
        contract.id, contract.partner_id, contract.terms
    )
    shown = burn_down(
        budget,
        _entries(work, contract, EntryState.APPROVED),
        work.today,
        work.policy,
        Progress(contract.work_since, contract.accepted_percent),
    )
    if sees_drafts(work.actor):
        return shown
    return without_drafts(shown, _entries(work, contract, EntryState.LOGGED))


def _entries(work: Work, contract: Contract, state: EntryState) -> Iterable[KnownEntry]:
    return work.session.scalars(
        select(KnownEntry).where(
            known_entries.c.contract_id == contract.id, known_entries.c.state == state
        )
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
