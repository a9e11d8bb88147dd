"""What nobody waits for travels to PostgreSQL with what somebody does, and means the same."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from psycopg2 import extensions
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shared import many_rows, patience
from shared.database import UNANSWERED, Database
from shared.messaging.tables import answers, caught_up, progress

pytestmark = pytest.mark.parametrize("store", ["postgresql"], indirect=True)


class Trips:
    """Counts how often this process waited for the server."""

    def __init__(self) -> None:
        self.taken = 0

    def wait(self, connection: object) -> None:
        self.taken += 1
        patience.wait(connection)


@pytest.fixture
def trips(database: Database) -> Iterator[Trips]:
    with database.transaction() as session:
        session.scalar(select(1))  # the connection is there
    counting = Trips()
    extensions.set_wait_callback(counting.wait)
    yield counting
    extensions.set_wait_callback(patience.wait)


def keep(session: Session, name: str) -> None:
    session.execute(
        insert(answers).values(
            command_id=name, fingerprint="f", answer={}, recorded_at=datetime.now(UTC)
        )
    )


def keep_all(database: Database, *names: str) -> None:
    with database.transaction() as session:
        for name in names:
            keep(session, name)


def looked_up_after(session: Session, name: str) -> None:
    keep(session, name)  # nobody hears of it before the next statement
    session.scalar(select(1))


def kept(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(answers.c.command_id).order_by(answers.c.command_id)))


def test_what_is_inserted_travels_with_the_commit(database: Database, trips: Trips) -> None:
    with database.transaction() as session:
        keep(session, "one")
        keep(session, "two")
        many_rows.upsert(session, caught_up, [{"source": "contract", "link": 1}])
    assert trips.taken == 1
    assert kept(database) == ["one", "two"]


def test_a_query_takes_along_what_was_written_before_it(database: Database, trips: Trips) -> None:
    with database.transaction() as session:
        keep(session, "one")
        assert session.scalars(select(answers.c.command_id)).all() == ["one"]
        assert trips.taken == 1
    assert trips.taken == 2


def test_a_transaction_in_which_nothing_was_done_takes_no_trip(
    database: Database, trips: Trips
) -> None:
    with database.transaction():
        pass
    with database.reading():
        pass
    assert trips.taken == 0


def test_what_was_rolled_back_travels_with_nothing(database: Database, trips: Trips) -> None:
    with database.transaction() as session:
        keep(session, "one")
        session.rollback()
    with database.transaction() as session:
        keep(session, "two")
    assert trips.taken == 1
    assert kept(database) == ["two"]


def test_what_was_sent_before_is_rolled_back_too(database: Database) -> None:
    with database.transaction() as session:
        keep(session, "one")
        session.scalar(select(1))
        session.rollback()
    assert kept(database) == []


def test_an_error_shows_with_the_statement_that_took_the_trip(database: Database) -> None:
    with database.transaction() as session:
        keep(session, "one")
    with pytest.raises(IntegrityError):
        keep_all(database, "two", "one")
    with pytest.raises(IntegrityError), database.transaction() as session:
        looked_up_after(session, "one")
    with database.transaction() as session:  # over the same connection
        keep(session, "three")
    assert kept(database) == ["one", "three"]


def test_a_change_that_somebody_counts_is_waited_for(database: Database, trips: Trips) -> None:
    """As the version of an aggregate is: who lost a race must hear of it."""
    with database.transaction() as session:
        changed = session.execute(answers.update().values(fingerprint="g"))
        assert changed.rowcount == 0  # type: ignore[attr-defined]
    assert trips.taken == 2


def test_statements_outside_a_transaction_are_committed_on_arrival(
    database: Database, trips: Trips
) -> None:
    with database.reading() as session:
        many_rows.insert_new(
            session, progress, [{"source": "contract", "subject": "a", "sequence": 1}]
        )
        assert trips.taken == 0
        assert session.scalars(select(progress.c.subject)).all() == ["a"]
        assert trips.taken == 1
        with Session(database.engine) as other:
            assert other.scalars(select(progress.c.subject)).all() == ["a"]


def test_many_in_one_statement_come_after_what_waits(database: Database) -> None:
    with database.transaction() as session:
        keep(session, "one")
        session.connection().exec_driver_sql(
            "update answers set fingerprint = %(to)s where command_id = %(id)s",
            [{"to": "g", "id": "one"}, {"to": "h", "id": "two"}],
        )
    with database.reading() as session:
        assert session.scalar(select(answers.c.fingerprint)) == "g"


def test_locks_may_be_taken_on_the_way(database: Database, trips: Trips) -> None:
    locking = text("select pg_advisory_xact_lock(1)").execution_options(**UNANSWERED)
    with database.transaction() as session:
        session.execute(locking)
        held = session.scalar(text("select count(*) from pg_locks where locktype = 'advisory'"))
        assert (held, trips.taken) == (1, 1)


def test_ids_and_moments_arrive_as_they_were(database: Database) -> None:
    """They are written into the statement where it is made, not where it is sent."""
    id: UUID = uuid4()
    moment = datetime(2026, 3, 29, 1, 30, 0, 123456, tzinfo=UTC)
    with database.transaction() as session:
        session.execute(
            insert(answers).values(
                command_id=str(id),
                fingerprint="50 % of %s; -- '",
                answer={"%": ["'", ";"]},
                recorded_at=moment,
            )
        )
    with database.reading() as session:
        row = session.execute(select(answers)).one()
    assert (row.command_id, row.fingerprint) == (str(id), "50 % of %s; -- '")
    assert (row.answer, row.recorded_at) == ({"%": ["'", ";"]}, moment)
