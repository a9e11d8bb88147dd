"""Bank references that payments came under, so that one transfer is not recorded twice."""

from dataclasses import dataclass
from uuid import UUID

from shared.errors import Conflict


def plain_reference(written: str) -> str:
    """As references are compared: without spaces and punctuation, whatever the case."""
    plain = "".join(sign for sign in written.casefold() if sign.isalnum())
    return (plain or written.strip().casefold())[:140]


@dataclass(eq=False, kw_only=True)
class KnownReference:
    """A reference and the invoices on which a payment under it stands, one entry a payment."""

    reference: str
    invoice_ids: tuple[UUID, ...] = ()

    def use(self, invoice_id: UUID) -> None:
        self.invoice_ids = (*self.invoice_ids, invoice_id)

    def give_back(self, invoice_id: UUID) -> None:
        """One payment under it was reversed."""
        left = list(self.invoice_ids)
        left.remove(invoice_id)
        self.invoice_ids = tuple(left)

    def require_unused(self, numbers: list[str]) -> None:
        """Raises Conflict where a payment stands under it. numbers: of the invoices in question."""
        if self.invoice_ids:
            raise Conflict(
                f"A payment with this bank reference is already recorded on "
                f"{', '.join(numbers)}. If it is the same transfer, there is nothing to record. If "
                "one transfer pays several invoices, send confirm_repeated_reference.",
                rule="bank-reference-once",
                field="bank_reference",
                accepted="another reference, or confirm_repeated_reference",
            )
