"""Row 15: a node of a RabbitMQ cluster of three fails under load, in each way that nodes have.

All services reach the cluster through one address, as behind a load balancer that gives each new
connection to the next node and knows nothing of their health. What two nodes can do goes on while
the third is away: facts are told and heard, calls are answered. The next node fails only once every
queue has all its members again, as an operator would wait before he touches another; and the first
one only once all queues carry facts and are written down.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, cast

import pytest

from infra.local.rabbitmq_cluster import write_queues_down
from shared.errors import Unavailable
from tests.conftest import fresh_postgres_url
from tests.office import until
from tests.reliability.kit.cluster import Cluster
from tests.reliability.kit.stage import NAMES, RECOVERY, SEED, Stage

pytestmark = pytest.mark.soak


@pytest.fixture(scope="module")
def cluster(server_folder: Path) -> Iterator[Cluster]:
    with Cluster(server_folder / "cluster") as made:
        yield made


@pytest.fixture(scope="module")
def standing(cluster: Cluster, own_postgres: Any, seed: int) -> Iterator[Stage]:
    url = fresh_postgres_url(own_postgres, NAMES)
    with Stage(cast(Any, cluster), url, Random(seed)) as stage:
        stage.settle()
        goes_on(stage)
        write_queues_down(cluster.nodes)
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
        goes_on(stage)
        cluster.nodes[number].kill()
        goes_on(stage)


@pytest.mark.parametrize("number", range(3))
def test_a_node_is_cut_off_from_the_others(stage: Stage, cluster: Cluster, number: int) -> None:
    """It runs, and clients reach it, but it hears no other node, and none hears it. It sees that it
    is the smaller part and sends its clients away, so that nothing is taken twice or apart."""
    with stage.telling():
        goes_on(stage)
        cluster.cut_off(cluster.nodes[number])
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
