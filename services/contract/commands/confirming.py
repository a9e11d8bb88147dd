"""What becomes of imported contracts: corrected, confirmed by somebody else, or rejected."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from services.contract import schemas
from services.contract.commands.drafting import TERMS, kept_milestones
from services.contract.commands.known_partners import known_partner, parent_of
from services.contract.commands.open_work import is_used
from services.contract.domain.contract import Contract
from services.contract.domain.day_budget import DayBudget
from services.contract.domain.lifecycle import ContractState
from services.contract.operations import operations
from shared.dates import check_happened
from shared.errors import Refusal, Stale
from shared.events.permissions import Permission
from shared.events.vocabulary import RenewalType
from shared.work import Work


@dataclass(frozen=True)
class Confirmed:
    """What became of one contract of several."""

    id: UUID
    outcome: str
    state: ContractState | None = None
    field: str = ""
    reason: str = ""


@operations.command(
    "POST /contracts/{id}/confirm-import",
    needs=Permission.CONTRACT_CONFIRM,
    on=Contract,
    takes=schemas.Confirmation,
    gives=schemas.ContractView,
)
def confirm_import(work: Work, contract: Contract, body: dict[str, Any]) -> Contract:
    """Vouch for an imported contract, or for a change of one, that somebody else brought.

    It counts as signed, and comes into force once its start date has come. Refused to whoever
    imported or corrected it, and while its partner is not an approved one.
    """
    _confirm(work, contract, body["owner_id"])
    return contract


@operations.command(
    "POST /contracts/imports/confirm",
    needs=Permission.CONTRACT_CONFIRM,
    takes=schemas.Confirmations,
    gives=schemas.ConfirmedContracts,
)
def confirm_imports(work: Work, body: dict[str, Any]) -> dict[str, Any]:
    """Confirm several imported contracts, each with its own outcome; name parents first."""
    return {"rows": [_confirm_or_refuse(work, **each) for each in body["rows"]]}


@operations.command(
    "POST /contracts/{id}/correct-import",
    needs=Permission.CONTRACT_DRAFT,
    on=Contract,
    takes=schemas.ImportCorrection,
    gives=schemas.ContractView,
)
def correct_import(work: Work, contract: Contract, body: dict[str, Any]) -> Contract:
    """Put right, or fill in, what an import brought; no later import takes that back.

    Of a confirmed contract the change waits for a confirmation of its own, by somebody else.
    """
    now = contract.proposed_terms or contract.terms
    changes = {name: body[name] for name in TERMS & body.keys()}
    if "milestones" in changes:
        changes["milestones"] = kept_milestones(now, changes["milestones"])
    for name in ("day_budget", "parties"):
        if name in changes:
            changes[name] = tuple(changes[name])
    stated = {name for name, value in changes.items() if value not in (None, RenewalType.UNKNOWN)}
    signed_on = body.get("signed_on", contract.latest_signed_on)
    if signed_on is not None:
        check_happened(
            signed_on,
            since=work.policy.first_day,
            latest=work.latest_date,
            what="The signature",
            follows="any contract of this office",
            field="signed_on",
        )
    contract.correct_import(
        terms=replace(
            now,
            **changes,
            not_stated=tuple(each for each in now.not_stated if each not in stated),
        ),
        signed_on=signed_on,
        owner_id=body.get("owner_id"),
        by=work.actor.id,
        reason=body["reason"],
        policy=work.policy,
        parent=parent_of(work, contract),
    )
    return contract


@operations.command(
    "POST /contracts/{id}/reject-import",
    needs=Permission.CONTRACT_CONFIRM,
    on=Contract,
    takes=schemas.Reason,
    gives=schemas.ContractView,
)
def reject_import(work: Work, contract: Contract, body: dict[str, Any]) -> Contract:
    """Drop what awaits confirmation, with the reason; or a contract under which nothing was done.

    The same source does not bring it again.
    """
    contract.reject_import(reason=body["reason"], done_under_it=is_used(work, contract))
    return contract


@operations.command(
    "POST /contracts/{id}/reopen-import",
    needs=Permission.CONTRACT_CONFIRM,
    on=Contract,
    takes=schemas.Reason,
    gives=schemas.ContractView,
)
def reopen_import(work: Work, contract: Contract, body: dict[str, Any]) -> Contract:
    """Take back the rejection of an imported contract: it awaits confirmation again."""
    contract.reopen_import(by=work.actor.id, reason=body["reason"])
    return contract


def _confirm(work: Work, contract: Contract, owner_id: str | None) -> None:
    contract.confirm_import(
        by=work.actor.id,
        owner_id=owner_id,
        partner=known_partner(work, contract.partner_id),
        parent=parent_of(work, contract),
        on=work.today,
        at=work.now,
    )
    budget = work.find(DayBudget, contract.id)
    if budget is not None:
        budget.take_terms(contract.terms, work.today, work.policy)


def _confirm_or_refuse(
    work: Work, id: UUID, version: int | None, owner_id: str | None
) -> Confirmed:
    """A refusal is raised before anything changes, so that it stops no other."""
    try:
        contract = work.get(Contract, id)
        if version is not None and version != contract.version:
            raise Stale(
                f"{contract.reference} has changed since you read it. Read it again.",
                rule="version",
                field="version",
                accepted=str(contract.version),
            )
        _confirm(work, contract, owner_id)
    except Refusal as refused:
        return Confirmed(id, "refused", field=refused.field, reason=refused.message)
    return Confirmed(id, "confirmed", contract.state)
