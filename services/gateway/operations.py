"""The gateway's own operations are declared on this."""

from shared.events.vocabulary import Role
from shared.operations import Operations

ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})

operations = Operations("gateway", readers=ADMINISTRATORS | {Role.AUDITOR})
