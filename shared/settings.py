"""Settings from the environment (``ENTENTE_…``), each with a working default, checked at start."""

import dataclasses
import os
import re
import typing
from collections.abc import Callable, Mapping
from contextlib import suppress
from decimal import Decimal
from ipaddress import ip_address, ip_network
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import environ

from shared.http.proxies import Network
from shared.keys import PublicKey, SigningKey
from shared.policies import OutOfBounds

#: The transport inside one process (`shared.messaging.embedded`), used where no broker is named.
EMBEDDED = "embedded://localhost//"

#: Settings that hold secrets: no message repeats their values.
_SECRET = {"call_key", "head_key", "secret_key"}

P = TypeVar("P")

_WITHOUT_PASSWORD = re.compile(r"://.*@")
_RATE = re.compile(r"[1-9][0-9]{0,8}/(second|minute|hour|day)")
_HOST_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?")
#: Python's own numbers also have underscores, exponents and other scripts' digits.
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_WHOLE_NUMBER = re.compile("[0-9]{1,18}")
#: No period that is counted in seconds is longer: a day.
_LONGEST = 86_400


class WrongSetting(Exception):
    """A setting cannot be used; the message names it and says what would be accepted."""


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError("a time zone such as Europe/London") from error


def _port(text: str) -> int:
    return _whole(text, 1, 65535, "a port")


def _port_or_none(text: str) -> int | None:
    return _port(text) if text else None


def _seconds(text: str) -> float:
    value = float(text) if _NUMBER.fullmatch(str(text)) else 0.0
    if not 0 < value <= _LONGEST:
        raise ValueError(f"a number of seconds above 0, up to {_LONGEST}")
    return value


def _count(text: str) -> int:
    return _whole(text, 1, 2**31 - 1, "a whole number")


def _parts(text: str) -> int:
    return _whole(text, 1, 16, "a whole number")


def _whole(text: str, least: int, most: int, what: str) -> int:
    if not _WHOLE_NUMBER.fullmatch(str(text)) or not least <= int(text) <= most:
        raise ValueError(f"{what} from {least} to {most}")
    return int(text)


def _level(name: str) -> str:
    if name.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise ValueError("DEBUG, INFO, WARNING or ERROR")
    return name.upper()


def _rate(text: str) -> str:
    if text and not _RATE.fullmatch(text):
        raise ValueError("requests in a time, such as 600/minute or 20/second")
    return text


def _days(text: str) -> int:
    return _whole(text, 1, 365, "a whole number of days")


def _networks(text: str) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(each, strict=False) for each in _listed(text))
    except ValueError as error:
        raise ValueError("addresses or networks such as 10.0.0.0/8, separated by commas") from error


def _hosts(text: str) -> tuple[str, ...]:
    hosts = tuple(each.lower() for each in _listed(text))
    if not all(_HOST_NAME.fullmatch(each) for each in hosts):
        raise ValueError("names such as entente.example.org, separated by commas, without ports")
    return hosts


def _listed(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]


def _collector(address: str) -> str:
    if address and not address.startswith(("http://", "https://")):
        raise ValueError("like http://collector:4318")
    return address


def _broker(uri: str) -> str:
    if uri != EMBEDDED and not _is_address(uri, "amqp", "amqps"):
        raise ValueError("like amqp://user:password@host:5672//")
    return uri


def _databases(url: str) -> str:
    if url and not url.startswith("sqlite:///") and not _is_address(url, "postgresql+psycopg2"):
        raise ValueError("like postgresql+psycopg2://user:password@host/{service}")
    if url and "{service}" not in url:
        raise ValueError("an address with {service} in it: every service has its own database")
    return url


