"""The proof that somebody attended enough of a programme."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from services.faculty.domain.attendance import Attended
from shared.aggregate import Aggregate
from shared.events.faculty import CertificateIssued
from shared.identifiers import new_id


@dataclass(eq=False, kw_only=True)
class Certificate(Aggregate):
    """Issued once, when the programme is delivered; never changed afterwards."""

    kind: ClassVar[str] = "certificate"

    id: UUID
    number: str
    programme_id: UUID
    participant_id: UUID
    partner_id: UUID
    title: str
    hours: Decimal
    issued_on: date
    version: int = 0

    @classmethod
    def issue(
        cls,
        attended: Attended,
        *,
        number: str,
        programme_id: UUID,
        partner_id: UUID,
        title: str,
        on: date,
    ) -> "Certificate":
        certificate = cls(
            id=new_id(),
            number=number,
            programme_id=programme_id,
            participant_id=attended.participant_id,
            partner_id=partner_id,
            title=title,
            hours=attended.hours,
            issued_on=on,
        )
        certificate.record(
            CertificateIssued(
                certificate_id=certificate.id,
                programme_id=programme_id,
                participant_id=attended.participant_id,
                hours=attended.hours,
                issued_on=on,
            )
        )
        return certificate
