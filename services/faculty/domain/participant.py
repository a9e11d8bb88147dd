"""Somebody who takes part in programmes."""

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from shared.aggregate import Aggregate
from shared.events.faculty import ParticipantCorrected, ParticipantRegistered
from shared.identifiers import new_id


@dataclass(eq=False, kw_only=True)
class Participant(Aggregate):
    """A person known to this service alone: events carry the id, never the name."""

    kind: ClassVar[str] = "participant"

    id: UUID
    name: str
    email: str
    profession: str
    partner_id: UUID | None
    #: The account that the person signs in with, where they have one: it may act for them.
    account_id: str | None
    version: int = 0

    @classmethod
    def register(
        cls,
        *,
        name: str,
        email: str,
        profession: str,
        partner_id: UUID | None,
        account_id: str | None,
    ) -> "Participant":
        participant = cls(
            id=new_id(),
            name=name,
            email=email_key(email),
            profession=profession,
            partner_id=partner_id,
            account_id=account_id,
        )
        participant.record(
            ParticipantRegistered(participant_id=participant.id, partner_id=partner_id)
        )
        return participant

    def correct(self, **corrected: Any) -> None:
        """Set what is given of name, email, profession, partner_id and account_id."""
        if "email" in corrected:
            corrected["email"] = email_key(corrected["email"])
        changed = {name: value for name, value in corrected.items() if getattr(self, name) != value}
        if not changed:
            return
        for name, value in changed.items():
            setattr(self, name, value)
        self.record(
            ParticipantCorrected(
                participant_id=self.id,
                partner_id=self.partner_id,
                fields=tuple(sorted(changed)),
            )
        )

    def is_account(self, account_id: str) -> bool:
        """Whether the account is this person's own."""
        return self.account_id is not None and self.account_id == account_id


def email_key(email: str) -> str:
    """An address as it is stored and compared: two spellings of one mailbox are one person."""
    return email.strip().casefold()
