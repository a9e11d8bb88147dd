"""Broker and database over TLS: both sides are who they say they are, or nothing is said."""

import datetime
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared import settings as configuration
from shared.database import Database, reason_unreachable
from shared.errors import Unavailable
from shared.messaging import broker
from shared.settings import Settings, WrongSetting

pytestmark = pytest.mark.row("X6")

Door = Callable[..., tuple[int, int]]


class Authority:
    """A certificate authority, which issues certificates into a folder."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._key = folder, ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.file = folder / f"{name}.pem"
        own = self._certificate(self._name, self._key).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        self._write(self.file, own)

    def issue(self, name: str, address: str = "127.0.0.1", *, hours: int = 1) -> tuple[Path, Path]:
        """Certificate and key, for a server at the address or for a client of the name.

        hours: from now to its end; it began two hours ago.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))])
        certificate, kept = self._folder / f"{name}.pem", self._folder / f"{name}.key"
        signed = self._certificate(subject, key, hours).add_extension(names, False)
        self._write(certificate, signed)
        kept.touch(mode=0o600)
        kept.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return certificate, kept

    def _certificate(self, subject: x509.Name, key: Any, hours: int = 1) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=2))
            .not_valid_after(now + datetime.timedelta(hours=hours))
        )

    def _write(self, file: Path, certificate: x509.CertificateBuilder) -> None:
        signed = certificate.sign(self._key, hashes.SHA256())
        file.write_bytes(signed.public_bytes(serialization.Encoding.PEM))


@pytest.fixture
def ours(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "ours")


@pytest.fixture
def strangers(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "strangers")


@pytest.fixture
def door() -> Iterator[Door]:
    """Opens a TLS side before a port; its ports for PostgreSQL and for everything else."""
    with ExitStack() as opened:

        def opens(target: int, server: tuple[Path, Path], clients: Path | None = None) -> Any:
            script = Path(__file__).with_name("tls_door.py")
            words = [sys.executable, str(script), str(target), *map(str, server)]
            process = subprocess.Popen(
                [*words, *([str(clients)] if clients else [])], stdout=subprocess.PIPE, text=True
            )
            opened.callback(process.wait)
            opened.callback(process.kill)
            assert process.stdout
            return tuple(map(int, process.stdout.readline().split()))

        yield opens


def broker_at(uri: str, port: int, **more: object) -> Settings:
    user, _, rest = uri.removeprefix("amqp://").partition("@")
    virtual_host = rest.partition("/")[2]
    given = {f"ENTENTE_BROKER_{name.upper()}": str(value) for name, value in more.items()}
    return configuration.read(
        {"ENTENTE_AMQP_URI": f"amqps://{user}@127.0.0.1:{port}/{virtual_host}", **given}
    )


def database_at(server: Any, port: int, **more: object) -> Settings:
    address = server.uri.rpartition("/")[0].replace(f":{server.port}", f":{port}")
    given = {f"ENTENTE_DATABASE_{name.upper()}": str(value) for name, value in more.items()}
    url = f"{address}/postgres?application_name={{service}}"
    return configuration.read({"ENTENTE_DATABASE_URL": url, **given})


def refusal_of_broker(settings: Settings) -> str:
    with pytest.raises(Unavailable) as refused:
        broker.check(settings.broker)
    return refused.value.message


def answer(settings: Settings) -> Any:
    with (
        closing(Database(settings.database_of("partner"))) as database,
        database.reading() as session,
    ):
        return session.scalar(text("select current_setting('application_name')"))


def refusal_of_database(settings: Settings) -> str:
    with pytest.raises(DBAPIError) as refused:
        answer(settings)
    return reason_unreachable(refused.value)


def port_of(uri: str) -> int:
    return int(uri.rpartition(":")[2].partition("/")[0])


def test_the_broker_is_reached_over_tls(rabbitmq: Any, door: Door, ours: Authority) -> None:
    _, port = door(port_of(rabbitmq.uri), ours.issue("server"))
    settings = broker_at(rabbitmq.uri, port, ca=ours.file)
    broker.check(settings.broker)
    with broker.connect(settings.broker) as connection:
        queue = connection.SimpleQueue("tls", queue_opts={"auto_delete": True, "durable": False})
        queue.put("a" * 100_000)
        assert queue.get(timeout=10).payload == "a" * 100_000
        queue.close()


def test_a_broker_with_a_strangers_certificate_is_refused(
    rabbitmq: Any, door: Door, ours: Authority, strangers: Authority
) -> None:
    _, port = door(port_of(rabbitmq.uri), strangers.issue("server"))
    said = refusal_of_broker(broker_at(rabbitmq.uri, port, ca=ours.file))
    assert "certificate" in said
    assert "ENTENTE_BROKER_CA" in said
    assert "certificate" in refusal_of_broker(broker_at(rabbitmq.uri, port)), "by the system's own"


