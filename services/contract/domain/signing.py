"""Signatories, and how far the signing of one document has come."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from services.contract.domain.policy import Policy
from shared.events.vocabulary import Side


@dataclass(frozen=True)
class Signatory:
    """A person who signs. `order` counts from 1; people of the same order sign side by side."""

    id: UUID
    name: str
    email: str
    side: Side
    order: int = 1


@dataclass(frozen=True)
class Signature:
    signatory_id: UUID
    signed_on: date
    recorded_on: date
    recorded_by: str


@dataclass(frozen=True)
class Reminders:
    """How often one signatory was reminded, and when last."""

    signatory_id: UUID
    count: int
    last_on: date


@dataclass(frozen=True)
class Signing:
    """One round of signatures under one document, identified by its SHA-256.

    sent_on: the office's date; signable_from: the earliest date that it was anywhere then.
    """

    document_sha256: str
    in_sequence: bool
    sent_on: date
    signable_from: date
    signatures: tuple[Signature, ...] = ()
    reminders: tuple[Reminders, ...] = ()

    def has_signed(self, signatory_id: UUID) -> bool:
        return any(each.signatory_id == signatory_id for each in self.signatures)

    def waiting_for(self, signatories: tuple[Signatory, ...]) -> tuple[Signatory, ...]:
        """Whose turn it is: everybody who has not signed, or in sequence the next order."""
        unsigned = [each for each in signatories if not self.has_signed(each.id)]
        if not self.in_sequence:
            return tuple(unsigned)
        turn = min((each.order for each in unsigned), default=0)
        return tuple(each for each in unsigned if each.order == turn)

    def due_reminders(
        self, signatories: tuple[Signatory, ...], on: date, policy: Policy
    ) -> tuple[Reminders, ...]:
        """The reminders that fall due on a day: at most one each, missed ones become one."""
        return tuple(
            Reminders(each.id, self._reminded(each.id) + 1, on)
            for each in self.waiting_for(signatories)
            if self._reminded(each.id) < policy.reminders
            and on >= self._next_reminder_on(each, signatories, policy)
        )

    def _reminded(self, signatory_id: UUID) -> int:
        return next((r.count for r in self.reminders if r.signatory_id == signatory_id), 0)

    def _next_reminder_on(
        self, signatory: Signatory, signatories: tuple[Signatory, ...], policy: Policy
    ) -> date:
        for given in self.reminders:
            if given.signatory_id == signatory.id:
                return given.last_on + timedelta(days=policy.reminder_days)
        asked_on = self._asked_on(signatory, signatories)
        return asked_on + timedelta(days=policy.first_reminder_days)

    def _asked_on(self, signatory: Signatory, signatories: tuple[Signatory, ...]) -> date:
        """In sequence somebody is asked once the last of those before has signed."""
        if not self.in_sequence:
            return self.sent_on
        before = {each.id for each in signatories if each.order < signatory.order}
        return max(
            (each.recorded_on for each in self.signatures if each.signatory_id in before),
            default=self.sent_on,
        )
