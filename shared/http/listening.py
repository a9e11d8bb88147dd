"""Ports: opened for one process alone, and refused in words that say what to do."""

import errno
import socket

#: Connections that the system takes for us while we are busy.
BACKLOG = 128


class AddressTaken(Exception):
    """Something else listens there; the message says what to do."""


def listen(host: str, port: int, setting: str) -> socket.socket:
    """A listening socket, which is nobody else's: the port is not shared with another process.

    setting: which names the port. Raises AddressTaken.
    """
    try:
        ((family, kind, _, _, address), *_) = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except socket.gaierror as error:
        raise AddressTaken(f"ENTENTE_HOST is {host!r}, which is not an address.") from error
    listener = socket.socket(family, kind)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise AddressTaken(_why_not(host, port, setting, error)) from error
    return listener


def _why_not(host: str, port: int, setting: str, error: OSError) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return (
                f"Port {port} of {host} is in use: perhaps Entente runs already. Stop what uses "
                f"it, or choose another port by {setting}."
            )
        case errno.EACCES:
            return f"This user may not open port {port}. Choose one above 1023 by {setting}."
        case errno.EADDRNOTAVAIL:
            return f"This machine has no address {host}. Choose another by ENTENTE_HOST."
    return f"Port {port} of {host} cannot be opened: {error.strerror}. Choose another by {setting}."
