"""kombu's AMQP transport, with an end to its patience.

A broker that accepts a connection and then says nothing (it is still starting, or its machine has
gone) would hold whoever waits for its answer for ever: heartbeats are looked at only between
answers. Used for every ``amqp://`` address, by nameko too.
"""

from typing import Any

from kombu.transport import pyamqp

#: Seconds to wait for the broker's answer where the caller names no other limit. It raises
#: TimeoutError, which counts as a broken connection. Shorter than the broker's pause between
#: heartbeats, since each of them starts the wait again.
ANSWER_TIMEOUT = 4.0


class Connection(pyamqp.Connection):
    """A connection whose socket gives up."""

    def connect(self, callback: Any = None) -> Any:
        connected = super().connect(callback)
        self.transport.sock.settimeout(ANSWER_TIMEOUT)
        return connected


class Transport(pyamqp.Transport):
    Connection = Connection
