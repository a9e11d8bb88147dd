"""What may be done to partners, and by whom."""

import dataclasses
from typing import Any

from sqlalchemy import select

from services.partner import importing, schemas
from services.partner.domain import institution as institutions
from services.partner.domain.due_diligence import CheckResult
from services.partner.domain.institution import Institution
from services.partner.domain.needs import assess
from services.partner.domain.partner import Contact, Partner
from services.partner.operations import operations
from services.partner.proposing import check_register_ids, similar_partners
from services.partner.sources import keep_identifiers, key_of
from services.partner.store import partners
from services.partner.views import WithSimilar
from shared import personal_changes
from shared.countries import COUNTRIES
from shared.errors import Invalid
from shared.events.permissions import Permission
from shared.identifiers import new_id
from shared.people import name_of_person
from shared.work import Work


@operations.command(
    "POST /partners",
    needs=Permission.PARTNER_PROPOSE,
    takes=schemas.Proposal,
    gives=schemas.ProposedPartner,
    creates="/partners/{id}",
)
def propose_partner(work: Work, body: dict[str, Any]) -> WithSimilar:
    """Propose a partner; who proposes it is its sponsor.

    One with a register id, or with the name and country, of another partner is refused; the
    latter not where distinct_from says that they are different institutions. Partners with
    similar names come with the answer.
    """
    identifier = work.chosen_id(Partner, body.pop("id"))
    distinct_from = body.pop("distinct_from")
    institution = _institution(work, body)
    similar = similar_partners(work, institution, distinct_from)
    partner = Partner.propose(
        work.next_reference("PTR"),
        institution,
        sponsor_id=work.actor.id,
        on=work.today,
        id=identifier,
    )
    work.add(partner)
    keep_identifiers(work, partner)
    return WithSimilar(partner, similar)


@operations.command(
    "PATCH /partners/{id}",
    needs=Permission.PARTNER_CHANGE,
    on=Partner,
    takes=schemas.DetailsChange,
    gives=schemas.PartnerView,
)
def change_partner_details(work: Work, partner: Partner, body: dict[str, Any]) -> Partner:
    """Change what is known of an institution.

    A new name or country that another partner has is refused, as for a proposal.
    """
    distinct_from = body.pop("distinct_from", ())
    institution = _institution(work, dataclasses.asdict(partner.institution) | body, of=partner)
    if key_of(institution) != key_of(partner.institution):
        similar_partners(work, institution, distinct_from, of=partner)
    if partner.change_details(institution):
        keep_identifiers(work, partner)
    return partner


@operations.command(
    "POST /partners/{id}/contacts",
    needs=Permission.PARTNER_CHANGE,
    on=Partner,
    needs_version=False,
    takes=schemas.NewContact,
    gives=schemas.PartnerView,
)
def add_contact(_work: Work, partner: Partner, body: dict[str, Any]) -> Partner:
    """Add a person to talk to at the partner."""
    named = {"name": name_of_person(body["name"]), "roles": tuple(body["roles"])}
    partner.add_contact(Contact(id=new_id(), **body | named))
    return partner


@operations.command(
    "PATCH /partners/{id}/contacts/{contact_id}",
    needs=Permission.PARTNER_CHANGE,
    on=Partner,
    needs_version=False,
    takes=schemas.ContactChange,
    gives=schemas.PartnerView,
)
def change_contact(work: Work, partner: Partner, body: dict[str, Any]) -> Partner:
    """Correct a contact; only what is sent is changed."""
    contact_id = body.pop("contact_id")
    if "roles" in body:
        body["roles"] = tuple(body["roles"])
    if "name" in body:
        body["name"] = name_of_person(body["name"])
    before = partner.personal
    partner.change_contact(contact_id, body)
    personal_changes.keep(work, partner.subject, before, partner.personal)
    return partner


