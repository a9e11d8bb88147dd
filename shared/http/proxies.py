"""Who a request comes from, where proxies stand before us."""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass

#: As some proxies write an address: `192.0.2.1:4711`, `[2001:db8::1]:4711`.
_WITH_PORT = re.compile(r"^(?:([0-9.]+)|\[([0-9A-Fa-f:.]+)\])(?::[0-9]{1,5})?$")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True)
class Origin:
    """address: of the client; scheme and host: as the client used them, "" where not known."""

    address: str
    scheme: str = "http"
    host: str = ""


def is_trusted(address: str, trusted: Sequence[Network]) -> bool:
    parsed = _parsed(address)
    return parsed is not None and any(parsed in network for network in trusted)


def _parsed(address: str) -> Address | None:
    """As proxies and sockets write it: with a port, a zone, or IPv4 within IPv6."""
    bare = _WITH_PORT.sub(r"\1\2", address).partition("%")[0]
    try:
        parsed = ipaddress.ip_address(bare)
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed


def origin(
    peer: str, forwarded_for: str, scheme: str, host: str, trusted: Sequence[Network]
) -> Origin:
    """What the nearest proxies say, as far as they are trusted; what anybody else says is nothing.

    The three texts are the values of X-Forwarded-For, -Proto and -Host. Each proxy adds to their
    end: so the client is the last address there that is no trusted proxy.
    """
    if not is_trusted(peer, trusted):
        return Origin(peer)
    client = peer
    for each in reversed([part.strip() for part in forwarded_for.split(",") if part.strip()]):
        parsed = _parsed(each)
        if parsed is None:
            break
        client = str(parsed)
        if not is_trusted(client, trusted):
            break
    said = scheme.rpartition(",")[2].strip().lower()
    return Origin(
        client, said if said in ("http", "https") else "http", host.rpartition(",")[2].strip()
    )


def counted_as(address: str) -> str:
    """What stands for a client where clients are counted: a network of IPv6 is one client."""
    parsed = _parsed(address)
    if parsed is None:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
