"""Taking contracts over from other systems."""

from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import select

from services.contract import schemas
from services.contract.commands.known_partners import known_partner, usual_parties
from services.contract.domain.contract import Contract
from services.contract.domain.day_budget import DayBudget
from services.contract.domain.partners import KnownPartner
from services.contract.operations import operations
from services.contract.store import contracts
from shared.dates import check_happened
from shared.errors import Conflict
from shared.events.contract import ContractTerms
from shared.events.permissions import Permission
from shared.identifiers import new_id
from shared.work import Work


@operations.command(
    "POST /contracts/import",
    needs=Permission.CONTRACT_IMPORT,
    takes=schemas.Release,
    gives=schemas.ImportedContract,
)
def import_contract(work: Work, body: dict[str, Any]) -> dict[str, Any]:
    """Take a signed contract from another system; a later release of the same origin amends it.

    The outcome is created, changed or unchanged. The same release again changes nothing.
    """
    partner = known_partner(work, body["partner_id"])
    _check_signed(work, body["signed_on"])
    known = work.session.scalar(select(Contract).where(contracts.c.origin == body["origin"]))
    if known is None:
        return {"outcome": "created", "contract": _enter(work, partner, body)}
    if known.partner_id != partner.id:
        raise Conflict(
            f"{known.reference} came from the same origin with another partner.",
            rule="origin-of-one-partner",
            field="partner_id",
            accepted=str(known.partner_id),
        )
    changed = known.take_release(
        terms=replace(known.terms, **_published(body)),
        on=work.today,
        policy=work.policy,
        **{name: body[name] for name in ("state", "signed_on", "released_at")},
    )
    budget = work.find(DayBudget, known.id)
    if budget is not None:
        budget.take_terms(known.terms, work.today, work.policy)
    return {"outcome": "changed" if changed else "unchanged", "contract": known}


def _check_signed(work: Work, signed_on: date | None) -> None:
    """Raises Invalid for a signature that nobody can have given."""
    if signed_on is not None:
        check_happened(
            signed_on,
            since=date(work.policy.first_year, 1, 1),
            latest=work.latest_date,
            what="The signature",
            follows="any contract of this office",
            field="signed_on",
        )


def _enter(work: Work, partner: KnownPartner, body: dict[str, Any]) -> Contract:
    contract = Contract.imported(
        id=new_id(),
        reference=work.next_reference("CTR"),
        partner_id=partner.id,
        terms=ContractTerms(version=1, parties=usual_parties(work, partner), **_published(body)),
        owner_id=work.actor.id,
        policy=work.policy,
        **{name: body[name] for name in ("state", "origin", "signed_on", "released_at")},
    )
    work.add(contract)
    work.session.flush()
    return contract


def _published(body: dict[str, Any]) -> dict[str, Any]:
    """The terms that a release tells of."""
    return {name: body[name] for name in ("type", "title", "starts_on", "ends_on", "value")}