@operations.command(
    "DELETE /partners/{id}/contacts/{contact_id}",
    needs=Permission.PARTNER_CHANGE,
    on=Partner,
    needs_version=False,
    takes=schemas.ContactChoice,
    gives=schemas.PartnerView,
)
def remove_contact(work: Work, partner: Partner, body: dict[str, Any]) -> Partner:
    """Remove a contact."""
    before = partner.personal
    partner.remove_contact(body["contact_id"])
    personal_changes.keep(work, partner.subject, before, partner.personal)
    return partner


@operations.command(
    "POST /partners/{id}/start-review",
    needs=Permission.DUE_DILIGENCE_RECORD,
    on=Partner,
    gives=schemas.PartnerView,
)
def start_review(_work: Work, partner: Partner, _: dict[str, Any]) -> Partner:
    """Start the review of a proposal."""
    partner.start_review()
    return partner


@operations.command(
    "POST /partners/{id}/checks",
    needs=Permission.DUE_DILIGENCE_RECORD,
    on=Partner,
    needs_version=False,
    takes=schemas.CheckBody,
    gives=schemas.PartnerView,
)
def record_check(work: Work, partner: Partner, body: dict[str, Any]) -> Partner:
    """Record a review of a due-diligence check, with its evidence; the newest by date counts."""
    reviewed_on = body.pop("reviewed_on") or work.today
    partner.record_check(
        CheckResult.of(**body, reviewed_on=reviewed_on, reviewer_id=work.actor.id),
        roles=work.actor.roles,
        valid_months=work.policy.due_diligence_months,
        latest=work.latest_date,
    )
    return partner


@operations.command(
    "POST /partners/{id}/checks/{review_id}/withdraw",
    needs=Permission.DUE_DILIGENCE_RECORD,
    on=Partner,
    takes=schemas.ReviewWithdrawal,
    gives=schemas.PartnerView,
)
def withdraw_check(work: Work, partner: Partner, body: dict[str, Any]) -> Partner:
    """Withdraw a review that was recorded wrongly: it stays in the history and does not count."""
    partner.withdraw_check(
        **body,
        by=work.actor.id,
        roles=work.actor.roles,
        valid_months=work.policy.due_diligence_months,
        on=work.today,
    )
    return partner


@operations.command(
    "POST /partners/{id}/risk",
    needs=Permission.RISK_RATE,
    on=Partner,
    takes=schemas.RiskRating,
    gives=schemas.PartnerView,
)
def rate_risk(work: Work, partner: Partner, body: dict[str, Any]) -> Partner:
    """Rate the risk of working with a partner; into and out of high by the board.

    Neither its sponsor nor a former sponsor rates it.
    """
    partner.rate_risk(body["band"], body["reason"], by=work.actor.id, roles=work.actor.roles)
    return partner


@operations.command(
    "POST /partners/{id}/needs",
    needs=Permission.NEEDS_ASSESS,
    on=Partner,
    takes=schemas.NeedsBody,
    gives=schemas.PartnerView,
)
def assess_needs(work: Work, partner: Partner, body: dict[str, Any]) -> Partner:
    """Assess a partner's needs in the five areas; wide gaps propose service lines and days."""
    partner.take_needs(
        assess(
            body["gaps"],
            body["aims"],
            work.today,
            from_gap=work.policy.needs_gap,
            days_per_level=work.policy.days_per_level,
        )
    )
    return partner


@operations.command(
    "POST /partners/{id}/propose-again",
    needs=Permission.PARTNER_PROPOSE,
    on=Partner,
    takes=schemas.Reason,
    gives=schemas.PartnerView,
)
def propose_partner_again(work: Work, partner: Partner, body: dict[str, Any]) -> Partner:
    """Come back to a partner that was declined or left, as its sponsor: all is reviewed anew."""
    partner.propose_again(body["reason"], sponsor_id=work.actor.id, on=work.today)
    return partner


