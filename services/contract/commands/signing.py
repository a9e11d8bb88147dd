"""Sending an approved contract out, and recording by hand who signed."""

from typing import Any

from services.contract import schemas
from services.contract.commands.known_partners import known_partner, parent_of
from services.contract.domain.contract import Contract
from services.contract.operations import operations
from shared.events.permissions import Permission
from shared.work import Work


@operations.command(
    "POST /contracts/{id}/send-for-signature",
    needs=Permission.CONTRACT_SIGN,
    on=Contract,
    takes=schemas.Sending,
    gives=schemas.ContractView,
)
def send_for_signature(work: Work, contract: Contract, body: dict[str, Any]) -> Contract:
    """Send out the document that was made from the approved terms."""
    contract.send_for_signature(
        **body,
        partner=known_partner(work, contract.partner_id),
        policy=work.policy,
        on=work.today,
        signable_from=work.earliest_date,
        parent=parent_of(work, contract),
    )
    return contract


@operations.command(
    "POST /contracts/{id}/signatures",
    needs=Permission.CONTRACT_SIGN,
    on=Contract,
    needs_version=False,
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
        partner=known_partner(work, contract.partner_id),
        policy=work.policy,
        on=work.today,
        latest=work.latest_date,
    )
    return contract


@operations.command(
    "POST /contracts/{id}/decline-signature",
    needs=Permission.CONTRACT_SIGN,
    on=Contract,
    needs_version=False,
    takes=schemas.Decline,
    gives=schemas.ContractView,
)
def decline_signature(_work: Work, contract: Contract, body: dict[str, Any]) -> Contract:
    """Record that a signatory will not sign: back to draft; its owner is notified."""
    contract.decline_signature(body["signatory_id"], body["reason"])
    return contract
