"""psycopg2's waiting for PostgreSQL, with an end to its patience.

A network or a server that falls silent would hold whoever waits for its answer for ever: under
eventlet not even libpq's own time limit on connecting counts. TCP's keep-alive finds a machine
that has gone, on both sides, so that the server also lets go of the locks of a client that is no
more; the deadline here finds what still holds the connection open and says nothing.
"""

import select
from typing import Any

import psycopg2
from psycopg2 import extensions

#: Seconds to wait for a connection, and for any sign of the answer to one statement.
CONNECT_TIMEOUT = 5.0
ANSWER_TIMEOUT = 60.0
#: Seconds that a command waits for locks that others hold: less than its caller waits for it.
LOCK_TIMEOUT = 4.0
#: Seconds that a transaction may stand still before the server takes it back, with its locks.
IDLE_IN_TRANSACTION = 120.0
#: Seconds after which the server ends the session of a relay that it does not hear any more.
IDLE_WITH_LOCK = 60

#: In seconds; a silent machine counts as gone after 10 + 3 x 5.
_KEEP_ALIVE = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}


class Connection(extensions.connection):
    """A connection that gives up: it is closed, and OperationalError is raised."""

    #: Seconds; None: for statements that may take as long as they like.
    answer_timeout: float | None = None


def connect_args() -> dict[str, Any]:
    """What psycopg2 is to connect with."""
    settings = {f"tcp_{name}": value for name, value in _KEEP_ALIVE.items()} | {
        "timezone": "UTC",
        "idle_in_transaction_session_timeout": int(IDLE_IN_TRANSACTION * 1000),
    }
    return {
        "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
        **_KEEP_ALIVE,
    }


def wait(connection: Any) -> None:
    """psycopg2's wait callback: let others go on until the server has answered."""
    connecting = connection.status == extensions.STATUS_SETUP
    limit = CONNECT_TIMEOUT if connecting else getattr(connection, "answer_timeout", None)
    while (state := connection.poll()) != extensions.POLL_OK:
        sockets = [connection.fileno()]
        if state == extensions.POLL_READ:
            ready = select.select(sockets, [], [], limit)
        else:
            ready = select.select([], sockets, [], limit)
        if not any(ready):
            raise psycopg2.OperationalError(f"the database did not answer for {limit:g} s")


extensions.set_wait_callback(wait)
