"""What may be done to contracts, and by whom."""

import dataclasses
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.contract import schemas
from services.contract.domain.contract import Contract
from services.contract.domain.day_budget import DayBudget
from services.contract.domain.partners import KnownPartner, unknown_partner
from services.contract.domain.signing import Signatory
from services.contract.operations import APPROVERS, MANAGERS, PARTNERSHIPS, operations
from services.contract.store import contracts
from shared.errors import Conflict, Invalid
from shared.events.contract import ContractTerms, MilestoneTerms, Party
from shared.events.vocabulary import Side
from shared.identifiers import new_id
from shared.work import Work

#: The fields of a body that are terms; the others concern people.
_TERMS = {each.name for each in dataclasses.fields(ContractTerms)} - {"version"}


@operations.command(
    "POST /contracts", roles=PARTNERSHIPS, takes=schemas.Draft, gives=schemas.ContractView
)
def draft_contract(work: Work, body: dict[str, Any]) -> Contract:
    """Draft a contract with a known partner; who drafts it owns it unless another is named."""
    if body["id"] and work.find(Contract, body["id"]):
        raise Conflict("There is a contract with this id already.", rule="id-unused", field="id")
    partner = _partner(work, body["partner_id"])
    terms = ContractTerms(
        version=1,
        **{name: body[name] for name in _TERMS}
        | {
            "milestones": tuple(
                MilestoneTerms(milestone_id=new_id(), **each) for each in body["milestones"]
            ),
            "day_budget": tuple(body["day_budget"]),
            "parties": tuple(body["parties"]) or _usual_parties(work, partner),
        },
    )
    contract = Contract.draft(
        id=body["id"] or new_id(),
        reference=work.next_reference("CTR"),
        partner=partner,
        terms=terms,
        signatories=tuple(Signatory(id=new_id(), **each) for each in body["signatories"]),
        owner_id=body["owner_id"],
        by=work.actor.id,
        at=work.now,
        policy=work.policy,
        parent=_parent(work, terms.parent_id),
    )
    return work.add(contract)


@operations.command(
    "PATCH /contracts/{id}",
    on=Contract,
    roles=PARTNERSHIPS,
    takes=schemas.Revision,
    gives=schemas.ContractView,
)
def revise_contract(work: Work, contract: Contract, body: dict[str, Any]) -> Contract:
    """Change a contract before it goes out for signature; approvals given so far are void."""
    changes = {name: body[name] for name in _TERMS & body.keys()}
    if "milestones" in changes:
        changes["milestones"] = _kept_milestones(contract, changes["milestones"])
    for name in ("day_budget", "parties"):
        if name in changes:
            changes[name] = tuple(changes[name])
    terms = replace(contract.terms, **changes)
    children = select(Contract).where(contracts.c.parent_id == contract.id)
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
    return contract


@operations.command(
    "POST /contracts/{id}/submit", on=Contract, roles=PARTNERSHIPS, gives=schemas.ContractView
)
def submit_contract(work: Work, contract: Contract, _: dict[str, Any]) -> Contract:
    """Hand a complete draft to those who must approve it."""
    contract.submit(partner=_partner(work, contract.partner_id), on=work.today, policy=work.policy)
    return contract


@operations.command(
    "POST /contracts/{id}/approve", on=Contract, roles=APPROVERS, gives=schemas.ContractView
)
def approve_contract(work: Work, contract: Contract, _: dict[str, Any]) -> Contract:
    """Approve a contract that somebody else wrote; the last needed approval settles it."""
    contract.approve(
        by=work.actor.id,
        roles=work.actor.roles,
        partner=_partner(work, contract.partner_id),
        policy=work.policy,
        at=work.now,
    )
    return contract


@operations.command(
    "POST /contracts/{id}/return",
    on=Contract,
    roles=APPROVERS | PARTNERSHIPS,
    takes=schemas.Reason,
    gives=schemas.ContractView,
)
def return_contract(_work: Work, contract: Contract, body: dict[str, Any]) -> Contract:
    """Return a contract to draft, with the reason; approvals and signatures so far are void."""
    contract.return_to_draft(body["reason"])
    return contract


@operations.command(
    "POST /contracts/{id}/send-for-signature",
    on=Contract,
    roles=PARTNERSHIPS,
    takes=schemas.Sending,
    gives=schemas.ContractView,
)
def send_for_signature(work: Work, contract: Contract, body: dict[str, Any]) -> Contract:
    """Send out the document that was made from the approved terms."""
    partner = _partner(work, contract.partner_id)
    contract.send_for_signature(**body, partner=partner, on=work.today)
    return contract


@operations.command(
    "POST /contracts/{id}/signatures",
    on=Contract,
    needs_version=False,
    roles=PARTNERSHIPS,
    takes=schemas.SignatureBody,
    gives=schemas.ContractView,
)
def record_signature(work: Work, contract: Contract, body: dict[str, Any]) -> Contract:
    """Record by hand that a signatory signed; the last one makes the contract signed."""
    contract.record_signature(
        body["signatory_id"],
        document_sha256=body["document_sha256"],
        signed_on=body["signed_on"] or work.today,
        by=work.actor.id,
        on=work.today,
    )
    return contract


@operations.command(
    "POST /contracts/{id}/decline-signature",
    on=Contract,
    needs_version=False,
    roles=PARTNERSHIPS,
    takes=schemas.Decline,
    gives=schemas.ContractView,
)
def decline_signature(_work: Work, contract: Contract, body: dict[str, Any]) -> Contract:
    """Record that a signatory will not sign: back to draft, and the owner is told."""
    contract.decline_signature(body["signatory_id"], body["reason"])
    return contract


