"""A RabbitMQ cluster whose nodes can be killed, and cut off from each other."""

from contextlib import ExitStack
from pathlib import Path
from typing import Self

from infra.local.rabbitmq_cluster import is_whole, sight, start_cluster, start_together
from infra.local.rabbitmq_node import PrivateNode
from tests.office import until
from tests.reliability.kit.proxy import Proxy, Switchboard

#: Seconds within which every queue has all its members again once all nodes run and are reached.
WHOLE_AGAIN = 120.0
#: Seconds after which a node that does not serve is started anew.
PATIENCE_WITH_A_NODE = 40.0


class Cluster:
    """Three nodes behind one address; as much of a `Broker` as a stage needs.

    The address leads each new connection to the next node and knows nothing of their health, as a
    plain load balancer does. Between any two nodes lies a network of ours for each direction in
    which they may connect.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._opened = ExitStack()
        self._roads: dict[frozenset[str], list[Proxy]] = {}
        #: Those on which everything is swallowed.
        self._lost: list[Proxy] = []

    def start(self) -> None:
        """Whole again: every node runs and sees the others, every queue has all its members.

        A node that does not come back by itself is started anew, as an operator or a liveness probe
        would. One of RabbitMQ 3.10 that sees the others again now and then waits for ever in
        Erlang's `global` ("Global hang workaround" in its log), or serves and counts itself alone.
        To go on without it leaves each queue with two members, and without a leader when the next
        node fails.
        """
        while self._lost:
            road = self._lost.pop()
            road.cut()  # what was half open ends now, and not in the midst of what follows
            road.heal()
        start_together(self.nodes)
        for _ in self.nodes:
            try:
                self._becomes_whole(PATIENCE_WITH_A_NODE)
                return
            except AssertionError:
                stranger = min(self.nodes, key=sight)
                print(f"{stranger.name} does not come back and is started anew")
                stranger.kill()
                start_together(self.nodes)
        self._becomes_whole(WHOLE_AGAIN)

    def _becomes_whole(self, seconds: float) -> None:
        until(lambda: is_whole(self.nodes), "every queue having all members", seconds, every=1)

    def cut_off(self, node: PrivateNode) -> None:
        """What it says to other nodes is swallowed, and what they say to it; clients reach it."""
        for ends, roads in self._roads.items():
            if node.name in ends:
                for road in roads:
                    road.black_hole()
                self._lost += roads

    def __enter__(self) -> Self:
        switchboard = self._opened.enter_context(Switchboard())

        def road(node: PrivateNode, other: PrivateNode) -> int:
            made = switchboard.to(other.distribution_port)
            self._roads.setdefault(frozenset((node.name, other.name)), []).append(made)
            return made.port

        self.nodes = start_cluster(self._folder, road)
        for node in self.nodes:
            self._opened.enter_context(node)
        port = switchboard.to(*(node.port for node in self.nodes)).port
        self.uri = f"amqp://guest:guest@127.0.0.1:{port}//"
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()
