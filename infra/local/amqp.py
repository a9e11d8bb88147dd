"""Whether an AMQP server takes connections: an open port alone does not say so."""

from amqp.exceptions import AMQPError
from kombu import Connection


def accepts_connections(uri: str) -> bool:
    """True once the server has let the user of `uri` in."""
    connection = Connection(uri, connect_timeout=2)
    try:
        connection.connect()
    except (OSError, AMQPError):
        return False
    finally:
        connection.release()
    return True
