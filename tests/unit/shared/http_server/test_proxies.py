"""Who a request comes from: the peer, unless the peer is a proxy that is trusted."""

from collections.abc import Callable
from ipaddress import ip_network
from typing import Any

import pytest

from shared.http.proxies import Origin, counted_as, origin
from tests.unit.shared.http_server.conftest import Client, House

pytestmark = pytest.mark.row("X4")

OURS = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "address"),
    [
        ("203.0.113.9", "198.51.100.7", "203.0.113.9"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "192.0.2.1, 198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "198.51.100.7, 10.0.0.2", "198.51.100.7"),
        ("10.0.0.1", "198.51.100.7, unknown", "10.0.0.1"),
        ("::ffff:10.0.0.1", "2001:db8::1", "2001:db8::1"),
        ("fd00::1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "192.0.2.1, 198.51.100.7, 10.0.0.3, fd00::2, 10.0.0.2", "198.51.100.7"),
        ("10.0.0.1", "198.51.100.7:4711", "198.51.100.7"),
        ("10.0.0.1", "[2001:db8::1]:4711", "2001:db8::1"),
        ("10.0.0.1", "[2001:db8::1]", "2001:db8::1"),
        ("10.0.0.1", "198.51.100.7, 10.0.0.2:80", "198.51.100.7"),
        ("10.0.0.1", "fe80::1%<script>", "fe80::1"),
        ("10.0.0.1", "::ffff:198.51.100.7, ::ffff:10.0.0.2", "198.51.100.7"),
        ("10.0.0.1", "198.51.100.7:4711:4712", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.7, 999.1.1.1", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.7, \xe9", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.7, 'or 1=1", "10.0.0.1"),
        ("10.0.0.1", "010.0.0.1", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.2, 10.0.0.3", "10.0.0.2"),
        ("10.0.0.1", ",, ,", "10.0.0.1"),
    ],
)
def test_the_client_is_the_last_address_that_is_no_trusted_proxy(
    peer: str, forwarded_for: str, address: str
):
    assert origin(peer, forwarded_for, "", "", OURS).address == address


def test_scheme_and_host_are_the_nearest_proxys():
    said = origin("10.0.0.1", "198.51.100.7", "http, https", "forged, office.example", OURS)
    assert said == Origin("198.51.100.7", "https", "office.example")


def test_addresses_of_one_network_of_ipv6_count_as_one():
    assert counted_as("2001:db8::1") == counted_as("2001:db8::ffff")
    assert counted_as("::ffff:192.0.2.1") == "192.0.2.1"


FORWARDED = (
    b"GET / HTTP/1.1\r\nHost: inner\r\nX-Forwarded-For: 198.51.100.7\r\n"
    b"X-Forwarded-Proto: https\r\nX-Forwarded-Host: office.example\r\n\r\n"
)


@pytest.fixture
def told(house: House) -> Callable[[str], dict[str, Any]]:
    def ask(trusted: str) -> dict[str, Any]:
        client: Client = house.open(trusted=trusted)()
        return client.send(FORWARDED).answer().told

    return ask


def test_a_trusted_proxy_is_believed(told: Callable[[str], dict[str, Any]]):
    environ = told("127.0.0.0/8")
    assert environ["REMOTE_ADDR"] == "198.51.100.7"
    assert (environ["wsgi.url_scheme"], environ["HTTP_HOST"]) == ("https", "office.example")


@pytest.mark.parametrize("host", ["a/b", "a@b", "evil.example, a b", "[::1", "a:b", "\xe9"])
def test_a_proxy_that_passes_on_a_host_that_is_none_is_refused(house: House, host: str):
    raw = f"GET / HTTP/1.1\r\nHost: inner\r\nX-Forwarded-Host: {host}\r\n\r\n".encode("latin-1")
    client = house.open(trusted="127.0.0.0/8")().send(raw)
    assert client.answer().status == 400
    assert client.is_ended()


def test_of_two_headers_the_second_follows_the_first(house: House):
    """So a client that sends the header itself stands before what its proxy adds."""
    raw = (
        b"GET / HTTP/1.1\r\nHost: inner\r\nX-Forwarded-For: 192.0.2.1\r\n"
        b"x-forwarded-for: 198.51.100.7\r\nX-Forwarded-Proto: https\r\n"
        b"X-Forwarded-Proto: gopher\r\n"
        b"X_Forwarded_For: 192.0.2.2\r\n\r\n"
    )
    environ = house.open(trusted="127.0.0.0/8")().send(raw).answer().told
    assert (environ["REMOTE_ADDR"], environ["wsgi.url_scheme"]) == ("198.51.100.7", "http")


@pytest.mark.parametrize("trusted", ["", "127.0.0.0/8"])
def test_other_headers_that_name_a_client_are_not_believed(house: House, trusted: str):
    raw = (
        b"GET / HTTP/1.1\r\nHost: inner\r\nForwarded: for=192.0.2.1;proto=https;host=forged\r\n"
        b"X-Real-IP: 192.0.2.1\r\nX-Forwarded: 192.0.2.1\r\nTrue-Client-IP: 192.0.2.1\r\n\r\n"
    )
    environ = house.open(trusted=trusted)().send(raw).answer().told
    assert (environ["REMOTE_ADDR"], environ["wsgi.url_scheme"]) == ("127.0.0.1", "http")
    assert environ["HTTP_HOST"] == "inner"


def test_nobody_else_is(told: Callable[[str], dict[str, Any]]):
    environ = told("")
    assert environ["REMOTE_ADDR"] == "127.0.0.1"
    assert (environ["wsgi.url_scheme"], environ["HTTP_HOST"]) == ("http", "inner")
    assert not [name for name in environ if name.startswith("HTTP_X_FORWARDED")]