@operations.command(
    "POST /contracts/{id}/activate", on=Contract, roles=PARTNERSHIPS, gives=schemas.ContractView
)
def activate_contract(work: Work, contract: Contract, _: dict[str, Any]) -> Contract:
    """Put a signed contract into force once its start date has come."""
    contract.activate(work.today)
    return contract


@operations.command(
    "POST /contracts/{id}/complete", on=Contract, roles=PARTNERSHIPS, gives=schemas.ContractView
)
def complete_contract(work: Work, contract: Contract, _: dict[str, Any]) -> Contract:
    """Complete an active contract all of whose milestones have been decided."""
    contract.complete(work.today)
    return contract


@operations.command(
    "POST /contracts/{id}/cancel",
    on=Contract,
    roles=PARTNERSHIPS,
    takes=schemas.Reason,
    gives=schemas.ContractView,
)
def cancel_contract(_work: Work, contract: Contract, body: dict[str, Any]) -> Contract:
    """Give up a contract that was not signed by all, with the reason."""
    contract.cancel(body["reason"])
    return contract


@operations.command(
    "POST /contracts/{id}/milestones/{milestone_id}/meet",
    on=Contract,
    needs_version=False,
    roles=PARTNERSHIPS,
    takes=schemas.MilestoneMetBody,
    gives=schemas.ContractView,
)
def meet_milestone(work: Work, contract: Contract, body: dict[str, Any]) -> Contract:
    """Record that a milestone is met, with what shows it."""
    contract.meet_milestone(
        body["milestone_id"],
        evidence=body["evidence"],
        met_on=body["met_on"] or work.today,
        by=work.actor.id,
        on=work.today,
    )
    return contract


@operations.command(
    "POST /contracts/{id}/milestones/{milestone_id}/partially-meet",
    on=Contract,
    needs_version=False,
    roles=PARTNERSHIPS,
    takes=schemas.MilestoneReason,
    gives=schemas.ContractView,
)
def partially_meet_milestone(work: Work, contract: Contract, body: dict[str, Any]) -> Contract:
    """Record that a milestone is met in part only, and why."""
    contract.partially_meet_milestone(**body, by=work.actor.id, on=work.today)
    return contract


@operations.command(
    "POST /contracts/{id}/milestones/{milestone_id}/miss",
    on=Contract,
    needs_version=False,
    roles=PARTNERSHIPS,
    takes=schemas.MilestoneReason,
    gives=schemas.ContractView,
)
def miss_milestone(work: Work, contract: Contract, body: dict[str, Any]) -> Contract:
    """Record that a milestone is not met, and why."""
    contract.miss_milestone(**body, by=work.actor.id, on=work.today)
    return contract


@operations.command(
    "POST /contracts/import",
    roles=MANAGERS,
    takes=schemas.Release,
    gives=schemas.ImportedContract,
)
def import_contract(work: Work, body: dict[str, Any]) -> dict[str, Any]:
    """Take a signed contract from another system; a later release of the same origin amends it.

    The outcome is created, changed or unchanged. The same release again changes nothing.
    """
    partner = _partner(work, body["partner_id"])
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


def _enter(work: Work, partner: KnownPartner, body: dict[str, Any]) -> Contract:
    contract = Contract.imported(
        id=new_id(),
        reference=work.next_reference("CTR"),
        partner_id=partner.id,
        terms=ContractTerms(version=1, parties=_usual_parties(work, partner), **_published(body)),
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


def _partner(work: Work, partner_id: UUID) -> KnownPartner:
    partner = work.find(KnownPartner, partner_id)
    if partner is None:
        raise unknown_partner(partner_id)
    return partner


def _parent(work: Work, parent_id: UUID | None, of: Contract | None = None) -> Contract | None:
    if parent_id is None:
        return None
    parent = work.find(Contract, parent_id)
    if parent is None:
        raise Invalid(
            f"There is no contract {parent_id} under which this one could hang.",
            rule="parent-exists",
            field="parent_id",
            accepted="the id of a contract",
        )
    above: Contract | None = parent
    while above is not None:
        if above is of:
            raise Invalid(
                "A contract cannot hang under itself, nor under one that hangs under it.",
                rule="parent-tree",
                field="parent_id",
                accepted="a contract that does not hang under this one",
            )
        above = work.find(Contract, above.parent_id) if above.parent_id else None
    return parent


def _usual_parties(work: Work, partner: KnownPartner) -> tuple[Party, ...]:
    return Party(work.policy.our_party, Side.OURS), Party(partner.name, Side.THEIRS)


def _kept_milestones(
    contract: Contract, wanted: list[dict[str, Any]]
) -> tuple[MilestoneTerms, ...]:
    known = {each.milestone_id for each in contract.terms.milestones}
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
    return tuple(Signatory(**each | {"id": each["id"] or new_id()}) for each in wanted)


def _check_kept(field: str, key: str, wanted: list[dict[str, Any]], known: set[UUID]) -> None:
    left = set(known)
    for place, each in enumerate(wanted):
        if each[key] is None:
            continue
        if each[key] not in left:
            raise Invalid(
                "The contract has no such entry, or it stands twice; leave the id out for a new "
                "one.",
                rule="known-id",
                field=f"{field}.{place}.{key}",
                accepted=", ".join(sorted(str(one) for one in left)) or "no id",
            )
        left.remove(each[key])
