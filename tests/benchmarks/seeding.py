"""What an office must know before contracts can be drafted in it."""

from contextlib import closing
from datetime import date
from typing import Any

from shared.database import Database
from shared.events.partner import Institution, PartnerApproved, PartnerProposed
from shared.events.vocabulary import RiskBand, Sector
from tests.alone import ServiceAlone
from tests.benchmarks.ground import Place
from tests.benchmarks.histories import PARTNERS

_SAID: dict[str, Any] = {
    "partner_id": PARTNERS[0],
    "reference": "PTR-2026-0001",
    "institution": Institution("Partner university", "JO", Sector.UNIVERSITY),
}


def approve_partner(office: Place) -> None:
    """The contract service has heard of a partner that was approved, and does not run yet."""
    with closing(Database(office.settings.database_of("contract"))) as database:
        ServiceAlone("contract", database, date(2026, 1, 5)).hears(
            PartnerProposed(**_SAID, sponsor_id="officer-1"),
            PartnerApproved(**_SAID, risk_band=RiskBand.LOW, due_diligence_until=date(2100, 1, 1)),
        )
