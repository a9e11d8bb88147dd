"""A contract as a reader may see it."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.contract.domain.contract import Contract
from services.contract.domain.import_record import ImportRecord
from services.contract.domain.invoices import KnownInvoice
from services.contract.domain.lifecycle import UNSEEN_BY_PARTNERS
from shared.errors import NotFound
from shared.events.permissions import PERMISSIONS, Permission
from shared.work import Actor


def sees_drafts(reader: Actor) -> bool:
    return reader.scope is None and PERMISSIONS.allows(reader.roles, Permission.DRAFT_READ)


def require_seen_by(reader: Actor, contract: Contract) -> None:
    """Raises NotFound for partners, and colleagues who see no drafts, while a contract is only
    being written and approved here."""
    if contract.state in UNSEEN_BY_PARTNERS and not sees_drafts(reader):
        raise NotFound(f"There is no contract {contract.id}.", rule="exists", field="id")


@dataclass(frozen=True)
class ContractAsSeen:
    """A contract with those of its invoices that are open to the reader, oldest first.

    invoices: None where invoices are not open to the reader at all.
    """

    contract: Contract
    invoices: Sequence[KnownInvoice] | None
    #: Where it was imported from; None for partners, whom that does not concern.
    imported: ImportRecord | None

    @classmethod
    def whole(cls, contract: Contract) -> "ContractAsSeen":
        """For whoever may change contracts, to whom every invoice is open."""
        return cls(contract, getattr(contract, "invoices", ()), contract.imported)

    @classmethod
    def by(cls, reader: Actor, contract: Contract) -> "ContractAsSeen":
        """As in finance: partners see the invoices that were sent to them, not drafts."""
        if not PERMISSIONS.extent(reader.roles, Permission.INVOICE_READ):
            return cls(contract, None, None if reader.scope else contract.imported)
        whole = cls.whole(contract)
        if reader.scope is None or whole.invoices is None:
            return whole
        sent = [each for each in whole.invoices if each.number is not None]
        return cls(contract, sent, None)

    @property
    def version(self) -> int:
        return self.contract.version
