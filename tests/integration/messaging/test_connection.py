"""What our connections to RabbitMQ do differently, on a RabbitMQ."""

from typing import Any

import eventlet
import pytest

from shared.messaging import broker


def test_a_wait_for_a_message_ends_in_time_although_heartbeats_come(
    rabbitmq: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker, "HEARTBEAT", 1)  # the broker sends one every half second
    with broker.connect(rabbitmq.uri) as connection:
        connection.channel()
        with eventlet.Timeout(10), pytest.raises(TimeoutError):
            connection.drain_events(timeout=0.9)
