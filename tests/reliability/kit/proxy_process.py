"""The process behind `proxy`: passes bytes between local ports, or fails to, as it is told.

It reads one command a line from its standard input, as JSON, and answers each with a line: the
port for ``{"open": [target ports]}``, else "done". It ends when its input does.
"""

import asyncio
import json
import os
import sys
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

CHUNK = 65536
#: From the client to the server, and back.
WAYS = ("up", "down")


class Link:
    """One connection through a port: its client's end and its server's."""

    def __init__(self, client: Any, server: Any) -> None:
        self.reads = {"up": client[0], "down": server[0]}
        self.writes = {"up": server[1], "down": client[1]}
        #: Ways on which everything is swallowed, for as long as the connection lasts.
        self.swallowing: set[str] = set()

    def abort(self) -> None:
        for writer in self.writes.values():
            writer.transport.abort()

    def close(self, ways: Iterable[str]) -> None:
        """Whoever receives these ways sees the end of the stream; the other way goes on."""
        for way in ways:
            self.swallowing.add(way)
            with suppress(OSError, RuntimeError):
                self.writes[way].write_eof()


class Port:
    """A listening port that leads to a server's, or to those of a cluster by turns."""

    def __init__(self, targets: list[int]) -> None:
        self.targets = deque(targets)
        self.links: set[Link] = set()
        self.gates = {way: asyncio.Event() for way in WAYS}
        self.heal()

    def heal(self) -> None:
        self.refusing = False
        self.latency = 0.0
        #: Bytes a second; 0: as fast as it goes.
        self.rate = 0.0
        self.swallow: set[str] = set()
        for gate in self.gates.values():
            gate.set()

    async def accept(self, reader: Any, writer: Any) -> None:
        if self.refusing:
            writer.transport.abort()
            return
        server = await self._connected()
        if server is None:
            writer.transport.abort()
            return
        link = Link((reader, writer), server)
        self.links.add(link)
        await asyncio.gather(*(self._pump(link, way) for way in WAYS))
        self.links.discard(link)
        link.abort()

    async def _connected(self) -> Any:
        """To the target whose turn it is, else to the next that takes connections."""
        for _ in range(len(self.targets)):
            self.targets.rotate(-1)
            with suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", self.targets[0])
        return None

    async def _pump(self, link: Link, way: str) -> None:
        try:
            while data := await link.reads[way].read(CHUNK):
                await self._pass(link, way, data)
        except OSError:
            if not link.swallowing:
                link.abort()
            return
        await self.gates[way].wait()
        if way not in link.swallowing | self.swallow:
            with suppress(OSError, RuntimeError):
                link.writes[way].write_eof()

    async def _pass(self, link: Link, way: str, data: bytes) -> None:
        await self.gates[way].wait()
        if way in self.swallow:
            link.swallowing.add(way)
        if self.latency:
            await asyncio.sleep(self.latency)
        size = max(1, int(self.rate / 20)) if self.rate else len(data)
        while data and way not in link.swallowing:
            piece, data = data[:size], data[size:]
            try:
                link.writes[way].write(piece)
                await link.writes[way].drain()
            except OSError:
                if not link.swallowing:
                    raise
                link.swallowing.add(way)  # its end is swallowed too: the sender hears nothing
            if self.rate:
                await asyncio.sleep(len(piece) / self.rate)

    def fail(self, kind: str, value: Any) -> None:
        """Begin a fault; see `proxy.Proxy` for what each of them is."""
        match kind:
            case "latency":
                self.latency = value
            case "rate":
                self.rate = value
            case "swallow":
                self.swallow |= set(value)
                self._each_link(lambda link: link.swallowing.update(value))
            case "hold":
                for way in value:
                    self.gates[way].clear()
            case "half_close":
                self._each_link(lambda link: link.close(value))
            case "down":
                self.refusing = True
                self._each_link(Link.abort)
            case "cut":
                self._each_link(Link.abort)
            case _:
                self.heal()

    def _each_link(self, act: Callable[[Link], object]) -> None:
        for link in list(self.links):
            act(link)


async def main() -> None:
    ports: dict[int, Port] = {}
    servers = []
    commands = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(commands), sys.stdin
    )
    while line := await commands.readline():
        command = json.loads(line)
        answer: Any = "done"
        if "open" in command:
            port = Port(command["open"])
            server = await asyncio.start_server(port.accept, "127.0.0.1", 0)
            servers.append(server)
            answer = server.sockets[0].getsockname()[1]
            ports[answer] = port
        else:
            ports[command["port"]].fail(command["kind"], command["value"])
        print(json.dumps(answer), flush=True)
    os._exit(0)  # all connections end with the process


if __name__ == "__main__":
    asyncio.run(main())
