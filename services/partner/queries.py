"""What may be read of partners."""

from typing import Any

from sqlalchemy import Select, select

from services.partner import schemas
from services.partner.domain.partner import Partner
from services.partner.operations import operations
from services.partner.store import partners
from shared.events.permissions import Permission
from shared.filters import containing, equal
from shared.work import Work


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
def list_partners(_work: Work, wanted: dict[str, Any]) -> Select[Any]:
    """Partners, by state, country, sector, risk band or part of the name."""
    statement = equal(
        select(Partner),
        wanted,
        state=partners.c.state,
        country=partners.c.country,
        risk_band=partners.c.risk_band,
    )
    if "sector" in wanted:
        sector = partners.c.institution["sector"].as_string()
        statement = statement.where(sector == wanted["sector"])
    return containing(statement, wanted.get("text"), partners.c.legal_name, partners.c.reference)
