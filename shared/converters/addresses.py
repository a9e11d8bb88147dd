"""Addresses: hosts, ports and networks; the broker, the databases, the collector."""

import re
from collections.abc import Mapping
from contextlib import suppress
from ipaddress import ip_address, ip_network
from urllib.parse import parse_qsl, urlencode, urlsplit

from shared.converters.plain import whole
from shared.http.proxies import Network

#: The transport inside one process (`shared.messaging.embedded`), used where no broker is named.
EMBEDDED = "embedded://localhost//"
_HOST_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?")


def port(text: str) -> int:
    return whole(text, 1, 65535, "a port")


def port_or_none(text: str) -> int | None:
    return port(text) if text else None


def networks(text: str) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(each, strict=False) for each in _listed(text))
    except ValueError as error:
        raise ValueError("addresses or networks such as 10.0.0.0/8, separated by commas") from error


def hosts(text: str) -> tuple[str, ...]:
    names = tuple(each.lower() for each in _listed(text))
    if not all(_HOST_NAME.fullmatch(each) for each in names):
        raise ValueError("names such as entente.example.org, separated by commas, without ports")
    return names


def host(text: str) -> str:
    with suppress(ValueError):
        return str(ip_address(text))
    if not _HOST_NAME.fullmatch(text):
        raise ValueError("an address such as 127.0.0.1, ::1 or localhost")
    return text


def broker(uri: str) -> str:
    if uri != EMBEDDED and not _is_address(uri, "amqp", "amqps"):
        raise ValueError("like amqp://user:password@host:5672//")
    return uri


def databases(url: str) -> str:
    if url and not url.startswith("sqlite:///") and not _is_address(url, "postgresql+psycopg2"):
        raise ValueError("like postgresql+psycopg2://user:password@host/{service}")
    if url and "{service}" not in url:
        raise ValueError("an address with {service} in it: every service has its own database")
    return url


def collector(address: str) -> str:
    if address and not address.startswith(("http://", "https://")):
        raise ValueError("like http://collector:4318")
    return address


def with_parameters(address: str, more: Mapping[str, str]) -> str:
    """An address with parameters, in place of those that it has of the same names."""
    wanted = {name: value for name, value in more.items() if value}
    if not wanted:
        return address
    base, _, query = address.partition("?")
    kept = [each for each in parse_qsl(query, keep_blank_values=True) if each[0] not in wanted]
    return f"{base}?{urlencode([*kept, *wanted.items()])}"


def _is_address(text: str, *schemes: str) -> bool:
    """Whether it names a host, or leaves it to the default, and a port that can be."""
    try:
        parts = urlsplit(text)
        number = parts.port
    except ValueError:
        return False
    is_clean = not any(each.isspace() for each in text)
    return parts.scheme in schemes and is_clean and (number is None or 0 < number < 65536)


def _listed(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]
