"""The insight service's operations are declared on this."""

from shared.events.vocabulary import Role
from shared.operations import Operations

EVERYBODY = frozenset(Role)
STAFF = EVERYBODY - {Role.PARTNER_GUEST}

operations = Operations("insight", readers=STAFF)
