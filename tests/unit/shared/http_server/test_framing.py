"""Where a request ends is beyond doubt, or the request is refused and the connection with it."""

from collections.abc import Callable

import pytest

from tests.unit.shared.http_server.conftest import GET, Client

pytestmark = pytest.mark.row("X4")

Connect = Callable[[], Client]


def request(*headers: str, body: str = "", line: str = "POST / HTTP/1.1") -> bytes:
    return "\r\n".join([line, *headers, "", body]).encode("latin-1")


HOST = "Host: office.example"
CHUNKED = "Transfer-Encoding: chunked"


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (request(HOST, "Transfer-Encoding: xchunked", body="0\r\n\r\n"), 501),
        (request(HOST, "Transfer-Encoding: chunked, chunked", body="0\r\n\r\n"), 501),
        (request(HOST, "Transfer-Encoding: gzip, chunked", body="0\r\n\r\n"), 501),
        (request(HOST, CHUNKED, CHUNKED, body="0\r\n\r\n"), 501),
        (request(HOST, "Transfer-Encoding: \x0bchunked", body="0\r\n\r\n"), 400),
        (request(HOST, "Transfer-Encoding : chunked", body="0\r\n\r\n"), 400),
        (request(HOST, CHUNKED, "Content-Length: 5", body="0\r\n\r\n"), 400),
        (request(HOST, "Content-Length: 5", CHUNKED, body="0\r\n\r\n"), 400),
        (request(HOST, CHUNKED, line="POST / HTTP/1.0", body="0\r\n\r\n"), 400),
        (request(HOST, "Content-Length: 5", "Content-Length: 6", body="12345"), 400),
        (request(HOST, "Content-Length: 5", "Content-Length: 5", body="12345"), 400),
        (request(HOST, "Content-Length: 5, 5", body="12345"), 400),
        (request(HOST, "Content-Length: +5", body="12345"), 400),
        (request(HOST, "Content-Length: -5", body="12345"), 400),
        (request(HOST, "Content-Length: 0x5", body="12345"), 400),
        (request(HOST, "Content-Length: 5_0", body="12345"), 400),
        (request(HOST, "Content-Length: ", body="12345"), 400),
        (request(HOST, "Content-Length: 5 5", body="12345"), 400),
        (request(HOST, "Content-Length: \xb2", body="12"), 400),
        (request(HOST, "Content-Length: " + "9" * 30), 400),
        (request(HOST, "X-Folded: one", " two"), 400),
        (request(" Host: office.example"), 400),
        (request(HOST, "X-Nul: a\x00b"), 400),
        (request(HOST, "X-Return: a\rb"), 400),
        (request(HOST, "X-Feed: a\nContent-Length: 5", body="12345"), 400),
        (request(HOST, "No colon"), 400),
        (request(HOST, ": no name"), 400),
        (request(HOST, "B(a)d: name"), 400),
        (b"GET / HTTP/1.1\nHost: office.example\n\n", 400),
        (request(), 400),
        (request(HOST, HOST), 400),
        (request("Host: "), 400),
        (request("Host: a/b"), 400),
        (request("Host: user@office.example"), 400),
        (request("Host: office.example, other.example"), 400),
        (request("Host: office.example:80x"), 400),
        (request(HOST, line="GET  / HTTP/1.1"), 400),
        (request(HOST, line="GET /"), 400),
        (request(HOST, line="GET / HTTP/2.0"), 505),
        (request(HOST, line="GET / HTTP/1.10"), 400),
        (request(HOST, line="GET / HTTP/0.9"), 505),
        (request(HOST, line="G@T / HTTP/1.1"), 400),
        (request(HOST, line="get / HTTP/1.1"), 501),
        (request(HOST, line="Post / HTTP/1.1", body=""), 501),
        (b"GET /\r\n\r\n", 400),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        (request(HOST, *(f"X-{n}: a" for n in range(5000))), 431),
        (request(HOST, "Content-Length:", " 5", body="12345"), 400),
        (request(HOST, "Transfer-Encoding: identity", "Content-Length: 5", body="12345"), 501),
        (b"\r\n\r\n", 400),
        (request(HOST, line="GET /\xe9 HTTP/1.1"), 400),
        (request(HOST, line="GET /#part HTTP/1.1"), 400),
        (request(HOST, line="GET other HTTP/1.1"), 400),
        (request(HOST, line="GET * HTTP/1.1"), 400),
        (request(HOST, line="GET ftp://office.example/ HTTP/1.1"), 400),
        (request(HOST, line="GET http://a@b/ HTTP/1.1"), 400),
        (request(HOST, line="GET http:/// HTTP/1.1"), 400),
        (request(HOST, line="CONNECT office.example:443 HTTP/1.1"), 400),
        (request(HOST, "Expect: a miracle"), 417),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
    ],
    ids=repr,
)
def test_an_ambiguous_request_is_refused_and_nothing_after_it_is_served(
    connect: Connect, raw: bytes, status: int
):
    client = connect().send(raw + GET)
    answer = client.answer()
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["connection"] == "close"
    assert client.is_ended()


