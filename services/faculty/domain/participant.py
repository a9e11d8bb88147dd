"""Somebody who takes part in programmes."""

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from shared.aggregate import Aggregate
from shared.errors import Forbidden
from shared.events.faculty import ParticipantCorrected, ParticipantRegistered
from shared.identifiers import new_id
from shared.people import email_key, name_of_person

_PERSONAL = ("name", "email", "profession", "partner_id", "account_id")


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
    #: Every account that the record is or was linked to.
    linked_accounts: tuple[str, ...] = ()
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
        by: str,
    ) -> "Participant":
        """by: who registers; nobody links a record to their own account."""
        participant = cls(
            id=new_id(),
            name=name_of_person(name),
            email=email_key(email),
            profession=profession,
            partner_id=partner_id,
            account_id=None,
        )
        participant._link(account_id, by)
        participant.record(
            ParticipantRegistered(participant_id=participant.id, partner_id=partner_id)
        )
        return participant

    @property
    def personal(self) -> dict[str, Any]:
        """The details whose changes are kept with the record and stand in no event."""
        return {name: getattr(self, name) for name in _PERSONAL}

    def correct(self, by: str, **corrected: Any) -> None:
        """Set what is given of name, email, profession, partner_id and account_id.

        Raises Forbidden where `by` changes a link that is, was or would be their own.
        """
        if "email" in corrected:
            corrected["email"] = email_key(corrected["email"])
        if "name" in corrected:
            corrected["name"] = name_of_person(corrected["name"])
        changed = {name: value for name, value in corrected.items() if getattr(self, name) != value}
        if not changed:
            return
        if "account_id" in changed:
            self._link(changed["account_id"], by)
        for name, value in changed.items():
            setattr(self, name, value)
        self.record(
            ParticipantCorrected(
                participant_id=self.id,
                partner_id=self.partner_id,
                fields=tuple(sorted(changed)),
            )
        )

    def _link(self, account_id: str | None, by: str) -> None:
        linked = (account_id, *self.linked_accounts)
        if by in linked:
            raise Forbidden(
                "The link between a participant and an account is made and changed by somebody "
                "else; ask a colleague.",
                rule="link-by-another",
                field="account_id",
            )
        self.account_id = account_id
        self.linked_accounts = tuple(dict.fromkeys(each for each in linked if each is not None))

    def is_same_person(self, other: "Participant") -> bool:
        """Whether both are records of one person: of one address, or one account."""
        return self.email == other.email or (
            self.account_id is not None and self.account_id == other.account_id
        )

    def is_account(self, account_id: str) -> bool:
        """Whether the account is this person's own."""
        return self.account_id is not None and self.account_id == account_id
