"""How much one client, and all of them together, may ask of the server."""

import resource
from dataclasses import dataclass

#: Files that the process needs for itself: databases, broker, logs.
OWN_FILES = 200


@dataclass(frozen=True)
class Limits:
    """Seconds are of the whole, not of each byte: a client that trickles gains nothing."""

    #: Connections at a time, in all and from one address.
    connections: int = 1000
    connections_of_address: int = 200
    #: Bytes of request line and headers together, and of the target alone.
    head_bytes: int = 32 * 1024
    target_bytes: int = 8 * 1024
    headers: int = 100
    #: From the first byte (of a new connection: from its beginning) to the end of the headers.
    head_seconds: float = 10.0
    #: From the first read of the body to its end.
    body_seconds: float = 60.0
    #: Between an answer and the first byte of the next request.
    idle_seconds: float = 60.0
    #: For each piece of an answer to be taken, see `connection.PIECE`.
    write_seconds: float = 30.0
    #: For requests that are worked on when the server stops.
    stop_seconds: float = 3.0

    @property
    def connections_here(self) -> int:
        """As many as the process has files for."""
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft == resource.RLIM_INFINITY:
            return self.connections
        return max(1, min(self.connections, soft - OWN_FILES, soft // 2))
