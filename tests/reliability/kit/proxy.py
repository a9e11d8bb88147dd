"""Networks that fail on command: TCP ports between the services and their servers."""

from typing import Any, Literal

from tests.reliability.kit.line_server import LineServer

#: "up" is from the service to the server, "down" is back.
Way = Literal["up", "down", "both"]


class Proxy:
    """A local port that leads to a server, and the faults of the network in between."""

    def __init__(self, switchboard: "Switchboard", port: int) -> None:
        self._switchboard = switchboard
        self.port = port

    def down(self) -> None:
        """Every connection is reset, and so is every new one."""
        self._fail("down")

    def cut(self) -> None:
        """Every connection is reset; new ones are made as ever."""
        self._fail("cut")

    def latency(self, seconds: float) -> None:
        """All that is sent arrives so much later."""
        self._fail("latency", seconds)

    def slow(self, bytes_per_second: int) -> None:
        self._fail("rate", bytes_per_second)

    def black_hole(self, way: Way = "both") -> None:
        """What is sent that way is swallowed, and nobody is told.

        A connection on which something was swallowed stays silent even after `heal`: half open,
        as when a firewall has forgotten it.
        """
        self._fail("swallow", _ways(way))

    def stall(self, way: Way = "both") -> None:
        """What is sent that way waits, and arrives after `heal`."""
        self._fail("hold", _ways(way))

    def half_close(self, way: Way) -> None:
        """Who receives that way sees the connection end; the other does not."""
        self._fail("half_close", _ways(way))

    def heal(self) -> None:
        self._fail("heal")

    def _fail(self, kind: str, value: Any = None) -> None:
        self._switchboard.tell({"port": self.port, "kind": kind, "value": value})


class Switchboard(LineServer):
    """The process that all networks of a stage run in."""

    def __init__(self) -> None:
        super().__init__("tests.reliability.kit.proxy_process")

    def to(self, *ports: int) -> Proxy:
        """A new network to a local server, or to the nodes of a cluster by turns."""
        return Proxy(self, self.tell({"open": ports}))


def _ways(way: Way) -> list[str]:
    return ["up", "down"] if way == "both" else [way]
