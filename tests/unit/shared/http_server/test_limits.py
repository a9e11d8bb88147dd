"""Nobody can take more of the server than their share: connections, memory, time."""

import resource
import time
from collections.abc import Callable, Iterator

import pytest

from tests.office import until
from tests.unit.shared.http_server.conftest import GET, Client, House

pytestmark = pytest.mark.row("X4")

Connect = Callable[[], Client]


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"GET /" + b"a" * 9_000, 414),
        (b"GET /" + b"a" * 8_200 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 40_000, 431),
        (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: a\r\n" * 200 + b"\r\n", 431),
        (b"A" * 10_000, 414),
    ],
)
def test_a_head_is_bounded(connect: Connect, raw: bytes, status: int):
    client = connect().send(raw)
    assert client.answer().status == status
    assert client.is_ended()


def trickle(client: Client, raw: bytes) -> float:
    """Send a byte at a time until the server ends it; the seconds for which it could be done."""
    began = time.monotonic()
    client.socket.settimeout(0.05)
    for at in range(len(raw)):
        try:
            client.socket.sendall(raw[at : at + 1])
            client.socket.recv(1000)
            break
        except TimeoutError:
            continue
        except ConnectionError:
            break
    return time.monotonic() - began


@pytest.mark.parametrize(
    "before",
    [
        b"GET / HTTP/1.1\r\nHost: a\r\nX: ",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;",
    ],
    ids=["head", "body", "chunk line"],
)
def test_a_byte_at_a_time_is_not_waited_for(connect: Connect, before: bytes):
    assert trickle(connect().send(before), b"1" * 400) < 10


def test_silence_is_not_waited_for(connect: Connect):
    assert connect().is_ended()
    client = connect().send(GET)
    client.answer()
    assert client.is_ended()


def test_who_does_not_take_the_answer_is_not_waited_for(connect: Connect, house: House):
    connect().send(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
    others = [connect() for _ in range(7)]
    until(lambda: others[0].is_ended(), "the others having ended")
    assert connect().send(GET).answer().status == 200


#: A request on which the application works until `House.end_work`.
BUSY = b"GET /works HTTP/1.1\r\nHost: a\r\n\r\n"


def test_one_address_has_its_share(house: House):
    connect = house.open(connections_of_address=3)
    first = [connect().send(BUSY) for _ in range(3)]
    until(lambda: connect().answer().status == 429, "all being busy")
    house.end_work()
    assert [each.answer().status for each in first] == [200] * 3
    assert connect().send(GET).answer().status == 200


def test_a_trusted_proxy_stands_for_many(house: House):
    connect = house.open(connections_of_address=3, trusted="127.0.0.1")
    busy = [connect().send(BUSY) for _ in range(5)]
    house.end_work()
    assert [each.answer().status for each in busy] == [200] * 5


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET / HTTP/1.1\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n",
        b"POST /unread HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n",
        b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n",
        b"no request\r\n\r\n",
    ],
    ids=[
        *("silent", "slow head", "slow body", "body that is not wanted", "answer not taken"),
        "refused, and stays",
    ],
)
def test_who_keeps_the_server_waiting_makes_room_for_others(house: House, sent: bytes):
    connect = house.open(
        connections_of_address=3, connections=3, head_seconds=30, body_seconds=30, write_seconds=30
    )
    for _ in range(20):
        connect().send(sent)
    assert connect().send(GET).answer().status == 200


def test_where_all_connections_are_taken_the_longest_idle_one_makes_room(house: House):
    connect = house.open(connections=3, idle_seconds=30)
    first, *_ = clients = [connect() for _ in range(3)]
    for each in clients:
        assert each.send(GET).answer().status == 200
    assert connect().send(GET).answer().status == 200
    assert first.is_ended()


def test_where_all_connections_are_busy_the_next_is_sent_away(house: House):
    connect = house.open(connections=2)
    for _ in range(2):
        connect().send(BUSY)
    until(lambda: connect().answer().status == 503, "all connections being busy")


@pytest.fixture
def few_files() -> Iterator[None]:
    """This process may open hardly any more files."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def connect_often(connect: Connect) -> None:
    for _ in range(50):
        connect()


@pytest.mark.usefixtures("few_files")
def test_the_server_survives_that_no_file_is_left(connect: Connect):
    waiting = connect()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = max(connect().socket.fileno() for _ in range(2))
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 1, hard))
    try:
        with pytest.raises(OSError, match="Too many open files"):
            connect_often(connect)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    waiting.close()
    until(lambda: connect().send(GET).answer().status == 200, "the server answering again")


def test_it_stops_within_seconds_whatever_clients_do(house: House):
    connect = house.open(idle_seconds=60, head_seconds=60)
    clients = [connect() for _ in range(3)]
    clients[0].send(GET).answer()
    clients[1].send(b"GET / HT")
    clients[2].send(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
    assert house.stop() < 5
