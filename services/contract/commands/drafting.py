"""Drafting a contract and changing it before it goes out."""

import dataclasses
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm.attributes import set_committed_value

from services.contract import schemas
from services.contract.commands.known_partners import known_partner, usual_parties
from services.contract.domain.contract import Contract
from services.contract.domain.signing import Signatory
from services.contract.operations import operations
from services.contract.store import contracts
from shared import personal_changes
from shared.errors import Invalid
from shared.events.contract import ContractTerms, MilestoneTerms
from shared.events.permissions import Permission
from shared.identifiers import new_id
from shared.people import name_of_person
from shared.work import Work

#: The fields of a body that are terms; the others concern people.
TERMS = {each.name for each in dataclasses.fields(ContractTerms)} - {"version", "not_stated"}


@operations.command(
    "POST /contracts",
    needs=Permission.CONTRACT_DRAFT,
    takes=schemas.Draft,
    gives=schemas.ContractView,
    creates="/contracts/{id}",
)
def draft_contract(work: Work, body: dict[str, Any]) -> Contract:
    """Draft a contract with a known partner; who drafts it owns it unless another is named."""
    partner = known_partner(work, body["partner_id"])
    terms = ContractTerms(
        version=1,
        **{name: body[name] for name in TERMS}
        | {
            "milestones": tuple(
                MilestoneTerms(milestone_id=new_id(), **each) for each in body["milestones"]
            ),
            "day_budget": tuple(body["day_budget"]),
            "parties": tuple(body["parties"]) or usual_parties(work, partner),
        },
    )
    contract = Contract.draft(
        id=work.chosen_id(Contract, body["id"]),
        reference=work.next_reference("CTR"),
        partner=partner,
        terms=terms,
        signatories=_signatories(body["signatories"]),
        owner_id=body["owner_id"],
        by=work.actor.id,
        at=work.now,
        policy=work.policy,
        parent=_parent(work, terms.parent_id),
    )
    # The answer shows both; a new contract has no invoices, and neither needs to be asked for.
    set_committed_value(contract, "partner", partner)
    set_committed_value(contract, "invoices", [])
    return work.add(contract)


@operations.command(
    "PATCH /contracts/{id}",
    needs=Permission.CONTRACT_DRAFT,
    on=Contract,
    takes=schemas.Revision,
    gives=schemas.ContractView,
)
def revise_contract(work: Work, contract: Contract, body: dict[str, Any]) -> Contract:
    """Change a contract before it goes out for signature; approvals given so far are void."""
    changes = {name: body[name] for name in TERMS & body.keys()}
    if "milestones" in changes:
        changes["milestones"] = kept_milestones(contract.terms, changes["milestones"])
    for name in ("day_budget", "parties"):
        if name in changes:
            changes[name] = tuple(changes[name])
    terms = replace(contract.terms, **changes)
    children = select(Contract).where(contracts.c.parent_id == contract.id)
    before = contract.personal
    contract.revise(
        by=work.actor.id,
        reason=body["reason"],
        policy=work.policy,
        terms=terms,
        signatories=_kept_signatories(contract, body.get("signatories")),
        owner_id=body.get("owner_id"),
        parent=_parent(work, terms.parent_id, of=contract),
        children=work.session.scalars(children).all(),
    )
    personal_changes.keep(work, contract.subject, before, contract.personal)
    return contract


def _parent(work: Work, parent_id: UUID | None, of: Contract | None = None) -> Contract | None:
    if parent_id is None:
        return None
    parent = work.find(Contract, parent_id)
    if parent is None:
        raise Invalid(
            f"There is no contract {parent_id} that could be its parent.",
            rule="parent-exists",
            field="parent_id",
            accepted="the id of a contract",
        )
    above: Contract | None = parent
    while above is not None:
        if above is of:
            raise Invalid(
                "A contract cannot be its own parent, directly or through others.",
                rule="parent-tree",
                field="parent_id",
                accepted="a contract that is not under this one",
            )
        above = work.find(Contract, above.parent_id) if above.parent_id else None
    return parent


def kept_milestones(
    terms: ContractTerms, wanted: list[dict[str, Any]]
) -> tuple[MilestoneTerms, ...]:
    """Milestones as they shall be. Raises Invalid for the id of one that is not among the terms."""
    known = {each.milestone_id for each in terms.milestones}
    _check_kept("milestones", "milestone_id", wanted, known)
    return tuple(
        MilestoneTerms(**each | {"milestone_id": each["milestone_id"] or new_id()})
        for each in wanted
    )


def _kept_signatories(
    contract: Contract, wanted: list[dict[str, Any]] | None
) -> tuple[Signatory, ...] | None:
    if wanted is None:
        return None
    _check_kept("signatories", "id", wanted, {each.id for each in contract.signatories})
    return _signatories(wanted)


def _signatories(wanted: list[dict[str, Any]]) -> tuple[Signatory, ...]:
    """Raises Invalid for a name that is none."""
    return tuple(
        Signatory(
            **each
            | {
                "id": each.get("id") or new_id(),
                "name": name_of_person(each["name"], f"signatories.{position}.name"),
            }
        )
        for position, each in enumerate(wanted)
    )


def _check_kept(field: str, key: str, wanted: list[dict[str, Any]], known: set[UUID]) -> None:
    left = set(known)
    for place, each in enumerate(wanted):
        if each[key] is None:
            continue
        if each[key] not in left:
            raise Invalid(
                "The contract has no such entry, or it appears twice; leave the id out for a new "
                "one.",
                rule="known-id",
                field=f"{field}.{place}.{key}",
                accepted=", ".join(sorted(str(one) for one in left)) or "no id",
            )
        left.remove(each[key])
