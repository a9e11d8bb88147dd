"""Settings from the environment (``ENTENTE_…``), each with a working default, checked at start."""

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from zoneinfo import ZoneInfo

import environ

from shared.converters import addresses, keys, plain
from shared.converters.addresses import EMBEDDED
from shared.http.proxies import Network
from shared.keys import PublicKey

#: Settings that hold secrets: no message repeats their values.
_SECRET = {"call_key", "head_key", "secret_key"}

_WITHOUT_PASSWORD = re.compile(r"://.*@")


class WrongSetting(Exception):
    """A setting cannot be used; the message names it and says what would be accepted."""


@environ.config(prefix="ENTENTE")
class Settings:
    """What an office sets for its installation; the services' own numbers are in their policies."""

    data_dir: Path = environ.var(
        "data", converter=plain.folder, help="Folder of the embedded databases"
    )
    host: str = environ.var(
        "127.0.0.1", converter=addresses.host, help="Address on which the gateway listens"
    )
    port: int = environ.var(
        "8000", converter=addresses.port, help="Port on which the gateway listens"
    )
    amqp_uri: str = environ.var(
        EMBEDDED,
        converter=addresses.broker,
        help="RabbitMQ, as amqp://user:password@host:5672//; default: inside the process",
    )
    database_url: str = environ.var(
        "",
        converter=addresses.databases,
        help="Databases, with {service} for the service's name, as "
        "postgresql+psycopg2://user:password@host/{service}; default: SQLite in the data folder",
    )
    broker_ca: str = environ.var(
        "",
        converter=keys.certificate,
        help="File with the certificates (PEM) that vouch for the broker, where ENTENTE_AMQP_URI "
        "begins with amqps://; default: those of the system",
    )
    broker_certificate: str = environ.var(
        "",
        converter=keys.certificate,
        help="File with the certificate (PEM) that the broker is shown; default: none",
    )
    broker_key: str = environ.var(
        "", converter=keys.key_file, help="File with the private key of ENTENTE_BROKER_CERTIFICATE"
    )
    database_ca: str = environ.var(
        "",
        converter=keys.certificate,
        help="File with the certificates (PEM) that vouch for PostgreSQL; it is then reached over "
        "TLS alone, and must be the host that is named (verify-full); default: as the parameters "
        "of ENTENTE_DATABASE_URL say",
    )
    database_certificate: str = environ.var(
        "",
        converter=keys.certificate,
        help="File with the certificate (PEM) that PostgreSQL is shown; default: none",
    )
    database_key: str = environ.var(
        "",
        converter=keys.key_file,
        help="File with the private key of ENTENTE_DATABASE_CERTIFICATE",
    )
    operations_port: int | None = environ.var(
        "",
        converter=addresses.port_or_none,
        help="Port for operators, to be kept from everybody else: /metrics of every process, and "
        "/readyz of the gateway with what is down; default: none",
    )
    trusted_proxies: tuple[Network, ...] = environ.var(
        "",
        converter=addresses.networks,
        help="Addresses or networks of the proxies before the gateway, separated by commas: their "
        "X-Forwarded-For, -Proto and -Host are believed, nobody else's; default: none",
    )
    hosts: tuple[str, ...] = environ.var(
        "",
        converter=addresses.hosts,
        help="Names under which people reach the gateway, separated by commas, as "
        "entente.example.org; requests for other names are refused; default: any name",
    )
    connections: int = environ.var(
        "1000", converter=plain.count, help="Connections to the gateway at a time, in all"
    )
    connections_of_address: int = environ.var(
        "200",
        converter=plain.count,
        help="Connections to the gateway at a time from one address that is no trusted proxy",
    )
    zone: ZoneInfo = environ.var(
        "Europe/London",
        converter=plain.zone,
        help="The office's time zone: what day it is today",
    )
    home_organisation: str = environ.var(
        "University College London; UCL Consultants Ltd; UCL",
        help="Names under which this office appears in published contracts, separated by ;",
    )
    call_deadline: float = environ.var(
        "5",
        converter=plain.seconds,
        help="Seconds after which a call between services is given up",
    )
    parts: int = environ.var(
        "1",
        converter=plain.parts,
        help="Parts into which a service divides each source that it reads, up to 16: so many of "
        "its processes read at the same time; 1: all of them take from one queue",
    )
    rate_of_address: str = environ.var(
        "",
        converter=plain.rate,
        help="Requests that the gateway takes from one address, as 600/minute; default: any number",
    )
    rate_of_token: str = environ.var(
        "",
        converter=plain.rate,
        help="Requests that the gateway takes with one token, or of one person who is signed in, "
        "as 600/minute; default: any number",
    )
    rate_of_refused: str = environ.var(
        "60/minute",
        converter=plain.rate,
        help="Requests with unknown or revoked tokens from one address; then they are answered "
        "with 429",
    )
    answer_days: int = environ.var(
        "7",
        converter=plain.days,
        help="Days for which a repeated Idempotency-Key is given its first answer, up to 365",
    )
    body_limit: int = environ.var(
        "1048576", converter=plain.count, help="Largest request body in bytes"
    )
    log_level: str = environ.var(
        "INFO", converter=plain.level, help="DEBUG, INFO, WARNING or ERROR"
    )
    secret_key: str = environ.var(
        "",
        converter=keys.strong,
        help="Makes the digests under which sessions are kept, at least 32 random characters; "
        "another one ends all sessions; default: made and kept in the data folder",
    )
    call_key: str = environ.var(
        "",
        converter=keys.private,
        help="Private key (Ed25519) with which this process signs its calls to services; default: "
        "made and kept in the data folder",
    )
    call_keys: tuple[tuple[str, PublicKey], ...] = environ.var(
        "",
        converter=keys.of_calls,
        help="Public keys whose calls the services take, as people=KEY services=KEY tools=KEY, "
        "several of a kind while keys are changed; default: those of the data folder",
    )
    head_key: str = environ.var(
        "",
        converter=keys.private,
        help="Private key (Ed25519) with which services sign the heads of their event logs; "
        "default: made and kept in the data folder",
    )
    head_keys: tuple[PublicKey, ...] = environ.var(
        "",
        converter=keys.public,
        help="Public keys whose heads are believed beside the own one, separated by commas: where "
        "the own one is not at hand, and earlier ones after a change",
    )
    head_seconds: float = environ.var(
        "600",
        converter=plain.seconds,
        help="Seconds between two signed heads of an event log that grows",
    )
    heads_dir: Path | None = environ.var(
        "",
        converter=plain.folder_or_none,
        help="Folder outside the databases in which signed heads are noted as well; default: in "
        "the data folder where the databases are there too, else none",
    )
    stall_seconds: float = environ.var(
        "300",
        converter=plain.seconds,
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
        converter=addresses.collector,
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
        return addresses.with_parameters(self.amqp_uri, files)

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
            return addresses.with_parameters(self.database_url.replace("{service}", service), files)
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


def names() -> list[str]:
    """The environment variables of an installation, beside the numbers of the services."""
    return [f"ENTENTE_{each.name.upper()}" for each in Settings.__attrs_attrs__]  # type: ignore[attr-defined]
