"""The body of a request."""

import io
import time
from typing import Any

import h11
from werkzeug.exceptions import BadRequest, ClientDisconnected, RequestTimeout

from shared.http.client_socket import ClientSocket, Gone
from shared.http.limits import Limits

#: Bytes of an unread body that are read away to keep the connection; more of it ends it.
DRAINED = 64 * 1024


class Body(io.RawIOBase):
    """The body of one request, as `wsgi.input` reads it: only as far as it is asked for.

    Raises what the application answers with: BadRequest, RequestTimeout, ClientDisconnected.
    """

    def __init__(self, connection: ClientSocket, messages: h11.Connection, limits: Limits) -> None:
        self._connection = connection
        self._messages = messages
        self._limits = limits
        self._began: float | None = None
        self._data = memoryview(b"")
        self.is_at_end = False

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        if not self._data and not self.is_at_end:
            self._advance()
        taken = self._data[: len(into)]
        into[: len(taken)] = taken
        self._data = self._data[len(taken) :]
        return len(taken)

    def drain(self) -> bool:
        """Read a short rest away; whether that was all."""
        left = DRAINED
        while not self.is_at_end and left > 0:
            self._advance()
            left -= len(self._data)
            self._data = memoryview(b"")
        return self.is_at_end

    def _advance(self) -> None:
        """To the next bytes of the body, or its end."""
        if self._began is None:
            self._began = time.monotonic()
        deadline = self._began + self._limits.body_seconds
        try:
            while True:
                event = self._messages.next_event()
                if event is h11.NEED_DATA:
                    self._invite()
                    self._connection.waiting_since = self._began
                    self._messages.receive_data(self._connection.receive(deadline))
                    self._connection.waiting_since = None
                elif isinstance(event, h11.Data):
                    self._data = memoryview(bytes(event.data))
                    return
                else:
                    self.is_at_end = True
                    return
        except h11.RemoteProtocolError as error:
            raise BadRequest("The body is not framed as announced.") from error
        except TimeoutError as error:
            raise RequestTimeout("The body took too long.") from error
        except (Gone, OSError) as error:
            raise ClientDisconnected from error

    def _invite(self) -> None:
        if self._messages.they_are_waiting_for_100_continue:
            self._connection.send(
                self._messages.send(h11.InformationalResponse(status_code=100, headers=[])) or b""
            )
