"""The gateway reacts to nothing: it owns no business, so no fact of others changes it."""

from shared.messaging.reactions import Reactions

reactions = Reactions("gateway")
