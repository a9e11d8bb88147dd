"""What may be read of partners."""

from typing import Any

from sqlalchemy import Boolean, Select, literal, select

from services.partner import schemas
from services.partner.domain.partner import Partner
from services.partner.operations import operations
from services.partner.store import partners
from services.partner.views import WithoutVetting, as_seen, check_may_sort_out
from shared.events.permissions import PERMISSIONS, Permission
from shared.filters import containing, equal
from shared.work import Work


@operations.query(
    "GET /partners/{id}",
    needs=Permission.PARTNER_READ,
    on=Partner,
    gives=schemas.PartnerView,
    scoped_by="id",
)
def get_partner(work: Work, partner: Partner, _: dict[str, Any]) -> Partner | WithoutVetting:
    """One partner with contacts, due diligence, risk and needs."""
    return as_seen(work.actor, partner)


@operations.listing(
    "GET /partners",
    needs=Permission.PARTNER_READ,
    takes=schemas.PartnerFilter,
    gives=schemas.PartnerSummary,
    sorts={
        "name": partners.c.legal_name,
        "reference": partners.c.reference,
        "country": partners.c.country,
        "proposed_on": partners.c.proposed_on,
    },
    default_sort="name",
    key=partners.c.id,
    scoped_by=partners.c.id,
)
def list_partners(work: Work, wanted: dict[str, Any]) -> Select[Any]:
    """Partners, by state, country, sector, risk band or part of the name."""
    check_may_sort_out(work.actor, wanted)
    vetting_open = literal(
        PERMISSIONS.allows(work.actor.roles, Permission.DUE_DILIGENCE_READ), Boolean
    )
    found: Select[*tuple[Any, ...]] = select(Partner, vetting_open.label("vetting_open"))
    statement = equal(
        found,
        wanted,
        state=partners.c.state,
        country=partners.c.country,
        risk_band=partners.c.risk_band,
    )
    if "sector" in wanted:
        sector = partners.c.institution["sector"].as_string()
        statement = statement.where(sector == wanted["sector"])
    return containing(statement, wanted.get("text"), partners.c.legal_name, partners.c.reference)
