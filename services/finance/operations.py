"""The finance service's operations are declared on this."""

from shared.events.vocabulary import Role
from shared.operations import Operations

FINANCE = frozenset({Role.FINANCE, Role.ADMINISTRATOR})
READERS = FINANCE | {
    Role.PARTNERSHIP_OFFICER,
    Role.PARTNERSHIP_MANAGER,
    Role.BOARD,
    Role.AUDITOR,
}
#: A partner sees the invoices that were sent to it, and nothing else of finance.
INVOICE_READERS = READERS | {Role.PARTNER_GUEST}

operations = Operations("finance", readers=READERS)
