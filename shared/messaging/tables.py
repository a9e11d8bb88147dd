"""The tables that every service's database has for messaging, beside its own."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from shared.columns import Moment, new_metadata, plain_json

metadata = new_metadata()

#: SQLite counts rows by itself only in a column of exactly this type.
_counter = BigInteger().with_variant(Integer, "sqlite")

#: This service's own facts, for ever: outbox, audit trail and source for rebuilding in one.
#: `link` and `hash` chain the published events in the order of their publication.
event_log = Table(
    "event_log",
    metadata,
    Column("position", _counter, primary_key=True, autoincrement=True),
    Column("id", Uuid, nullable=False, unique=True),
    Column("subject", String(80), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("type", String(80), nullable=False),
    Column("version", Integer, nullable=False),
    Column("data", plain_json(), nullable=False),
    Column("metadata", plain_json(), nullable=False),
    Column("recorded_at", Moment, nullable=False),
    Column("published_at", Moment),
    Column("link", BigInteger),
    Column("hash", String(64)),
    UniqueConstraint("subject", "sequence"),
)
Index(
    "ix_event_log_unpublished",
    event_log.c.position,
    postgresql_where=event_log.c.published_at.is_(None),
    sqlite_where=event_log.c.published_at.is_(None),
)
Index("ix_event_log_link", event_log.c.link, unique=True)

#: Where the chain stood at some moments, signed: see `shared.messaging.heads`.
log_heads = Table(
    "log_heads",
    metadata,
    Column("link", BigInteger, primary_key=True, autoincrement=False),
    Column("service", String(40), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("signed_at", String(40), nullable=False),  # as it was signed
    Column("key", String(16), nullable=False),
    Column("signature", String(100), nullable=False),
)

#: How far this service has applied each subject of each source. The whole deduplication.
progress = Table(
    "progress",
    metadata,
    Column("source", String(40), primary_key=True),
    Column("subject", String(80), primary_key=True),
    Column("sequence", Integer, nullable=False),
)

#: Up to which link of each source's log everything has been applied or is held.
caught_up = Table(
    "caught_up",
    metadata,
    Column("source", String(40), primary_key=True),
    Column("link", BigInteger, nullable=False),
)

#: Sources of which the first events that were fetched after a start are being applied. A row that
#: is there already tells of a process that ended in the midst of them.
first_fetches = Table(
    "first_fetches",
    metadata,
    Column("source", String(40), primary_key=True),
)

#: What could not be applied yet: see `shared.messaging.held` for the states.
held_events = Table(
    "held_events",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("source", String(40), nullable=False),
    Column("subject", String(80), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("type", String(80), nullable=False),
    Column("state", String(20), nullable=False),
    Column("envelope", plain_json()),
    Column("raw", LargeBinary),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", Moment),
    Column("held_at", Moment, nullable=False),
    Column("error_class", String(120)),
    Column("error_text", Text),
    UniqueConstraint("source", "subject", "sequence", "id"),
)
Index("ix_held_events_due", held_events.c.state, held_events.c.next_attempt_at)

#: The answers of carried-out commands by command id: the same id gives the same answer.
answers = Table(
    "answers",
    metadata,
    Column("command_id", String(120), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    # As it was written, its order too: JSON that PostgreSQL takes apart is another answer.
    Column("answer", JSON, nullable=False),
    Column("recorded_at", Moment, nullable=False, index=True),
)

#: What personal details were before and after: see `shared.personal_changes`. No event says it.
personal_changes = Table(
    "personal_changes",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("subject", String(80), nullable=False, index=True),
    Column("field", String(100), nullable=False),
    Column("before", plain_json()),
    Column("after", plain_json()),
    Column("changed_by", String(80), nullable=False),
    Column("changed_at", Moment, nullable=False),
)

#: Counters of readable references, by prefix and year.
references = Table(
    "reference_counters",
    metadata,
    Column("prefix", String(20), primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("last", Integer, nullable=False),
)

#: What somebody decided never to apply, and why.
discarded_events = Table(
    "discarded_events",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("source", String(40), nullable=False),
    Column("subject", String(80), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("type", String(80), nullable=False),
    Column("envelope", plain_json()),
    Column("reason", Text, nullable=False),
    Column("discarded_by", String(80), nullable=False),
    Column("discarded_at", Moment, nullable=False),
)
