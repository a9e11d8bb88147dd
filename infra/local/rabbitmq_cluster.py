"""Private RabbitMQ nodes of this machine as one cluster, with a road from each to each other."""

from collections.abc import Callable, Sequence
from itertools import permutations
from pathlib import Path

from infra.local import rabbitmq_package
from infra.local.processes import ServerUnavailable
from infra.local.rabbitmq_node import PrivateNode, server_folder

#: Whether every quorum queue has a leader and all of its members: only then can it lose one.
_QUEUES_ARE_WHOLE = """
lists:all(fun(Queue) ->
    [{_, Members}, {_, Online}, {_, Leader}] =
        rabbit_amqqueue:info(Queue, [members, online, leader]),
    length(Online) == length(Members) andalso Leader =/= ''
end, [Queue || Queue <- rabbit_amqqueue:list(), amqqueue:is_quorum(Queue)]).
"""

_WRITE_QUEUES_DOWN = """
#{names := #{directory_rev := Names}} = ra_system:fetch(quorum_queues), dets:sync(Names).
"""


def start_cluster(
    folder: Path, road: Callable[[PrivateNode, PrivateNode], int], size: int = 3
) -> list[PrivateNode]:
    """`size` new nodes, joined; leave each, as a context manager, when done.

    road: the local port at which the first of two nodes is to find the second.
    """
    if server_folder() is None:
        rabbitmq_package.install()
    folder = Path(folder).resolve()
    nodes = [
        PrivateNode(folder / f"node{number}", name=f"entente{number}")
        for number in range(1, size + 1)
    ]
    first, *others = nodes
    for node in others:
        node.follow(first)
    for node, other in permutations(nodes, 2):
        node.find(other, road(node, other))
    first.start()  # alone: the others look for it when they start
    start_together(nodes)
    return nodes


def start_together(nodes: Sequence[PrivateNode]) -> None:
    """Start those that do not run: side by side, since each may wait for what another has."""
    down = [node for node in nodes if not node.running()]
    for node in down:
        node.launch()
    for node in down:
        node.wait()


def sight(node: PrivateNode) -> int:
    """How many nodes it counts as running, itself among them; 0 where it serves nobody."""
    seen = "case rabbit:is_running() of true -> length(rabbit_mnesia:cluster_nodes(running)); "
    return int(_answer(node, seen + "false -> 0 end.") or 0)


def is_whole(nodes: Sequence[PrivateNode]) -> bool:
    """Whether any one of the nodes may fail now and all queues go on."""
    return all(
        sight(node) == len(nodes) and _answer(node, _QUEUES_ARE_WHOLE) == "true" for node in nodes
    )


def write_queues_down(nodes: Sequence[PrivateNode]) -> None:
    """Return when each node has on disk which quorum queues it has; see `PrivateNode.kill`."""
    for node in nodes:
        node.control("eval", _WRITE_QUEUES_DOWN)


def _answer(node: PrivateNode, expression: str) -> str:
    """Of Erlang's to an expression; nothing where the node does not answer."""
    try:
        return node.control("eval", expression).strip()
    except ServerUnavailable:
        return ""
