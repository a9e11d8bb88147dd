"""The insight service's operations are declared on this."""

from shared.events.vocabulary import STAFF
from shared.operations import Operations

operations = Operations("insight", readers=STAFF)
