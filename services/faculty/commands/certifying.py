"""Certificates: issued at delivery, and kept true to what is corrected afterwards."""

from typing import Any

from sqlalchemy import select

from services.faculty import schemas
from services.faculty.domain.attendance import Attended
from services.faculty.domain.certificate import Certificate, settle
from services.faculty.domain.participant import Participant
from services.faculty.domain.programme import Programme
from services.faculty.leading import must_lead_its_programme
from services.faculty.operations import operations
from services.faculty.store import certificates
from shared import finding
from shared.events.faculty import Revocation
from shared.events.permissions import Permission
from shared.work import Work


@operations.command(
    "POST /certificates/{id}/reissue",
    needs=Permission.PROGRAMME_RUN,
    own=must_lead_its_programme,
    on=Certificate,
    gives=schemas.CertificateView,
    creates="/certificates/{id}",
)
def reissue_certificate(work: Work, certificate: Certificate, _: dict[str, Any]) -> Certificate:
    """Issue a certificate anew with the corrected name or title; the earlier one is revoked."""
    programme = work.get(Programme, certificate.programme_id)
    participant = work.get(Participant, certificate.participant_id)
    certificate.must_differ(name=participant.name, title=programme.title)
    certificate.revoke(Revocation.REISSUED, on=work.today)
    return work.add(
        Certificate.issue(
            participant_id=participant.id,
            name=participant.name,
            hours=certificate.hours,
            number=work.next_reference("CERT"),
            programme_id=programme.id,
            partner_id=programme.partner_id,
            title=programme.title,
            on=max(work.today, programme.last_day),
            replaces=certificate,
        )
    )


def settle_certificates(work: Work, programme: Programme) -> None:
    """Issue what has been earned and revoke what has not, as far as it is known by now.

    Before delivery, or while a session's attendance is not recorded, nothing changes.
    """
    if not programme.certificates_are_due:
        return
    settlement = settle(_issued(work, programme), programme.earned())
    for certificate, because in settlement.revoke:
        certificate.revoke(because, on=work.today)
    for attended, replaces in settlement.issue:
        work.add(_new(work, programme, attended, replaces))


def revoke_certificates(work: Work, programme: Programme, because: Revocation) -> None:
    """Revoke every certificate of the programme that is valid."""
    for certificate in _issued(work, programme):
        if certificate.is_valid:
            certificate.revoke(because, on=work.today)


def _issued(work: Work, programme: Programme) -> list[Certificate]:
    """Every certificate of the programme, revoked ones too, in the order of their numbers."""
    statement = select(Certificate).where(certificates.c.programme_id == programme.id)
    order = finding.reference_order(certificates.c.number, "CERT")
    return list(work.session.scalars(statement.order_by(order)))


def _new(
    work: Work, programme: Programme, attended: Attended, replaces: Certificate | None
) -> Certificate:
    return Certificate.issue(
        participant_id=attended.participant_id,
        name=work.get(Participant, attended.participant_id).name,
        hours=attended.hours,
        number=work.next_reference("CERT"),
        programme_id=programme.id,
        partner_id=programme.partner_id,
        title=programme.title,
        # The date at the place of the session, where the office's own has not come so far.
        on=max(work.today, programme.last_day),
        replaces=replaces,
    )
