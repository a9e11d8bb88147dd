"""Row 15: one node of a RabbitMQ cluster of three is killed under load.

All services reach the cluster through one address, as behind a load balancer that gives each new
connection to the next node and knows nothing of their health. What two nodes can do goes on while
the third is away: facts are told and heard, calls are answered.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, cast

import pytest

from infra.local import rabbitmq
from infra.local.rabbitmq_node import PrivateNode
from shared.errors import Unavailable
from tests.conftest import fresh_postgres_url
from tests.office import until
from tests.reliability.kit.proxy import Switchboard
from tests.reliability.kit.stage import NAMES, RECOVERY, SEED, Stage

pytestmark = pytest.mark.soak


class Cluster:
    """Three nodes behind one address; as much of a `Broker` as a stage needs."""

    def __init__(self, nodes: list[PrivateNode], port: int) -> None:
        self.nodes = nodes
        self.uri = f"amqp://guest:guest@127.0.0.1:{port}//"

    def start(self) -> None:
        """Whole again: every node runs and sees the others."""
        for node in self.nodes:
            node.start()
        until(self._is_whole, "every node seeing the others", RECOVERY, every=0.5)

    def _is_whole(self) -> bool:
        running = "length(rabbit_mnesia:cluster_nodes(running))."
        serving = "rabbit:is_running()."
        return all(
            node.control("eval", running).strip() == str(len(self.nodes))
            and node.control("eval", serving).strip() == "true"
            for node in self.nodes
        )


@pytest.fixture(scope="module")
def cluster(server_folder: Path) -> Iterator[Cluster]:
    nodes = rabbitmq.start_cluster(server_folder / "cluster")
    try:
        with Switchboard() as switchboard:
            yield Cluster(nodes, switchboard.to(*(node.port for node in nodes)).port)
    finally:
        for node in nodes:
            node.kill()


@pytest.fixture(scope="module")
def standing(cluster: Cluster, own_postgres: Any, seed: int) -> Iterator[Stage]:
    url = fresh_postgres_url(own_postgres, NAMES)
    with Stage(cast(Any, cluster), url, Random(seed)) as stage:
        yield stage


@pytest.fixture
def stage(standing: Stage, seed: int) -> Iterator[Stage]:
    print(f"{SEED}={seed}")
    with standing.story() as told:
        yield told


@pytest.mark.parametrize("number", range(3))
def test_a_node_is_killed(stage: Stage, cluster: Cluster, number: int) -> None:
    """Whatever it led or kept is led and kept by the other two; its clients go over to them."""
    with stage.telling():
        cluster.nodes[number].kill()
        goes_on(stage)


def goes_on(stage: Stage) -> None:
    """Wait until new facts of both tellers are heard everywhere, and every service is called."""
    stage.hears_all(stage.tell(20) + stage.tell(20, "consultancy"))
    with stage.calls() as calls:
        for name in NAMES:
            until(partial(answers, calls, name), f"{name} answering", RECOVERY)


def answers(calls: Any, name: str) -> bool:
    try:
        return bool(calls.call(name, "ping"))
    except Unavailable:
        return False
