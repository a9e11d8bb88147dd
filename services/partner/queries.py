"""What may be read of partners."""

from typing import Any

from sqlalchemy import Select, select

from services.partner import schemas
from services.partner.domain.partner import Partner, PartnerState
from services.partner.operations import operations
from services.partner.store import partners
from shared import finding, personal_changes
from shared.countries import country_code
from shared.events.permissions import Permission
from shared.filters import equal
from shared.work import Work

#: In which order a list shows the states: work in hand, then what may become it, then the past.
_RANKS = {
    PartnerState.ACTIVE: 0,
    PartnerState.APPROVED: 1,
    PartnerState.UNDER_REVIEW: 2,
    PartnerState.PROSPECT: 3,
    PartnerState.DORMANT: 4,
    PartnerState.EXITED: 5,
    PartnerState.DECLINED: 6,
}


@operations.query(
    "GET /partners/{id}",
    needs=Permission.PARTNER_READ,
    on=Partner,
    gives=schemas.PartnerView,
    scoped_by="id",
)
def get_partner(_work: Work, partner: Partner, _: dict[str, Any]) -> Partner:
    """One partner with contacts, due diligence, risk and needs."""
    return partner


@operations.listing(
    "GET /partners/{id}/contact-changes",
    needs=Permission.PERSONAL_CHANGES_READ,
    **personal_changes.LISTING,
)
def list_contact_changes(_work: Work, wanted: dict[str, Any]) -> Select[Any]:
    """What the details of a partner's contacts said before and after each change.

    Kept here and not in the events, so that it can be erased.
    """
    return personal_changes.of(Partner.kind, wanted["id"])


@operations.listing(
    "GET /partners",
    needs=Permission.PARTNER_READ,
    takes=schemas.PartnerFilter,
    gives=schemas.PartnerSummary,
    sorts={
        "active_first": finding.ranked(partners.c.state, _RANKS, partners.c.sorted_as),
        "name": partners.c.sorted_as,
        "reference": finding.reference_order(partners.c.reference, "PTR"),
        "country": partners.c.country,
        "proposed_on": partners.c.proposed_on,
    },
    default_sort="active_first",
    key=partners.c.id,
    scoped_by=partners.c.id,
)
def list_partners(_work: Work, wanted: dict[str, Any]) -> Select[Any]:
    """Partners, by state, country, sector, risk band or parts of a name; the active ones first."""
    statement = equal(
        select(Partner),
        wanted | ({"country": country_code(wanted["country"])} if wanted.get("country") else {}),
        state=partners.c.state,
        country=partners.c.country,
        risk_band=partners.c.risk_band,
    )
    if "sector" in wanted:
        sector = partners.c.institution["sector"].as_string()
        statement = statement.where(sector == wanted["sector"])
    return finding.searched(statement, wanted.get("text"), partners.c.found_as)
