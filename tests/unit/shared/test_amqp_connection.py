"""What our connections to RabbitMQ do differently, without a RabbitMQ."""

import socket
from collections.abc import Iterator
from contextlib import suppress
from struct import pack

import eventlet
import pytest
from amqp.exceptions import UnexpectedFrame

from shared.messaging import amqp_connection, broker
from shared.messaging.amqp_connection import BufferedTransport, Frame, Writer


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
            Writer(ours, write)(b"frame")
        assert (theirs.recv(10), theirs.recv(10)) == (b"fr", b"")
        assert ours.recv(10) == b""


def test_what_is_written_together_leaves_in_one_piece() -> None:
    pieces: list[bytes] = []
    writer = Writer(None, pieces.append)
    memory = bytearray(b"answer")
    with writer.together():
        writer(memoryview(memory))
        memory[:] = b"ack..."  # py-amqp writes each frame into the same memory
        writer(memoryview(memory))
        assert pieces == []
    assert pieces == [b"answerack..."]
    with writer.together():
        pass
    writer(b"next")
    assert pieces == [b"answerack...", b"next"]


def test_what_fails_half_way_is_not_written_at_all() -> None:
    pieces: list[bytes] = []
    writer = Writer(None, pieces.append)
    with suppress(KeyError), writer.together():
        writer(b"half")
        raise KeyError
    writer(b"next")
    assert pieces == [b"next"]


def test_others_do_not_wait_for_what_a_task_holds_back() -> None:
    """A heartbeat goes out meanwhile; and nobody writes into the middle of another's frames."""
    pieces: list[bytes] = []

    def write(frames: bytes) -> None:
        pieces.append(frames[:1])
        eventlet.sleep()
        pieces.append(frames[1:])

    writer = Writer(None, write)
    with writer.together():
        writer(b"(answer")
        eventlet.spawn(writer, b"(heartbeat)").wait()
        assert b"".join(pieces) == b"(heartbeat)"
        other = eventlet.spawn(writer, b"(heartbeat)")
        eventlet.sleep()
        writer(b"ack)")
    other.wait()
    assert b"".join(pieces) == b"(heartbeat)" * 2 + b"(answerack)"


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
