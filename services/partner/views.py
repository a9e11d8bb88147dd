"""A partner as a reader may see it."""

from typing import Any

from services.partner.domain.partner import Partner
from services.partner.known import Known
from shared.errors import Forbidden
from shared.events.permissions import PERMISSIONS, Permission
from shared.work import Actor


class WithoutVetting:
    """A partner for readers to whom it is not open how we vet partners: that is None here."""

    checks = current_checks = risk_band = risk_reason = due_diligence_until = (
        due_diligence_expired
    ) = None

    def __init__(self, partner: Partner) -> None:
        self._partner = partner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._partner, name)


class WithSimilar:
    """A new partner with those whose names look like its own."""

    def __init__(self, partner: Partner, similar: list[Known]) -> None:
        self._partner = partner
        self.similar = similar

    def __getattr__(self, name: str) -> Any:
        return getattr(self._partner, name)


def as_seen(reader: Actor, partner: Partner) -> Partner | WithoutVetting:
    return (
        partner
        if PERMISSIONS.allows(reader.roles, Permission.DUE_DILIGENCE_READ)
        else WithoutVetting(partner)
    )


def check_may_sort_out(reader: Actor, wanted: dict[str, Any]) -> None:
    """Refuse a filter that would tell what the reader may not see."""
    if "risk_band" in wanted and not PERMISSIONS.allows(
        reader.roles, Permission.DUE_DILIGENCE_READ
    ):
        raise Forbidden(
            "How partners are vetted is not open to your role; leave risk_band out.",
            rule="permission",
            field="risk_band",
            accepted=", ".join(PERMISSIONS.holders(Permission.DUE_DILIGENCE_READ)),
        )
