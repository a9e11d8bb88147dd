"""The head of a request, read strictly: what two programs could read in two ways is refused.

h11 accepts some of what older standards allowed (bare line feeds, folded headers, a length beside
chunks); between a proxy and us that is how requests are smuggled.
"""

import re
from urllib.parse import unquote, urlsplit

import h11

from shared.http.limits import Limits
from shared.http.refusals import Refused

END = b"\r\n\r\n"

#: A line feed without carriage return before it, a carriage return without line feed after it,
#: and a line that continues the one before.
_ODD_LINE = re.compile(rb"(?<!\r)\n|\r(?!\n)|\n[ \t]")
_LENGTH = re.compile(rb"[0-9]{1,18}")
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?")


def check_so_far(head: bytes, limits: Limits, since: int = 0) -> None:
    """Raises Refused as soon as a head, whole or not, is too long or has odd line ends.

    since: up to where it was found in order before.
    """
    if b"\n" not in head[: limits.target_bytes + 32] and len(head) > limits.target_bytes + 32:
        raise Refused(414, f"An address may have at most {limits.target_bytes:,} bytes.")
    if len(head) > limits.head_bytes:
        raise Refused(431, f"Headers may have at most {limits.head_bytes:,} bytes together.")
    # A carriage return at the very end: its line feed may be on the way.
    if _ODD_LINE.search(head.removesuffix(b"\r"), max(0, since - 2)):
        raise Refused(400, "Lines of the head must end in CR LF and must not be folded.")


def read(head: bytes, connection: h11.Connection, limits: Limits) -> h11.Request:
    """The request of a whole head, which ends in END. Raises Refused."""
    check_so_far(head, limits)
    if head.count(b"\r\n") > limits.headers + 2:
        raise Refused(431, f"A request may have at most {limits.headers} headers.")
    connection.receive_data(head)
    try:
        request = connection.next_event()
    except h11.RemoteProtocolError as error:
        raise Refused(error.error_status_hint, str(error)[:200]) from error
    if not isinstance(request, h11.Request):
        raise Refused(400, "The request cannot be read.")
    if request.http_version not in (b"1.0", b"1.1"):
        raise Refused(505, "HTTP/1.0 and HTTP/1.1 are spoken here.")
    if request.method != request.method.upper():  # frameworks take `get` for GET, proxies do not
        raise Refused(501, "Methods are written in capital letters.")
    _check_framing(head, request)
    return request


def _check_framing(head: bytes, request: h11.Request) -> None:
    lines = [line.partition(b":") for line in head.lower().split(b"\r\n")[1:]]
    lengths = [value.strip(b" \t") for name, _, value in lines if name == b"content-length"]
    is_chunked = any(name == b"transfer-encoding" for name, _, _ in lines)
    if len(lengths) > 1 or not all(_LENGTH.fullmatch(each) for each in lengths):
        raise Refused(400, "Content-Length must be one whole number, given once.")
    if is_chunked and lengths:
        raise Refused(400, "Content-Length and Transfer-Encoding exclude each other.")
    if is_chunked and request.http_version == b"1.0":
        raise Refused(400, "HTTP/1.0 has no Transfer-Encoding.")
    for name, _, value in lines:
        if name == b"expect" and value.strip(b" \t") != b"100-continue":
            raise Refused(417, "Of all expectations only 100-continue can be met.")


def target_of(request: h11.Request, limits: Limits) -> tuple[str, str, str]:
    """Path (percent-encoded), query and host of a request. Raises Refused.

    A whole address as target names the host in place of the header, as the standard wants.
    """
    target = request.target.decode("ascii")
    if len(target) > limits.target_bytes:
        raise Refused(414, f"An address may have at most {limits.target_bytes:,} bytes.")
    host = next((value for name, value in request.headers if name == b"host"), b"").decode(
        "latin-1"
    )
    if target.lower().startswith(("http://", "https://")):
        try:
            whole = urlsplit(target)
        except ValueError as error:
            raise Refused(400, "The address cannot be read.") from error
        target = (whole.path or "/") + (f"?{whole.query}" if whole.query else "")
        host = whole.netloc
    is_for_all = target == "*" and request.method == b"OPTIONS"
    if not (target.startswith("/") or is_for_all) or "#" in target:
        raise Refused(400, "The address must begin with / and have no fragment.")
    if host or request.http_version == b"1.1":
        check_host(host)
    path, _, query = target.partition("?")
    if unquote(path).startswith("//"):  # werkzeug takes it for /, a proxy's rules do not
        raise Refused(400, "The address must begin with one / only.")
    return path, query, host


def check_host(host: str) -> None:
    """Raises Refused."""
    if not _HOST.fullmatch(host):
        raise Refused(400, "Host must be a name or an address, with or without port.")
