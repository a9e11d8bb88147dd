"""What our connections to RabbitMQ do differently, without a RabbitMQ."""

import socket
from collections.abc import Iterator
from contextlib import suppress
from struct import pack

import pytest
from amqp.exceptions import UnexpectedFrame

from shared.messaging import amqp_connection, broker
from shared.messaging.amqp_connection import BufferedTransport, Frame


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


def on_the_wire(frame: Frame, end: bytes = b"\xce") -> bytes:
    kind, channel, payload = frame
    return pack(">BHI", kind, channel, len(payload)) + payload + end


FRAMES: list[Frame] = [(1, 1, b"method"), (2, 1, b""), (3, 70, b"body" * 100)]


@pytest.fixture
def ends() -> Iterator[tuple[BufferedTransport, socket.socket]]:
    """Our transport, which does not wait, and the broker's end of its socket."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(0)
        transport = BufferedTransport("localhost")
        transport.sock, transport.connected = ours, True
        transport._setup_transport()
        yield transport, theirs


Ends = tuple[BufferedTransport, socket.socket]


def test_what_comes_at_once_is_read_frame_by_frame(ends: Ends) -> None:
    transport, theirs = ends
    theirs.sendall(b"".join(map(on_the_wire, FRAMES)))
    assert [transport.read_frame() for _ in FRAMES] == FRAMES
    assert transport.frame_at_hand() is None
    assert not transport._read_buffer


@pytest.mark.parametrize("length", [1, 3, 9, 60])
def test_what_comes_in_pieces_is_read_when_it_is_whole(ends: Ends, length: int) -> None:
    """Who loses patience in between has lost nothing else: the connection goes on."""
    transport, theirs = ends
    sent = b"".join(map(on_the_wire, FRAMES))
    found = []
    for start in range(0, len(sent), length):
        theirs.sendall(sent[start : start + length])
        with suppress(BlockingIOError):
            while True:
                found.append(transport.read_frame())
    assert found == FRAMES
    assert transport.connected


def test_a_frame_without_its_end_is_no_frame(ends: Ends) -> None:
    transport, theirs = ends
    theirs.sendall(on_the_wire(FRAMES[0], end=b"?"))
    with pytest.raises(UnexpectedFrame):
        transport.read_frame()


def test_a_broker_that_closes_ends_the_connection(ends: Ends) -> None:
    transport, theirs = ends
    theirs.shutdown(socket.SHUT_RDWR)
    with pytest.raises(ConnectionResetError):
        transport.read_frame()
    assert not transport.connected
