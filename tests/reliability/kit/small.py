"""Small services: tellers record facts, listeners keep books of all that they hear."""

import os
import signal
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Column, Integer, String, Table, and_, func, insert, not_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from shared.clock import SystemClock
from shared.columns import new_metadata
from shared.database import Database
from shared.events import Event
from shared.events.consultancy import EngagementClosed
from shared.events.partner import PartnerReviewStarted
from shared.events.permissions import PERMISSIONS, Permission
from shared.messaging import event_log, held, progress
from shared.messaging import tables as messaging
from shared.messaging.envelope import Envelope
from shared.messaging.reactions import NotYet, Reactions
from shared.messaging.service import Parts, Runtime, Service
from shared.operations import Operations
from shared.work import Call, UnitOfWork, Work
from tests.reliability.kit.facts import Burst

#: Real names, since the platform runs no others.
TELLERS = ("partner", "consultancy")
LISTENERS = ("finance", "insight")

#: Set to the seconds by which a process's clock is ahead.
CLOCK_OFF = "ENTENTE_KIT_CLOCK_OFF"

metadata = new_metadata()

#: A teller's own state: a line for each fact, written in the transaction that made it true.
told = Table(
    "told",
    metadata,
    Column("line", Integer, primary_key=True, autoincrement=True),
    Column("subject", String(80), nullable=False),
    Column("fact", String(40), nullable=False, unique=True),
)
#: A listener's book: a line for each time a fact took effect, so that twice is seen.
effects = Table(
    "effects",
    metadata,
    Column("line", Integer, primary_key=True, autoincrement=True),
    Column("source", String(40), nullable=False),
    Column("subject", String(80), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("fact", String(40), nullable=False, index=True),
)
#: A listener's read model: how many facts, and a digest that depends on each and on their order.
standings = Table(
    "standings",
    metadata,
    Column("source", String(40), primary_key=True),
    Column("subject", String(80), primary_key=True),
    Column("facts", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
)
#: What a listener is to do wrong, by fact: a key of `TROUBLES`.
trouble = Table(
    "trouble",
    metadata,
    Column("fact", String(40), primary_key=True),
    Column("kind", String(20), nullable=False),
)


class Refused(Exception):
    """What a listener raises over a fact that it was told to fail on."""


def _fail() -> None:
    raise Refused("told to fail on this fact")


def _not_yet() -> None:
    raise NotYet("told to wait for something else")


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _dawdle() -> None:
    threading.Event().wait(2)


TROUBLES: dict[str, Callable[[], None]] = {
    "fail": _fail,
    "not-yet": _not_yet,
    "die": _die,
    "dawdle": _dawdle,
}


def make_tables(database: Database) -> None:
    messaging.metadata.create_all(database.engine)
    metadata.create_all(database.engine)


def event_of(teller: str, fact: UUID) -> Event:
    if teller == "partner":
        return PartnerReviewStarted(partner_id=fact)
    return EngagementClosed(engagement_id=fact, contract_id=fact, partner_id=fact)


def fact_of(envelope: Envelope) -> str:
    assert envelope.event  # one that does not fit its schema is refused here
    return str(envelope.data["partner_id"])


class Teller:
    """A service that tells facts, as its database shows it; it may be told to tell some here."""

    def __init__(self, name: str, database: Database) -> None:
        self.name = name
        self.database = database
        self.unit_of_work = UnitOfWork(database, SystemClock(), ZoneInfo("UTC"), policy=None)

    def subject(self, id: UUID) -> str:
        return f"{self.name}/{id}"

    def tell(self, burst: Burst, **distortion: Any) -> None:
        """Commit the facts of a burst that are not there yet: it may be given again.

        distortion: what is to stand in their rows of the event log instead of what belongs there.
        """

        def act(work: Work) -> None:
            wanted = [str(fact) for fact in burst.facts]
            there = set(work.session.scalars(select(told.c.fact).where(told.c.fact.in_(wanted))))
            new = [fact for fact in burst.facts if str(fact) not in there]
            if not new:
                return
            subject = self.subject(burst.subject)
            work.session.execute(
                insert(told), [{"subject": subject, "fact": str(fact)} for fact in new]
            )
            events = [(subject, event_of(self.name, fact)) for fact in new]
            event_log.append(work.session, events, work._metadata(), work.now)
            if distortion:
                log = messaging.event_log
                distorted = log.update().where(log.c.subject == subject).values(distortion)
                work.session.execute(distorted)

        self.unit_of_work.run(Call(), act)


class Listener:
    """A service that keeps a book, as its database shows it."""

    def __init__(self, name: str, database: Database) -> None:
        self.name = name
        self.database = database

    def heard(self) -> int:
        """How many lines its book has."""
        with self.database.reading() as session:
            return session.scalar(select(func.count()).select_from(effects)) or 0

    def has_heard(self, facts: Sequence[UUID]) -> bool:
        """Whether all of these are in its book."""
        wanted = {str(fact) for fact in facts}
        statement = select(func.count(effects.c.fact.distinct())).where(effects.c.fact.in_(wanted))
        with self.database.reading() as session:
            return session.scalar(statement) == len(wanted)

    def standings(self) -> list[Any]:
        """Its read model."""
        statement = select(standings).order_by(standings.c.source, standings.c.subject)
        with self.database.reading() as session:
            return list(session.execute(statement))

    def states(self) -> list[str]:
        """Of what it holds, by subject and sequence."""
        return [row["state"] for row in self.held()]

    def held(self) -> list[dict[str, Any]]:
        rows = messaging.held_events
        statement = select(rows).order_by(rows.c.subject, rows.c.sequence)
        with self.database.reading() as session:
            return [dict(row) for row in session.execute(statement).mappings()]

    def waiting(self) -> int:
        """Events that it holds with good reason.

        Not among them: what stands behind nothing any more, and what should have been tried again.
        """
        rows = messaging.held_events
        before = func.coalesce(messaging.progress.c.sequence, 0)
        behind_nothing = and_(rows.c.state == held.State.GAP, rows.c.sequence == before + 1)
        overdue = and_(
            rows.c.state == held.State.FAILED, rows.c.next_attempt_at < SystemClock().now()
        )
        beside = rows.outerjoin(
            messaging.progress,
            and_(
                messaging.progress.c.source == rows.c.source,
                messaging.progress.c.subject == rows.c.subject,
            ),
        )
        statement = select(func.count()).select_from(beside)
        with self.database.reading() as session:
            return (
                session.scalar(
                    statement.where(rows.c.raw.is_(None), not_(behind_nothing), not_(overdue))
                )
                or 0
            )

    def give_trouble(self, kind: str, *facts: UUID) -> None:
        with self.database.transaction() as session:
            session.execute(insert(trouble), [{"fact": str(fact), "kind": kind} for fact in facts])

    def mend(self) -> None:
        """No trouble any more."""
        with self.database.transaction() as session:
            session.execute(trouble.delete())


def reactions_of(listener: str, sources: Iterable[str] = TELLERS) -> Reactions:
    reactions = Reactions(listener)
    reactions.on_batch(*sources)(keep)
    return reactions


def keep(work: Work, envelopes: Sequence[Envelope]) -> None:
    """Write down what was heard, or do what `trouble` says."""
    wrong = dict(work.session.execute(select(trouble.c.fact, trouble.c.kind)).all())
    rows = []
    for envelope in envelopes:
        fact = fact_of(envelope)
        if fact in wrong:
            TROUBLES[wrong[fact]]()
        rows.append(
            {
                "source": envelope.source,
                "subject": envelope.subject,
                "sequence": envelope.sequence,
                "fact": fact,
            }
        )
    work.session.execute(insert(effects), rows)
    _stand(work.session, rows)


def _stand(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    subjects = {row["subject"] for row in rows}
    found = session.execute(select(standings).where(standings.c.subject.in_(subjects))).mappings()
    known: dict[str, dict[str, Any]] = {row["subject"]: dict(row) for row in found}
    for row in rows:
        before = known.get(row["subject"], {"facts": 0, "digest": ""})
        known[row["subject"]] = {
            "source": row["source"],
            "subject": row["subject"],
            "facts": before["facts"] + 1,
            "digest": next_digest(before["digest"], row["fact"]),
        }
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    statement = dialect.insert(standings)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["source", "subject"],
            set_={"facts": statement.excluded.facts, "digest": statement.excluded.digest},
        ),
        list(known.values()),
    )


def next_digest(digest: str, fact: str) -> str:
    return sha256((digest + fact).encode()).hexdigest()


def rebuild(work: Work, _: dict[str, Any]) -> dict[str, Any]:
    """As the insight service's: forget everything, catch-up brings it again."""
    forget(work.session)
    return {}


def forget(session: Session) -> None:
    """Leave a listener's database as that of a service which was never started."""
    progress.forget(session)
    for table in (effects, standings):
        session.execute(table.delete())


@dataclass(frozen=True)
class NoPolicy:
    """Nothing that an office could set."""


def service_class(name: str) -> type[Service]:
    """The nameko class of a small service, in the place of the real one of that name."""
    reactions = reactions_of(name) if name in LISTENERS else Reactions(name)
    operations = Operations(name, permissions=PERMISSIONS, for_tools={rebuild.__name__})
    if name in LISTENERS:
        operations.command(f"POST /{name}/rebuild", needs=Permission.READ_MODELS_REBUILD)(rebuild)
    parts = Parts(operations, reactions, NoPolicy)
    return type(name.capitalize(), (Service,), {"name": name, "runtime": Runtime(parts)})
