"""Who a request comes from, where proxies stand before us."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True)
class Origin:
    """address: of the client; scheme and host: as the client used them, "" where not known."""

    address: str
    scheme: str = "http"
    host: str = ""


def is_trusted(address: str, trusted: Sequence[Network]) -> bool:
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    return any(parsed in network for network in trusted)


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
        try:
            client = str(ipaddress.ip_address(each))
        except ValueError:
            break
        if not is_trusted(client, trusted):
            break
    said = scheme.rpartition(",")[2].strip().lower()
    return Origin(
        client, said if said in ("http", "https") else "http", host.rpartition(",")[2].strip()
    )


def counted_as(address: str) -> str:
    """What stands for a client where clients are counted: a network of IPv6 is one client."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