def _is_address(text: str, *schemes: str) -> bool:
    """Whether it names a host, or leaves it to the default, and a port that can be."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    is_clean = not any(each.isspace() for each in text)
    return parts.scheme in schemes and is_clean and (port is None or 0 < port < 65536)


def _host(text: str) -> str:
    with suppress(ValueError):
        return str(ip_address(text))
    if not _HOST_NAME.fullmatch(text):
        raise ValueError("an address such as 127.0.0.1, ::1 or localhost")
    return text


def _folder(text: str) -> Path:
    if not text.strip() or "\0" in text:
        raise ValueError("the path of a folder")
    return Path(text)


def _folder_or_none(text: str) -> Path | None:
    if not text:
        return None
    folder = _folder(text).absolute()
    try:
        there = next(each for each in (folder, *folder.parents) if each.exists())
    except OSError as error:
        raise ValueError("the path of a folder") from error
    if not there.is_dir():
        raise ValueError(f"the path of a folder, and {there} is none")
    return folder


#: Kinds of key with which calls are signed: see `shared.messaging.signing`.
KEY_KINDS = ("people", "services", "tools")


#: What stands in examples, and in keys that somebody made up.
_MADE_UP = ("change", "secret", "passw", "example", "default", "insecure", "qwerty", "entente")


def _strong(key: str) -> str:
    """A key that nobody guesses: long, of many different characters, without a pattern."""
    steps = {ord(b) - ord(a) for a, b in pairwise(key)}
    is_weak = (
        len(key) < 32
        or len(set(key)) < 10
        or len(steps) < 8  # 0123456789…, or as regular
        or key in (key + key)[1:-1]  # a part that is repeated
        or any(word in key.lower() for word in _MADE_UP)
    )
    if key and is_weak:
        raise ValueError(
            "at least 32 random characters; make them by: "
            'python3 -c "import secrets; print(secrets.token_urlsafe(32))"'
        )
    return key


def _pem(kind: str) -> Callable[[str], str]:
    """A converter for the path of a PEM file with a part of this kind in it."""

    def check(path: str) -> str:
        if not path:
            return ""
        try:
            content = Path(path).read_text(encoding="ascii", errors="replace")
        except (OSError, ValueError) as error:
            raise ValueError("the path of a file that this user can read") from error
        if not re.search(rf"-----BEGIN [A-Z ]*{kind}-----", content):
            raise ValueError(f"the path of a PEM file with a {kind.lower()}")
        return str(Path(path).resolve())

    return check


_certificate, _key_file = _pem("CERTIFICATE"), _pem("PRIVATE KEY")


def _private_key(text: str) -> str:
    """Stays text: a settings object may be shown."""
    if text:
        SigningKey.from_text(text)
    return text


def _call_keys(text: str) -> tuple[tuple[str, PublicKey], ...]:
    found = []
    for part in text.replace(",", " ").split():
        kind, _, key = part.partition("=")
        if kind not in KEY_KINDS:
            raise ValueError("like people=KEY services=KEY tools=KEY")
        found.append((kind, PublicKey.from_text(key)))
    if found and {kind for kind, _ in found} != set(KEY_KINDS):
        raise ValueError("at least one key each for people, services and tools")
    return tuple(found)


def _public_keys(text: str) -> tuple[PublicKey, ...]:
    return tuple(PublicKey.from_text(each) for each in text.replace(",", " ").split())


@environ.config(prefix="ENTENTE")
class Settings:
    """What an office sets for its installation; the services' own numbers are in their policies."""

    data_dir: Path = environ.var("data", converter=_folder, help="Folder of the embedded databases")
    host: str = environ.var(
        "127.0.0.1", converter=_host, help="Address on which the gateway listens"
    )
    port: int = environ.var("8000", converter=_port, help="Port on which the gateway listens")
    amqp_uri: str = environ.var(
        EMBEDDED,
        converter=_broker,
        help="RabbitMQ, as amqp://user:password@host:5672//; default: inside the process",
    )
    database_url: str = environ.var(
        "",
        converter=_databases,
        help="Databases, with {service} for the service's name, as "
        "postgresql+psycopg2://user:password@host/{service}; default: SQLite in the data folder",
    )
    broker_ca: str = environ.var(
        "",
        converter=_certificate,
        help="File with the certificates (PEM) that vouch for the broker, where ENTENTE_AMQP_URI "
        "begins with amqps://; default: those of the system",
    )
    broker_certificate: str = environ.var(
        "",
        converter=_certificate,
        help="File with the certificate (PEM) that the broker is shown; default: none",
    )
    broker_key: str = environ.var(
        "", converter=_key_file, help="File with the private key of ENTENTE_BROKER_CERTIFICATE"
    )
    database_ca: str = environ.var(
        "",
        converter=_certificate,
        help="File with the certificates (PEM) that vouch for PostgreSQL; it is then reached over "
        "TLS alone, and must be the host that is named (verify-full); default: as the parameters "
        "of ENTENTE_DATABASE_URL say",
    )
    database_certificate: str = environ.var(
        "",
        converter=_certificate,
        help="File with the certificate (PEM) that PostgreSQL is shown; default: none",
    )
    database_key: str = environ.var(
        "", converter=_key_file, help="File with the private key of ENTENTE_DATABASE_CERTIFICATE"
    )
    operations_port: int | None = environ.var(
        "",
        converter=_port_or_none,
        help="Port for operators, to be kept from everybody else: /metrics of every process, and "
        "/readyz of the gateway with what is down; default: none",
    )
    trusted_proxies: tuple[Network, ...] = environ.var(
        "",
        converter=_networks,
        help="Addresses or networks of the proxies before the gateway, separated by commas: their "
        "X-Forwarded-For, -Proto and -Host are believed, nobody else's; default: none",
    )
    hosts: tuple[str, ...] = environ.var(
        "",
        converter=_hosts,
        help="Names under which people reach the gateway, separated by commas, as "
        "entente.example.org; requests for other names are refused; default: any name",
    )
    connections: int = environ.var(
        "1000", converter=_count, help="Connections to the gateway at a time, in all"
    )
    connections_of_address: int = environ.var(
        "200",
        converter=_count,
        help="Connections to the gateway at a time from one address that is no trusted proxy",
    )
    zone: ZoneInfo = environ.var(
        "Europe/London",
        converter=_zone,
        help="The office's time zone: what day it is today",
    )
    home_organisation: str = environ.var(
        "University College London; UCL Consultants Ltd; UCL",
        help="Names under which this office appears in published contracts, separated by ;",
    )
    call_deadline: float = environ.var(
        "5",
        converter=_seconds,
        help="Seconds after which a call between services is given up",
    )
    parts: int = environ.var(
        "1",
        converter=_parts,
        help="Parts into which a service divides each source that it reads, up to 16: so many of "
        "its processes read at the same time; 1: all of them take from one queue",
    )
    rate_of_address: str = environ.var(
        "",
        converter=_rate,
        help="Requests that the gateway takes from one address, as 600/minute; default: any number",
    )
    rate_of_token: str = environ.var(
        "",
        converter=_rate,
        help="Requests that the gateway takes with one token, or of one person who is signed in, "
        "as 600/minute; default: any number",
    )
    rate_of_refused: str = environ.var(
        "60/minute",
        converter=_rate,
        help="Requests with unknown or revoked tokens from one address; then they are answered "
        "with 429",
    )
    answer_days: int = environ.var(
        "7",
        converter=_days,
        help="Days for which a repeated Idempotency-Key is given its first answer, up to 365",
    )
    body_limit: int = environ.var("1048576", converter=_count, help="Largest request body in bytes")
    log_level: str = environ.var("INFO", converter=_level, help="DEBUG, INFO, WARNING or ERROR")
    secret_key: str = environ.var(
        "",
        converter=_strong,
        help="Makes the digests under which sessions are kept, at least 32 random characters; "
        "another one ends all sessions; default: made and kept in the data folder",
    )
    call_key: str = environ.var(
        "",
        converter=_private_key,
        help="Private key (Ed25519) with which this process signs its calls to services; default: "
        "made and kept in the data folder",
    )
    call_keys: tuple[tuple[str, PublicKey], ...] = environ.var(
        "",
        converter=_call_keys,
        help="Public keys whose calls the services take, as people=KEY services=KEY tools=KEY, "
        "several of a kind while keys are changed; default: those of the data folder",
    )
    head_key: str = environ.var(
        "",
        converter=_private_key,
        help="Private key (Ed25519) with which services sign the heads of their event logs; "
        "default: made and kept in the data folder",
    )
    head_keys: tuple[PublicKey, ...] = environ.var(
        "",
        converter=_public_keys,
        help="Public keys whose heads are believed beside the own one, separated by commas: where "
        "the own one is not at hand, and earlier ones after a change",
    )
    head_seconds: float = environ.var(
        "600",
        converter=_seconds,
        help="Seconds between two signed heads of an event log that grows",
    )
    heads_dir: Path | None = environ.var(
        "",
        converter=_folder_or_none,
        help="Folder outside the databases in which signed heads are noted as well; default: in "
        "the data folder where the databases are there too, else none",
    )
    stall_seconds: float = environ.var(
        "300",
        converter=_seconds,
        help="Seconds for which the relay or a subscriber may stand still; then the process ends "
        "itself, to be started again. Leave it well above the minute that a database is waited for",
    )
    pulse: str = environ.var(
        "",
        help="File that is touched every few seconds while the services work, for a container's "
        "health check; default: none",
    )

    traces: str = environ.var(
        "",
        converter=_collector,
        help="OpenTelemetry collector to which traces go (OTLP over HTTP), as "
        "http://collector:4318; default: no traces",
    )

    @property
    def is_embedded(self) -> bool:
        return self.amqp_uri.startswith(EMBEDDED)

    @property
    def broker(self) -> str:
        """The broker's address, with what `shared.messaging.broker.connect` needs for TLS."""
        files = {
            "ca": self.broker_ca,
            "certificate": self.broker_certificate,
            "key": self.broker_key,
        }
        return _with_parameters(self.amqp_uri, files)

    @property
    def address(self) -> str:
        """Where a browser on this machine reaches the gateway."""
        host = self.host
        with suppress(ValueError):
            if ip_address(host).is_unspecified:  # listens on every address, and is reached by none
                host = "::1" if ":" in host else "127.0.0.1"
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    def has_database(self, service: str) -> bool:
        """Whether a service's database may be opened: SQLite would create one that is missing, and
        takes an empty file for one.
        """
        file = self.data_dir / f"{service}.db"
        return bool(self.database_url) or (file.is_file() and file.stat().st_size > 0)

    def database_of(self, service: str) -> str:
        """The SQLAlchemy URL of a service's database."""
        if self.database_url:
            files = {
                "sslmode": "verify-full" if self.database_ca else "",
                "sslrootcert": self.database_ca,
                "sslcert": self.database_certificate,
                "sslkey": self.database_key,
            }
            return _with_parameters(self.database_url.replace("{service}", service), files)
        return f"sqlite:///{self.data_dir.resolve()}/{service}.db"