@operations.command(
    "POST /partners/{id}/approve",
    needs=Permission.PARTNER_APPROVE,
    on=Partner,
    gives=schemas.PartnerView,
)
def approve_partner(work: Work, partner: Partner, _: dict[str, Any]) -> Partner:
    """Approve a reviewed partner: from here on contracts may be made with it."""
    partner.approve(by=work.actor.id, roles=work.actor.roles, on=work.today)
    return partner


@operations.command(
    "POST /partners/{id}/decline",
    needs=Permission.PARTNER_APPROVE,
    on=Partner,
    takes=schemas.Reason,
    gives=schemas.PartnerView,
)
def decline_partner(_work: Work, partner: Partner, body: dict[str, Any]) -> Partner:
    """Decline a partner under review, with the reason."""
    partner.decline(body["reason"])
    return partner


@operations.command(
    "POST /partners/{id}/activate",
    needs=Permission.PARTNER_ACTIVATE,
    on=Partner,
    gives=schemas.PartnerView,
)
def activate_partner(_work: Work, partner: Partner, _: dict[str, Any]) -> Partner:
    """Mark that work with an approved or dormant partner has begun."""
    partner.activate()
    return partner


@operations.command(
    "POST /partners/{id}/rest",
    needs=Permission.PARTNER_ACTIVATE,
    on=Partner,
    takes=schemas.Reason,
    gives=schemas.PartnerView,
)
def rest_partner(_work: Work, partner: Partner, body: dict[str, Any]) -> Partner:
    """Mark a partner dormant: no work at present."""
    partner.rest(body["reason"])
    return partner


@operations.command(
    "POST /partners/{id}/exit",
    needs=Permission.PARTNER_EXIT,
    on=Partner,
    takes=schemas.Reason,
    gives=schemas.PartnerView,
)
def exit_partner(_work: Work, partner: Partner, body: dict[str, Any]) -> Partner:
    """End a partnership; the institution can be proposed again."""
    partner.leave(body["reason"])
    return partner


@operations.command(
    "POST /partners/import",
    needs=Permission.PARTNER_IMPORT,
    takes=schemas.ImportBatch,
    gives=schemas.ImportReport,
)
def import_partners(work: Work, body: dict[str, Any]) -> dict[str, Any]:
    """Take over up to 500 institutions from a file as proposals, and say what became of each.

    A partner that is here already (same register id, or same name and country) is brought up to
    date with what the same origin says anew, and reported as a duplicate otherwise; what the
    office has corrected stays. Similar names are reported and taken. A row that cannot be taken is
    refused with its field and the reason; the others go in.
    """
    return {"rows": importing.take_rows(work, body)}


@operations.daily
def expire_due_diligence(work: Work) -> None:
    """Due diligence that has run out expires by itself."""
    run_out = select(Partner).where(
        partners.c.due_diligence_until < work.today, ~partners.c.due_diligence_expired
    )
    for partner in work.session.scalars(run_out):
        partner.expire_due_diligence(work.today)


def _institution(work: Work, body: dict[str, Any], of: Partner | None = None) -> Institution:
    entries, ror = institutions.register_entries(body.pop("identifiers"), body["ror"])
    told = {"aliases": tuple(body["aliases"]), "ror": ror, "identifiers": entries}
    institution = Institution(**body | told)
    institutions.check(institution, COUNTRIES)
    institution = institutions.cleaned(institution)
    if institution.parent_id:
        _check_parent(work, institution, of)
    work.take_turn("PTR")
    check_register_ids(work, institution, of)
    return institution


def _check_parent(work: Work, institution: Institution, of: Partner | None) -> None:
    ancestor = work.find(Partner, institution.parent_id)
    if ancestor is None:
        raise Invalid(
            "The parent institution is not among our partners.",
            rule="parent-known",
            field="parent_id",
            accepted="the id of a partner",
        )
    while ancestor is not None:
        if ancestor is of:
            raise Invalid(
                "An institution cannot be its own parent.",
                rule="parent-tree",
                field="parent_id",
            )
        above = ancestor.institution.parent_id
        ancestor = work.find(Partner, above) if above else None
