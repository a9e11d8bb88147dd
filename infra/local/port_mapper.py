"""Telling Erlang's port mapper (epmd) where a node is to be found, in the node's stead.

A node asks the mapper on its own side for the port of another: if each node has a mapper of its
own, each road from one node to another can lead through a port of ours.
"""

import socket
import struct

from infra.local.processes import ServerUnavailable

_REGISTER = 120  # ALIVE2_REQ
_ORDINARY_NODE, _TCP = 77, 0
#: The versions of the distribution protocol that Erlang 23 to 28 speak.
_HIGHEST, _LOWEST = 6, 5


def register(mapper: int, node: str, port: int) -> socket.socket:
    """Whoever asks the mapper at port `mapper` for `node` is told `port`, until this is closed."""
    name = node.partition("@")[0].encode()
    request = (
        struct.pack(">BHBBHHH", _REGISTER, port, _ORDINARY_NODE, _TCP, _HIGHEST, _LOWEST, len(name))
        + name
        + struct.pack(">H", 0)
    )
    line = socket.create_connection(("127.0.0.1", mapper), timeout=10)
    line.sendall(struct.pack(">H", len(request)) + request)
    answer = line.recv(16)
    if len(answer) < 2 or answer[1] != 0:
        line.close()
        raise ServerUnavailable(f"the port mapper refuses {node}: another node has that name")
    return line
