"""A contract that is carried out: in force, and ended."""

from datetime import date

from services.contract.domain.deciding import Decisions
from services.contract.domain.lifecycle import ContractState
from services.contract.domain.open_work import said
from services.contract.domain.partners import KnownPartner
from services.contract.domain.record import ContractRecord
from shared.errors import Conflict, Refusal
from shared.events.contract import (
    ContractCompleted,
    ContractEndsWithOpenWork,
    ContractExpired,
    OpenWork,
)
from shared.events.vocabulary import RenewalType


class Performance(Decisions):
    """From the day a contract comes into force to its end."""

    def hindrance_to_start(
        self, on: date, *, partner: KnownPartner, parent: ContractRecord | None
    ) -> Refusal | None:
        """Why a signed contract cannot come into force on a day; None where it can."""
        if on < self.terms.starts_on:
            return Conflict(
                f"The contract starts on {self.terms.starts_on}; it becomes active by itself then.",
                rule="start-date-reached",
                field="starts_on",
                accepted=f"{self.terms.starts_on} or later",
            )
        if parent is not None and parent.state is not ContractState.ACTIVE:
            return Conflict(
                f"Its parent contract {parent.reference} is not active; this one becomes active "
                "by itself once that is.",
                rule="parent-active",
                field="parent_id",
                accepted="an active parent contract",
            )
        return partner.hindrance_to_signing(on)

    def activate(
        self, on: date, *, partner: KnownPartner, parent: ContractRecord | None = None
    ) -> None:
        """From here on days may be logged, programmes published and invoices raised."""
        self._require(ContractState.SIGNED, to="be activated")
        hindrance = self.hindrance_to_start(on, partner=partner, parent=parent)
        if hindrance is not None:
            raise hindrance
        self._become_active(imported=False)

    def complete(
        self,
        on: date,
        *,
        latest: date,
        open_work: OpenWork,
        despite_open_work: bool = False,
    ) -> None:
        """Every milestone has been decided, and what else is open is finished or known.

        latest: the last date that has begun anywhere: until then people may have worked under it.

        Raises Conflict naming what is open, unless that is accepted.
        """
        self._require(ContractState.ACTIVE, to="be completed")
        if self.undecided:
            titles = "; ".join(each.title for each in self.undecided)
            raise Conflict(
                f"Decide on these milestones first: {titles}.",
                rule="milestones-decided",
                field="milestones",
                accepted="every milestone met, partially met or not met",
            )
        if open_work != OpenWork() and not despite_open_work:
            raise Conflict(
                f"Still open under {self.reference}: {said(open_work)}. Finish these first, or "
                "complete the contract despite open work.",
                rule="open-work",
                field="despite_open_work",
                accepted="true, where the open work is meant to be left",
            )
        self.state = ContractState.COMPLETED
        self.record(ContractCompleted(contract_id=self.id, completed_on=on, worked_until=latest))
        self._tell_open_work(on, open_work)

    def expires_by(self, on: date) -> bool:
        """Whether the end has passed. What is evergreen or renews by itself does not expire."""
        return (
            self.terms.renewal is not RenewalType.AUTO
            and self.terms.ends_on is not None
            and self.terms.ends_on < on
        )

    def expire(self, on: date, *, open_work: OpenWork) -> None:
        self._require(ContractState.ACTIVE, to="expire")
        self.state = ContractState.EXPIRED
        ended_on = self.terms.ends_on or on
        self.record(ContractExpired(contract_id=self.id, expired_on=ended_on))
        self._tell_open_work(ended_on, open_work)

    def announce_end(self, open_work: OpenWork) -> None:
        """Tell the owner ahead of the end what is open; once for each version of the terms."""
        if self.end_announced_for == self.terms.version or self.terms.ends_on is None:
            return
        if self._tell_open_work(self.terms.ends_on, open_work):
            self.end_announced_for = self.terms.version

    def _tell_open_work(self, ends_on: date, open_work: OpenWork) -> bool:
        if open_work == OpenWork():
            return False
        self.record(
            ContractEndsWithOpenWork(
                contract_id=self.id,
                partner_id=self.partner_id,
                owner_id=self.owner_id,
                ends_on=ends_on,
                open_work=open_work,
            )
        )
        return True
