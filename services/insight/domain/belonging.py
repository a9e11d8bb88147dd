"""To which partner and contract an event belongs, also where it does not say so itself."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.identifiers import uuid_of

#: Subjects that people call by a title or a number, which their own events tell.
NAMED = ("engagement", "programme", "invoice")


@dataclass(frozen=True)
class Belonging:
    """What is known of a subject: whose it is, and what people call it."""

    partner_id: UUID | None = None
    contract_id: UUID | None = None
    name: str | None = None

    def or_else(self, known: "Belonging") -> "Belonging":
        """This, and where it says nothing, what is known."""
        return Belonging(
            partner_id=self.partner_id or known.partner_id,
            contract_id=self.contract_id or known.contract_id,
            name=self.name or known.name,
        )

    @property
    def is_known(self) -> bool:
        return self.partner_id is not None


NOTHING = Belonging()


def said_in(subject: str, data: dict[str, Any]) -> Belonging:
    """What an event's own data say of its subject."""
    inner = data.get("entry", data)
    named = subject.partition("/")[0] in NAMED
    return Belonging(
        partner_id=_uuid(inner.get("partner_id")),
        contract_id=_uuid(inner.get("contract_id")),
        name=(data.get("title") or data.get("number")) if named else None,
    )


def named_by(subject: str, data: dict[str, Any]) -> str:
    """The subject whose name helps to tell the event: the programme of a certificate, say."""
    inner = data.get("entry", data)
    for kind in ("programme", "engagement"):
        if inner.get(f"{kind}_id"):
            return f"{kind}/{inner[f'{kind}_id']}"
    return subject


def _uuid(value: str | None) -> UUID | None:
    return uuid_of(value) if value else None
