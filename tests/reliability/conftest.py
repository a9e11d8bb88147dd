"""The stage on which the stories of failure are played; see `tests.reliability.kit`."""

import os
from collections.abc import Iterator
from pathlib import Path
from random import Random, SystemRandom
from typing import Any

import pytest

from infra.local import postgres, rabbitmq
from tests.conftest import fresh_postgres_url
from tests.reliability.kit.stage import NAMES, SEED, Stage


@pytest.fixture(scope="session")
def seed() -> int:
    """What everything random in the stories is made from; it stands in the report of a failure."""
    return int(os.environ.get(SEED) or SystemRandom().randrange(10**6))


@pytest.fixture(scope="session")
def own_broker(server_folder: Path) -> Iterator[Any]:
    """A RabbitMQ that stories may stop, kill and wipe; nobody else's queues are on it."""
    with rabbitmq.start_private(server_folder / "own-rabbitmq") as own:
        yield own


@pytest.fixture(scope="session")
def own_postgres(server_folder: Path) -> Iterator[Any]:
    """A PostgreSQL that stories may restart; nobody else's databases are on it."""
    with postgres.start(server_folder / "own-postgres", {"max_connections": "300"}) as own:
        yield own


@pytest.fixture(scope="session")
def standing_stage(own_broker: Any, own_postgres: Any, seed: int) -> Iterator[Stage]:
    """One stage for all stories: starting its processes takes longer than most of them."""
    with Stage(own_broker, fresh_postgres_url(own_postgres, NAMES), Random(seed)) as stage:
        stage.settle()
        yield stage


@pytest.fixture
def stage(standing_stage: Stage, seed: int) -> Iterator[Stage]:
    print(f"{SEED}={seed}")
    with standing_stage.story() as told:
        yield told
