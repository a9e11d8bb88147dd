"""What somebody tries who looks for a way around the door: addresses, hosts, methods, origins."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_network
from typing import Any

import pytest
from flask.testing import FlaskClient

from shared.http.listening import listen
from shared.http.server import Server
from tests.unit.gateway.conftest import Gateway
from tests.unit.gateway.test_signing_in import audited
from tests.unit.shared.http_server.conftest import LIMITS, Answer, Client

pytestmark = pytest.mark.row("X6")

#: Sends the lines of a head to the gateway as it is served.
Door = Callable[..., Answer]


@pytest.fixture
def door(gateway: Gateway) -> Iterator[Door]:
    with opened(gateway) as door:
        yield door


@contextmanager
def opened(gateway: Gateway, trusted: str = "") -> Iterator[Door]:
    """The gateway on a socket; trusted: the network of its proxies."""
    listener = listen("127.0.0.1", 0, "ENTENTE_PORT")
    networks = [ip_network(trusted)] if trusted else []
    server = Server(listener, gateway.app.wsgi_app, LIMITS, networks)
    server.start()
    client = Client(listener.getsockname()[1])

    def asks(*lines: str, body: str = "") -> Answer:
        return client.send("\r\n".join([*lines, "", body]).encode("latin-1")).answer()

    yield asks
    client.close()
    server.stop()


@pytest.mark.parametrize(
    "path",
    [
        *(
            "//metrics",
            "/%2e%2e/metrics",
            "/..%2fmetrics",
            "/./metrics",
            "/metrics;a",
            "/%6detrics",
        ),
        *("/assets/../app.py", "/assets/%2e%2e/app.py", "/assets/..%2f..%2fapp.py", "/assets/"),
        *("/%00", "/enter%00", "/assets/entente.css%00", "/livez%00", "/api/v1/openapi.json%00"),
        *("/%ff", "/%", "/%zz", "/%5c..%5capp.py", "//evil.example/", "/%2f%2fevil.example/"),
        *(
            "/api/v1//notes",
            "//api/v1/notes",
            "/%2Fapi/v1/notes",
            "/api/v1/%2e%2e/v1/notes",
            "/problems/%0d%0aX:%20y",
        ),
        *(
            "/LIVEZ",
            "/livez/",
            "/partners/%0a",
            "/partners/00000000-0000-0000-0000-000000000000%00",
        ),
    ],
)
def test_no_way_of_writing_an_address_leads_past_the_routes(door: Door, path: str) -> None:
    answer = door(f"GET {path} HTTP/1.1", "Host: office.example")
    assert answer.status in (400, 404)
    assert "location" not in answer.headers


@pytest.mark.parametrize("path", ["/problems", "/api/v1//notes", "//problems"])
@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000"])
def test_a_forged_host_leads_nobody_away(gateway: Gateway, path: str, host: str) -> None:
    answer = gateway.app.test_client().get(path, headers={"Host": host})
    assert answer.headers.get("Location", "/").startswith("/")
    assert not answer.headers.get("Location", "/").startswith("//")


@pytest.mark.parametrize("host", ["a/b", "a b", "a@b", "a,b", "[::1", "..", "a" * 300])
def test_a_host_that_is_none_is_refused(door: Door, host: str) -> None:
    assert door("GET /enter HTTP/1.1", f"Host: {host}").status == 400


@pytest.mark.parametrize(
    "header",
    [
        *("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X-Original-URL"),
        *("X-Rewrite-URL", "X-Forwarded-Prefix", "X-Forwarded-Host", "X-Script-Name"),
    ],
)
def test_no_header_makes_another_request_of_it(gateway: Gateway, header: str) -> None:
    """The server takes X-Forwarded-Host from trusted proxies alone, and hands it to nobody."""
    client = gateway.app.test_client()
    plain = client.get("/enter")
    for value in ("DELETE", "POST", "/metrics", "evil.example"):
        answer = client.get("/enter", headers={header: value})
        assert (answer.status_code, answer.data) == (200, plain.data)


def test_a_form_field_makes_no_other_method_of_it(gateway: Gateway) -> None:
    client = gateway.app.test_client()
    assert client.post("/enter?_method=GET", data={"_method": "GET"}).status_code == 401


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "OPTIONS", "PUT", "PROPFIND", "X"])
def test_other_methods_are_refused_and_echo_nothing(gateway: Gateway, method: str) -> None:
    answer = gateway.app.test_client().open("/enter", method=method, headers={"X-Told": "secret"})
    assert answer.status_code == 405
    assert b"secret" not in answer.data


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost"])
@pytest.mark.parametrize("method", ["GET", "OPTIONS", "POST"])
def test_no_other_site_reads_an_answer(api: FlaskClient, origin: str, method: str) -> None:
    asked: dict[str, Any] = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
    }
    answer = api.open("/api/v1/notes", method=method, headers=asked)
    assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Purpose": "prefetch;prerender", "Purpose": "prefetch"},
        {"X-Moz": "prefetch"},
        {"User-Agent": "Mozilla/5.0 (compatible; a mail scanner)", "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_who_looks_at_a_sign_in_link_before_its_reader_uses_nothing_up(
    gateway: Gateway, method: str, headers: dict[str, str]
) -> None:
    code, _ = gateway.visits.new_code(gateway.token()["secret"], gateway.calls.last)
    scanner = gateway.app.test_client()
    for path in ("/enter", f"/enter?code={code}", f"/enter?token={code}"):
        scanner.open(path, method=method, headers=headers)
    assert not scanner._cookies
    reader = gateway.app.test_client()
    assert reader.post("/enter", data={"token": code}).status_code == 303


#: What a client writes who wants to pass for somebody else, who came by HTTPS.
FORGED = (
    "X-Forwarded-For: 203.0.113.66",
    "X-Forwarded-Proto: https",
    "Forwarded: for=203.0.113.66;proto=https",
)


def sign_in(door: Door, token: str, *headers: str) -> Answer:
    body = f"token={token}"
    return door(
        *("POST /enter HTTP/1.1", "Host: office.example", *headers),
        *("Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"),
        body=body,
    )


def test_behind_a_trusted_proxy_the_cookie_stays_on_https(gateway: Gateway) -> None:
    token = gateway.token()["secret"]
    with opened(gateway, "127.0.0.0/8") as door:
        answer = sign_in(door, token, *FORGED)
    name, *flags = answer.headers["set-cookie"].split("; ")
    assert name.startswith("__Host-entente=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Strict"} <= set(flags)
    assert not [flag for flag in flags if flag.startswith("Domain")]
    assert "strict-transport-security" in answer.headers


def test_nobody_makes_themselves_a_cookie_of_https(gateway: Gateway, door: Door) -> None:
    answer = sign_in(door, gateway.token()["secret"], *FORGED)
    assert answer.headers["set-cookie"].startswith("entente=")
    assert "strict-transport-security" not in answer.headers


@pytest.mark.parametrize(
    ("trusted", "address"), [("", "127.0.0.1"), ("127.0.0.0/8", "198.51.100.7")]
)
def test_the_audit_names_who_it_was_and_not_who_they_say_they_are(
    gateway: Gateway, trusted: str, address: str
) -> None:
    """The proxy adds the address that it saw to whatever the client had sent."""
    with opened(gateway, trusted) as door:
        assert sign_in(door, "ent_wrong", *FORGED, "X-Forwarded-For: 198.51.100.7").status == 401
    (event,) = audited(gateway, "access_refused")
    assert event["address"] == address
