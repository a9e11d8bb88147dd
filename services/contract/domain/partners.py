"""What the contract service knows of partners, learned from the partner service's events."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from shared.errors import Conflict
from shared.events.vocabulary import RiskBand


class PartnerState(StrEnum):
    PROSPECT = "prospect"
    UNDER_REVIEW = "under_review"
    APPROVED = "approved"
    ACTIVE = "active"
    DORMANT = "dormant"
    EXITED = "exited"
    DECLINED = "declined"


_GONE = (PartnerState.DECLINED, PartnerState.EXITED)
_USABLE = (PartnerState.APPROVED, PartnerState.ACTIVE, PartnerState.DORMANT)


@dataclass(eq=False, kw_only=True)
class KnownPartner:
    """A partner as far as contracts are concerned.

    `due_diligence_until` is the last day on which its due diligence is valid; None: never passed.
    """

    id: UUID
    reference: str
    name: str
    other_names: tuple[str, ...] = ()
    state: PartnerState = PartnerState.PROSPECT
    risk_band: RiskBand | None = None
    due_diligence_until: date | None = None

    def require_contractable(self, on: date) -> None:
        """Raises Conflict unless a contract with this partner may go ahead on that day."""
        if self.state is PartnerState.DORMANT:
            raise Conflict(
                f"{self.name} is dormant; mark the partner as active again first.",
                rule="partner-approved",
                field="partner_id",
                accepted="an approved or active partner",
            )
        hindrance = self.hindrance_to_signing(on)
        if hindrance is not None:
            raise hindrance

    def hindrance_to_signing(self, on: date) -> Conflict | None:
        """Why the office may not bind itself to this partner on a day; None where it may.

        A dormant partner hinders nothing: what was sent before is signed and comes into force.
        """
        if self.state in _GONE:
            return Conflict(
                f"{self.name} is {self.state.value}: nothing more is submitted, sent, signed or "
                "activated with this partner until it is proposed again and approved.",
                rule="partner-approved",
                field="partner_id",
                accepted="an approved or active partner",
            )
        if self.state not in _USABLE:
            return Conflict(
                f"{self.name} is {self.state.replace('_', ' ')}, not an approved partner; "
                "have the partner approved first.",
                rule="partner-approved",
                field="partner_id",
                accepted="an approved or active partner",
            )
        if self.due_diligence_until is None or self.due_diligence_until < on:
            return Conflict(
                f"The due diligence of {self.name} is not valid: a check failed or expired. "
                "Pass the partner's checks again first.",
                rule="due-diligence-valid",
                field="partner_id",
                accepted="a partner with valid due diligence",
            )
        return None

    def require_draftable(self) -> None:
        """Raises Conflict where there will be no contract: a partner declined or gone."""
        if self.state in _GONE:
            raise Conflict(
                f"{self.name} is {self.state.value}; a contract can be made with this partner "
                "once it is proposed again.",
                rule="partner-open",
                field="partner_id",
                accepted="a partner that was neither declined nor exited",
            )


def unknown_partner(partner_id: UUID) -> Conflict:
    """The refusal where no event about a partner has arrived (yet)."""
    return Conflict(
        f"The contract service has not heard of partner {partner_id}. "
        "If it has just been proposed, try again in a moment; otherwise check the id.",
        rule="partner-known",
        field="partner_id",
        accepted="the id of a partner",
    )
