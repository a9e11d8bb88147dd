"""What an office must know before contracts can be drafted in it."""

from contextlib import closing
from datetime import date
from typing import Any

import services.partner.store  # noqa: F401  # maps partners onto their table
from services.partner.domain.partner import Partner
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


def register_partners(office: Place) -> None:
    """The partner service has the partners of all contracts, so that it can take their events."""
    with (
        closing(Database(office.settings.database_of("partner"))) as database,
        database.transaction() as session,
    ):
        session.add_all(
            Partner.propose(
                f"PTR-2026-{number:04}",
                _SAID["institution"],
                sponsor_id="officer-1",
                on=date(2026, 1, 5),
                id=id,
            )
            for number, id in enumerate(PARTNERS, start=1)
        )


def approve_partner(office: Place) -> None:
    """The contract service has heard of a partner that was approved, and does not run yet."""
    with closing(Database(office.settings.database_of("contract"))) as database:
        ServiceAlone("contract", database, date(2026, 1, 5)).hears(
            PartnerProposed(**_SAID, sponsor_id="officer-1"),
            PartnerApproved(**_SAID, risk_band=RiskBand.LOW, due_diligence_until=date(2100, 1, 1)),
        )
