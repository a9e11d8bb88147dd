"""What our connections to RabbitMQ do differently, without a RabbitMQ."""

import socket

import pytest

from shared.messaging import amqp_connection, broker


@pytest.mark.parametrize("scheme", ["amqp", "amqps"])
def test_every_address_of_a_rabbitmq_gets_our_kind_of_connection(scheme: str) -> None:
    transport = broker.connect(f"{scheme}://localhost").get_transport_cls()
    assert transport.Connection is amqp_connection.Connection


def test_after_half_a_frame_nothing_more_is_sent() -> None:
    """Whoever writes next would write into the middle of it; who reads is told at once."""
    ours, theirs = socket.socketpair()
    with ours, theirs:

        def write(frame: bytes) -> None:
            ours.sendall(frame[:2])
            raise TimeoutError

        with pytest.raises(TimeoutError):
            amqp_connection.whole_or_over(ours, write)(b"frame")
        assert (theirs.recv(10), theirs.recv(10)) == (b"fr", b"")
        assert ours.recv(10) == b""