def test_a_broker_with_the_certificate_of_another_host_is_refused(
    rabbitmq: Any, door: Door, ours: Authority
) -> None:
    _, port = door(port_of(rabbitmq.uri), ours.issue("server", "192.0.2.1"))
    said = refusal_of_broker(broker_at(rabbitmq.uri, port, ca=ours.file))
    assert "127.0.0.1" in said
    assert "certificate" in said


def test_a_broker_that_asks_for_a_certificate_is_shown_ours(
    rabbitmq: Any, door: Door, ours: Authority
) -> None:
    _, port = door(port_of(rabbitmq.uri), ours.issue("server"), ours.file)
    certificate, key = ours.issue("partner")
    broker.check(
        broker_at(rabbitmq.uri, port, ca=ours.file, certificate=certificate, key=key).broker
    )
    refusal_of_broker(broker_at(rabbitmq.uri, port, ca=ours.file))


def test_the_database_is_reached_over_tls(postgres: Any, door: Door, ours: Authority) -> None:
    port, _ = door(postgres.port, ours.issue("server"))
    assert answer(database_at(postgres, port, ca=ours.file)) == "partner"


def test_a_database_with_a_strangers_certificate_or_another_hosts_is_refused(
    postgres: Any, door: Door, ours: Authority, strangers: Authority
) -> None:
    port, _ = door(postgres.port, strangers.issue("server"))
    said = refusal_of_database(database_at(postgres, port, ca=ours.file))
    assert "ENTENTE_DATABASE_CA" in said
    port, _ = door(postgres.port, ours.issue("expired", hours=-1))
    assert "expired" in refusal_of_database(database_at(postgres, port, ca=ours.file))
    port, _ = door(postgres.port, ours.issue("other", "192.0.2.1"))
    said = refusal_of_database(database_at(postgres, port, ca=ours.file))
    assert "another host" in said


def test_a_database_that_offers_no_tls_is_refused(postgres: Any, ours: Authority) -> None:
    said = refusal_of_database(database_at(postgres, postgres.port, ca=ours.file))
    assert "offers no TLS" in said


def test_a_database_that_asks_for_a_certificate_is_shown_ours(
    postgres: Any, door: Door, ours: Authority
) -> None:
    port, _ = door(postgres.port, ours.issue("server"), ours.file)
    certificate, key = ours.issue("partner")
    shown = database_at(postgres, port, ca=ours.file, certificate=certificate, key=key)
    assert answer(shown) == "partner"
    refusal_of_database(database_at(postgres, port, ca=ours.file))


@pytest.mark.parametrize("of", ["BROKER", "DATABASE"])
@pytest.mark.parametrize("part", ["CA", "CERTIFICATE", "KEY"])
@pytest.mark.parametrize("content", [None, "", "no certificate", "-----BEGIN NOTHING-----"])
def test_a_file_that_cannot_be_used_is_refused_by_name_at_start(
    tmp_path: Path, of: str, part: str, content: str | None
) -> None:
    file = tmp_path / "given.pem"
    if content is not None:
        file.write_text(content)
    with pytest.raises(WrongSetting, match=f"ENTENTE_{of}_{part}"):
        configuration.read({f"ENTENTE_{of}_{part}": str(file)})


@pytest.mark.parametrize("of", ["BROKER", "DATABASE"])
def test_tls_that_would_not_be_used_is_refused_at_start(of: str, ours: Authority) -> None:
    """Somebody believes then that the line is encrypted, and it is not."""
    address = {
        "ENTENTE_AMQP_URI": "amqp://partner:secret@broker//",
        "ENTENTE_DATABASE_URL": "sqlite:////data/{service}.db",
    }
    with pytest.raises(WrongSetting, match=f"ENTENTE_{of}_CA"):
        configuration.read({**address, f"ENTENTE_{of}_CA": str(ours.file)})


@pytest.mark.parametrize("of", ["BROKER", "DATABASE"])
@pytest.mark.parametrize("missing", ["CERTIFICATE", "KEY"])
def test_a_certificate_and_its_key_come_together(of: str, missing: str, ours: Authority) -> None:
    certificate, key = ours.issue("partner")
    given = {
        "ENTENTE_AMQP_URI": "amqps://partner:secret@broker//",
        "ENTENTE_DATABASE_URL": "postgresql+psycopg2://partner@postgres/{service}",
        f"ENTENTE_{of}_CA": str(ours.file),
        f"ENTENTE_{of}_CERTIFICATE": str(certificate),
        f"ENTENTE_{of}_KEY": str(key),
    }
    configuration.read(given)
    del given[f"ENTENTE_{of}_{missing}"]
    with pytest.raises(WrongSetting, match=f"ENTENTE_{of}_{missing}"):
        configuration.read(given)
