"""The proof that somebody attended enough of a programme.

| Case | Certificate |
|---|---|
| attendance corrected, no longer enough | revoked |
| attendance corrected, now enough | issued; in place of the one that was revoked, if any |
| attendance corrected, other hours | revoked, and another issued in its place |
| name or title corrected | unchanged until reissued: then revoked, another in its place |
| reissued although nothing has changed | refused |
| delivery taken back | revoked; another in its place at the next delivery |
| attendance of a session not known (again) | nothing changes until it is recorded |
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from services.faculty.domain.attendance import Attended
from shared.aggregate import Aggregate
from shared.errors import Conflict
from shared.events.faculty import CertificateIssued, CertificateRevoked, Revocation
from shared.identifiers import new_id


@dataclass(eq=False, kw_only=True)
class Certificate(Aggregate):
    """Says what it said when it was issued; what is wrong in it is revoked and issued anew."""

    kind: ClassVar[str] = "certificate"

    id: UUID
    number: str
    programme_id: UUID
    participant_id: UUID
    partner_id: UUID
    name: str
    title: str
    hours: Decimal
    issued_on: date
    #: The certificate in whose place this one was issued.
    replaces_id: UUID | None = None
    revoked_on: date | None = None
    revoked_because: Revocation | None = None
    version: int = 0

    @classmethod
    def issue(
        cls,
        *,
        participant_id: UUID,
        name: str,
        hours: Decimal,
        number: str,
        programme_id: UUID,
        partner_id: UUID,
        title: str,
        on: date,
        replaces: "Certificate | None" = None,
    ) -> "Certificate":
        certificate = cls(
            id=new_id(),
            number=number,
            programme_id=programme_id,
            participant_id=participant_id,
            partner_id=partner_id,
            name=name,
            title=title,
            hours=hours,
            issued_on=on,
            replaces_id=replaces.id if replaces else None,
        )
        certificate.record(
            CertificateIssued(
                certificate_id=certificate.id,
                programme_id=programme_id,
                participant_id=participant_id,
                hours=hours,
                issued_on=on,
                replaces_id=certificate.replaces_id,
            )
        )
        return certificate

    @property
    def is_valid(self) -> bool:
        return self.revoked_on is None

    def revoke(self, because: Revocation, *, on: date) -> None:
        if not self.is_valid:
            raise Conflict(
                f"Certificate {self.number} was revoked on {self.revoked_on}.",
                rule="certificate-valid",
            )
        self.revoked_on, self.revoked_because = max(on, self.issued_on), because
        self.record(
            CertificateRevoked(
                certificate_id=self.id,
                programme_id=self.programme_id,
                participant_id=self.participant_id,
                because=because,
                revoked_on=self.revoked_on,
            )
        )

    def must_differ(self, *, name: str, title: str) -> None:
        """Raises Conflict where a reissued certificate would say the same."""
        if (name, title) == (self.name, self.title):
            raise Conflict(
                "A new certificate would say the same. Correct the name of the participant or the "
                "title of the programme first.",
                rule="certificate-differs",
            )


@dataclass(frozen=True)
class Settlement:
    """What is to be done about the certificates of a programme."""

    revoke: tuple[tuple[Certificate, Revocation], ...]
    issue: tuple[tuple[Attended, Certificate | None], ...]  # with the one that it replaces


def settle(issued: Iterable[Certificate], earned: Iterable[Attended]) -> Settlement:
    """Compare the certificates of a programme with what has been earned as it is known now.

    issued: all of them, revoked ones too: a new one names the one that the person had last.
    """
    last = _last_of_each(issued)
    due = {attended.participant_id: attended for attended in earned}
    revoke: list[tuple[Certificate, Revocation]] = []
    for person, certificate in last.items():
        if not certificate.is_valid:
            continue
        if person not in due:
            revoke.append((certificate, Revocation.ATTENDANCE_CORRECTED))
        elif due[person].hours != certificate.hours:
            revoke.append((certificate, Revocation.HOURS_CORRECTED))
    revoked = {certificate.id for certificate, _ in revoke}
    issue = tuple(
        (attended, before)
        for person, attended in due.items()
        if (before := last.get(person)) is None or not before.is_valid or before.id in revoked
    )
    return Settlement(tuple(revoke), issue)


def _last_of_each(issued: Iterable[Certificate]) -> dict[UUID, Certificate]:
    """By person, the certificate in whose place there is no other yet."""
    all_ = tuple(issued)
    replaced = {certificate.replaces_id for certificate in all_}
    return {each.participant_id: each for each in all_ if each.id not in replaced}
