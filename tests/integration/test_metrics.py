"""What Prometheus is told of a platform at work, in either profile."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from infra.local.processes import free_port
from services.registry import SERVICES
from shared import settings as configuration
from shared.desk import Desk
from shared.errors import NotFound, Unavailable
from shared.messaging.metrics import MeasuredCalls, Measurements
from shared.messaging.service_calls import ServiceCalls
from tests.office import Office


def told(address: str) -> dict[tuple[str, ...], float]:
    """Every sample, by its name and the values of its labels."""
    text = requests.get(f"{address}/metrics", timeout=10).text
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_the_gateway_tells_how_every_service_of_its_process_stands(office: Office) -> None:
    office.do("propose_partner", legal_name="Al-Quds University", country="PS", sector="university")
    office.settle()
    found = told(office.operations)
    assert {name: found["entente_database_up", name] for name in SERVICES} == dict.fromkeys(
        SERVICES, 1
    )
    assert found["entente_published_events_total", "partner"] == 1
    assert found["entente_applied_events_total", "insight", "partner"] == 1
    assert found["entente_batch_apply_seconds_count", "insight", "partner"] >= 1
    assert found["entente_unpublished_events", "partner"] == 0
    assert found["entente_lag_events", "insight", "partner"] == 0
    assert found["entente_lag_seconds", "insight", "partner"] == 0
    assert found["entente_held_events", "insight", "partner", "dead"] == 0
    assert found["entente_loop_silence_seconds", "partner", "contract"] < 5
    assert found["entente_database_connections_limit", "finance"] > 1
    assert found["entente_workers_limit", "finance"] == 10
    assert found["entente_rpc_seconds_count", "partner", "log_window", "insight"] >= 1
    assert any(name == "process_resident_memory_bytes" for name, *_ in found)


def test_a_process_shows_its_measurements_at_a_port_of_their_own(tmp_path: Path) -> None:
    port = free_port()
    settings = configuration.read(
        {"ENTENTE_DATA_DIR": str(tmp_path), "ENTENTE_OPERATIONS_PORT": str(port)}
    )
    with Office(settings, ("partner",)):
        assert told(f"http://127.0.0.1:{port}")["entente_unpublished_events", "partner"] == 0


def test_a_call_under_way_is_a_worker_in_use(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[dict[tuple[str, ...], float]] = []
    monkeypatch.setattr(Desk, "tick", lambda *_: seen.append(told(office.operations)))
    office.calls.call("finance", "tick", day="2027-01-01")
    assert seen[0]["entente_workers_in_use", "finance"] == 1


class Answering(ServiceCalls):
    """Calls that end as it is told."""

    def __init__(self, *ends: Exception | None) -> None:
        self.ends: Iterator[Exception | None] = iter(ends)

    def call(self, service: str, method: str, **_: Any) -> Any:
        end = next(self.ends)
        if end is not None:
            raise end


def test_a_refusal_is_an_answer_and_silence_is_a_failure() -> None:
    measurements = Measurements()
    ends = (None, NotFound("There is none."), Unavailable("No answer.", rule="deadline"))
    calls = MeasuredCalls(Answering(*ends), "gateway", measurements)
    calls.call("partner", "ask")
    with pytest.raises(NotFound):
        calls.call("partner", "ask")
    with pytest.raises(Unavailable):
        calls.call("partner", "ask")
    labels = {"service": "gateway", "callee": "partner", "method": "ask"}
    registry = measurements.registry
    assert registry.get_sample_value("entente_rpc_seconds_count", labels) == 3
    failed = labels | {"reason": "deadline"}
    assert registry.get_sample_value("entente_rpc_failures_total", failed) == 1
