"""Reading a connection: for calls, for answers, and for events alike."""

from kombu import Connection

from shared.messaging import broker

#: Messages taken without a break, in which others go on: a database may have answered meanwhile.
AT_A_TIME = 8


class Receiver:
    """Hands what a connection brings to those who consume on it; one task receives, others may
    send, look whether there is more, and interrupt."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        #: kombu's connection would make a new one where this has broken.
        self._transport = connection.connection
        self._is_waiting = False

    def receive(self) -> None:
        """Wait for a message, for a while, then take a few that are there already."""
        try:
            self._wait()
            for _ in range(AT_A_TIME):
                if not self.has_more:
                    break
                self._connection.drain_events(timeout=broker.ROUND)
        except TimeoutError:
            pass
        self._connection.heartbeat_check()

    @property
    def has_more(self) -> bool:
        """Whether a message can be taken without waiting. Raises what broke the connection."""
        return bool(self._transport.has_message())

    def interrupt(self) -> None:
        """End the wait for a message that is going on, if one is: none for the broker's answer."""
        if self._is_waiting:
            self._transport.interrupt()

    def _wait(self) -> None:
        self._is_waiting = True
        try:
            self._connection.drain_events(timeout=broker.longest_wait(self._connection))
        finally:
            self._is_waiting = False
