"""Connections to a database: which are used, and which errors say that it is away."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared import patience
from shared.database import Database, is_down
from tests.reliability.kit.proxy import Proxy, Switchboard


def raised(database: Database, code: str) -> DBAPIError:
    """What comes of a statement that the server answers with this SQLSTATE."""
    statement = f"do $$ begin raise exception 'told to' using errcode = '{code}'; end $$"
    with pytest.raises(DBAPIError) as error, database.transaction() as session:
        session.execute(text(statement))
    return error.value


@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
@pytest.mark.parametrize("code", ["08006", "25006", "53100", "53200", "57P01", "58030"])
def test_a_server_without_room_or_on_its_way_down_is_away(database: Database, code: str) -> None:
    assert is_down(raised(database, code))


@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
@pytest.mark.parametrize("code", ["22001", "40001", "54000", "57014"])
def test_a_limit_that_one_statement_exceeds_is_no_outage(database: Database, code: str) -> None:
    """psycopg2 has one class for both. An event taken for an outage would be tried for ever, and
    all others would wait behind it."""
    assert not is_down(raised(database, code))


@pytest.fixture
def network(postgres: Any) -> Iterator[Proxy]:
    with Switchboard() as switchboard:
        yield switchboard.to(postgres.port)


@pytest.fixture
def distant(postgres: Any, network: Proxy, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A database behind a network, for which nobody waits long."""
    monkeypatch.setattr(patience, "ANSWER_TIMEOUT", 0.3)
    monkeypatch.setattr(patience, "CONNECT_TIMEOUT", 0.3)
    port = str(urlsplit(postgres.uri).port)
    with closing(Database(postgres.uri.replace(port, str(network.port)))) as database:
        yield database


def answers(database: Database) -> bool:
    with database.reading() as session:
        return session.scalar(text("select 1")) == 1


def test_a_database_that_falls_silent_is_given_up(distant: Database, network: Proxy) -> None:
    """The network swallows what it says, and it is as if it were away: for the connection that
    there is, and for a new one. Afterwards a new connection is made."""
    assert answers(distant)
    network.black_hole("down")
    for _ in range(2):
        with pytest.raises(DBAPIError) as error:
            answers(distant)
        assert is_down(error.value)
    network.heal()
    assert answers(distant)


def test_a_statement_that_takes_its_time_is_waited_for(postgres: Any) -> None:
    """Where the caller has said so, as for migrations."""
    with closing(Database(postgres.uri, patient=True)) as database, database.reading() as session:
        connection = session.connection().connection.dbapi_connection
        assert connection is not None
        assert connection.answer_timeout is None


@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
def test_who_is_alone_keeps_to_one_connection(database: Database) -> None:
    """Its process on the server has at hand what the last transaction needed."""

    def server_process() -> int:
        with database.reading() as session:
            return int(session.scalar(text("select pg_backend_pid()")))

    with ExitStack() as crowd:
        for _ in range(3):
            crowd.enter_context(database.reading()).connection()
    assert len({server_process() for _ in range(5)}) == 1