def read(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process. Raises WrongSetting by name."""
    source = dict(os.environ if environment is None else environment)
    for attribute in Settings.__attrs_attrs__:  # type: ignore[attr-defined]
        name = f"ENTENTE_{attribute.name.upper()}"
        if name in source and attribute.converter is not None:
            try:
                attribute.converter(source[name])
            except ValueError as error:
                said = repr(_WITHOUT_PASSWORD.sub("://…@", source[name]))
                if attribute.name in _SECRET:
                    said = "set"
                raise WrongSetting(f"{name} is {said}; it must be {error}.") from error
    settings: Settings = environ.to_config(Settings, environ=source)
    _check_tls(settings)
    return settings


def _check_tls(settings: Settings) -> None:
    """Raises WrongSetting where a file is set that would not be used, or half of what is needed."""
    uses_tls = {
        "broker": settings.amqp_uri.startswith("amqps:"),
        "database": settings.database_url.startswith("postgresql"),
    }
    needed = {
        "broker": "ENTENTE_AMQP_URI does not begin with amqps://",
        "database": "ENTENTE_DATABASE_URL names no PostgreSQL",
    }
    for of, is_used in uses_tls.items():
        prefix = f"ENTENTE_{of.upper()}"
        given = {part: getattr(settings, f"{of}_{part}") for part in ("ca", "certificate", "key")}
        for part, file in given.items():
            if file and not is_used:
                raise WrongSetting(f"{prefix}_{part.upper()} is set, but {needed[of]}.")
        for part, other in (("certificate", "key"), ("key", "certificate")):
            if given[other] and not given[part]:
                raise WrongSetting(
                    f"{prefix}_{part.upper()} is missing: it belongs to "
                    f"{prefix}_{other.upper()}, which is set."
                )
    if settings.database_certificate and not settings.database_ca:
        raise WrongSetting(
            "ENTENTE_DATABASE_CA is missing: without it ENTENTE_DATABASE_CERTIFICATE could be "
            "shown to anybody."
        )


def _with_parameters(address: str, more: Mapping[str, str]) -> str:
    """An address with parameters, in place of those that it has of the same names."""
    wanted = {name: value for name, value in more.items() if value}
    if not wanted:
        return address
    base, _, query = address.partition("?")
    kept = [each for each in parse_qsl(query, keep_blank_values=True) if each[0] not in wanted]
    return f"{base}?{urlencode([*kept, *wanted.items()])}"


def names() -> list[str]:
    """The environment variables of an installation, beside the numbers of the services."""
    return [f"ENTENTE_{each.name.upper()}" for each in Settings.__attrs_attrs__]  # type: ignore[attr-defined]


def names_of_policy(of: type, service: str) -> list[str]:
    """The environment variables of a service's numbers."""
    return [_variable(service, each.name) for each in dataclasses.fields(of)]


def policy(of: type[P], service: str, environment: Mapping[str, str] | None = None) -> P:
    """A service's policy, with what ``ENTENTE_<SERVICE>_<FIELD>`` sets in place of its defaults.

    Lists are separated by commas. Raises WrongSetting by name.
    """
    source = os.environ if environment is None else environment
    hints = typing.get_type_hints(of)
    given: dict[str, Any] = {}
    for item in dataclasses.fields(of):  # type: ignore[arg-type]
        name = _variable(service, item.name)
        if name not in source:
            continue
        try:
            given[item.name] = _parse(source[name], hints[item.name])
        except (ValueError, ArithmeticError) as error:
            raise WrongSetting(
                f"{name} is {source[name]!r}; it must be like {_written(getattr(of(), item.name))}."
            ) from error
    try:
        return of(**given)
    except OutOfBounds as error:
        name = _variable(service, error.field)
        said = source.get(name, getattr(of(), error.field))
        raise WrongSetting(f"{name} is {said!r}; it must be {error.accepted}.") from error


def _variable(service: str, field: str) -> str:
    return f"ENTENTE_{service.upper()}_{field.upper()}"


def _written(value: Any) -> str:
    """A number of a policy as `_parse` reads it."""
    if isinstance(value, tuple):
        return ",".join(map(_written, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _parse(text: str, hint: Any) -> Any:
    if typing.get_origin(hint) is tuple:
        return tuple(_parse(part.strip(), typing.get_args(hint)[0]) for part in text.split(","))
    if hint is bool:
        if text.lower() not in ("true", "false"):
            raise ValueError(text)
        return text.lower() == "true"
    if hint in (int, Decimal) and not _NUMBER.fullmatch(text):
        raise ValueError(text)
    if hint in (int, str, Decimal):
        return hint(text)
    raise TypeError(f"a policy cannot hold {hint}")