@pytest.mark.parametrize(
    "body",
    [
        "5\r\n12345X\r\n0\r\n\r\n",
        "+5\r\n12345\r\n0\r\n\r\n",
        "0x5\r\n12345\r\n0\r\n\r\n",
        "5 5\r\n12345\r\n0\r\n\r\n",
        "-1\r\n\r\n",
        "\r\n0\r\n\r\n",
        "FFFFFFFFFFFFFFFFFFFFF\r\n",
        "5\r\n12345\r\n0\r\nbad trailer\r\n\r\n",
        "5;x" + "y" * 20_000,
        "5\n12345\r\n0\r\n\r\n",
        "5\r12345\r\n0\r\n\r\n",
        "2;\nxx\r\n12\r\n0\r\n\r\n",
        " 5\r\n12345\r\n0\r\n\r\n",
    ],
)
def test_a_body_in_wrong_chunks_ends_the_connection(connect: Connect, body: str):
    client = connect().send(request(HOST, CHUNKED, body=body) + GET)
    assert client.answer().status == 500  # this application does not catch what reading raises
    assert client.is_ended()


def test_a_chunked_body_is_read_to_its_end_and_the_next_request_after_it(connect: Connect):
    body = "3;note=x\r\nabc\r\n2\r\nde\r\n0\r\nX-Trailer: 1\r\n\r\n"
    client = connect().send(request(HOST, CHUNKED, body=body) + GET)
    assert client.answer().told["body"] == "abcde"
    assert client.answer().told["REQUEST_METHOD"] == "GET"


def test_trailers_change_nothing(connect: Connect):
    trailers = "Content-Length: 9\r\nHost: forged\r\nCookie: a=b\r\n"
    body = f"5;a=b\r\n12345\r\n0\r\n{trailers}\r\n"
    client = connect().send(request(HOST, CHUNKED, body=body) + GET)
    told = client.answer().told
    assert (told["body"], told["HTTP_HOST"]) == ("12345", "office.example")
    assert "HTTP_COOKIE" not in told
    assert client.answer().status == 200


def test_requests_in_a_row_are_answered_in_their_order(connect: Connect):
    paths = [f"/{number}" for number in range(50)]
    client = connect().send(b"".join(request(HOST, line=f"GET {each} HTTP/1.1") for each in paths))
    assert [client.answer().told["PATH_INFO"] for _ in paths] == paths


def test_a_body_of_a_length_is_read_to_its_end_and_the_next_request_after_it(connect: Connect):
    client = connect().send(request(HOST, "Content-Length: 5", body="abcde") + GET + GET)
    assert client.answer().told["body"] == "abcde"
    assert [client.answer().status for _ in range(2)] == [200, 200]


def test_a_body_that_nobody_read_is_no_request(connect: Connect):
    hidden = GET.decode()
    raw = request(HOST, f"Content-Length: {len(hidden)}", body=hidden, line="POST /unread HTTP/1.1")
    client = connect().send(raw + GET)
    assert client.answer().told["PATH_INFO"] == "/unread"
    assert client.answer().told["PATH_INFO"] == "/"
    client.send(GET)
    assert client.answer().status == 200


def test_a_long_body_that_nobody_read_ends_the_connection_after_the_answer(connect: Connect):
    raw = request(HOST, "Content-Length: 10000000", line="POST /unread HTTP/1.1")
    client = connect().send(raw + b"x" * 300_000)
    assert client.answer().status == 200
    assert client.is_ended()


def test_who_waits_for_100_continue_gets_it_when_the_body_is_read(connect: Connect):
    client = connect().send(request(HOST, "Content-Length: 3", "Expect: 100-continue"))
    assert client.answer().status == 100
    client.send(b"abc")
    assert client.answer().told["body"] == "abc"


def test_who_waits_for_100_continue_in_vain_is_not_waited_for(connect: Connect):
    raw = request(HOST, "Content-Length: 3", "Expect: 100-continue", line="POST /unread HTTP/1.1")
    client = connect().send(raw)
    answer = client.answer()
    assert (answer.status, answer.headers["connection"]) == (200, "close")
    assert client.is_ended()


def test_the_answer_to_head_has_no_body(connect: Connect):
    client = connect().send(request(HOST, line="HEAD / HTTP/1.1") + GET)
    assert int(client.answer(without_body=True).headers["content-length"]) > 0
    assert client.answer().told["REQUEST_METHOD"] == "GET"


def test_http_1_0_needs_no_host_and_ends_after_its_answer(connect: Connect):
    client = connect().send(b"GET /stream HTTP/1.0\r\n\r\n")
    answer = client.answer()
    assert (answer.status, answer.headers["connection"]) == (200, "close")
    assert "transfer-encoding" not in answer.headers


def test_an_answer_in_pieces_is_chunked(connect: Connect):
    client = connect().send(request(HOST, line="GET /stream HTTP/1.1"))
    assert client.answer().body == b"one\ntwo\n"


def test_a_whole_address_names_host_and_path(connect: Connect):
    line = "GET http://other.example:81/a%20b?c=%C3%A9 HTTP/1.1"
    told = connect().send(request(HOST, line=line)).answer().told
    assert told["HTTP_HOST"] == "other.example:81"
    assert (told["PATH_INFO"], told["QUERY_STRING"]) == ("/a b", "c=%C3%A9")


def test_an_offer_of_another_protocol_is_ignored(connect: Connect):
    offer = request(HOST, "Upgrade: h2c", "Connection: Upgrade", line="GET / HTTP/1.1")
    client = connect().send(offer + GET)
    assert [client.answer().status for _ in range(2)] == [200, 200]


def test_a_name_with_an_underscore_does_not_pass_for_another(connect: Connect):
    told = connect().send(request(HOST, "X_Real_Ip: 1.2.3.4", "Content_Length: 7")).answer().told
    assert "HTTP_X_REAL_IP" not in told
    assert told["body"] == ""


def test_what_fails_is_a_500_without_details(connect: Connect):
    client = connect().send(request(HOST, line="GET /fails HTTP/1.1"))
    answer = client.answer()
    assert answer.status == 500
    assert b"asked for" not in answer.body
