"""RabbitMQ's own TLS listener: reached where it is the one that was named, and else not."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local import rabbitmq as local_rabbitmq
from infra.local.processes import free_port
from infra.local.rabbitmq_node import PrivateNode
from shared.messaging import broker
from shared.settings import Settings
from tests.integration.test_tls import Authority, broker_at, port_of, refusal_of_broker

pytestmark = pytest.mark.row("X6")


class Listeners:
    """A broker that listens for TLS with one certificate after the other."""

    def __init__(self, server: PrivateNode, ours: Authority, strangers: Authority) -> None:
        self.uri = server.uri
        self.ours, self.strangers = ours, strangers
        certificates = {
            "ours": ours.issue("server"),
            "a stranger's": strangers.issue("stranger"),
            "expired": ours.issue("expired", hours=-1),
            "another host's": ours.issue("other", "192.0.2.1"),
            "asks for ours": ours.issue("asking"),
        }
        self._ports = {kind: free_port() for kind in certificates}
        server.control(
            "eval",
            ",".join(
                _listen(self._ports[kind], ours.file, *files, asks=kind == "asks for ours")
                for kind, files in certificates.items()
            )
            + ".",
        )

    def settings(self, kind: str, **more: object) -> Settings:
        """To reach the listener with that kind of certificate."""
        return broker_at(self.uri, self._ports[kind], **more)


def _listen(port: int, authority: Path, certificate: Path, key: Path, *, asks: bool) -> str:
    """In Erlang."""
    options = (
        f'{{cacertfile,"{authority}"}},{{certfile,"{certificate}"}},{{keyfile,"{key}"}},'
        f"{{verify,{'verify_peer' if asks else 'verify_none'}}},"
        f"{{fail_if_no_peer_cert,{'true' if asks else 'false'}}}"
    )
    return f'ok = rabbit_networking:start_ssl_listener({{"127.0.0.1",{port}}},[{options}],1)'


@pytest.fixture(scope="module")
def listeners(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listeners]:
    folder = tmp_path_factory.mktemp("tls")
    with local_rabbitmq.start_private(folder / "rabbitmq") as server:
        if not isinstance(server, PrivateNode):
            pytest.skip("the broker in a container cannot read the certificates of this test")
        yield Listeners(server, Authority(folder, "ours"), Authority(folder, "strangers"))


def test_a_broker_that_shows_a_right_certificate_is_worked_with(listeners: Listeners) -> None:
    settings = listeners.settings("ours", ca=listeners.ours.file)
    broker.check(settings.broker)
    with broker.connect(settings.broker) as connection:
        queue = connection.SimpleQueue("tls", queue_opts={"auto_delete": True, "durable": False})
        queue.put("a" * 100_000)
        assert queue.get(timeout=10).payload == "a" * 100_000
        queue.close()


@pytest.mark.parametrize("kind", ["a stranger's", "expired", "another host's"])
def test_a_broker_that_shows_another_certificate_is_refused(
    listeners: Listeners, kind: str
) -> None:
    said = refusal_of_broker(listeners.settings(kind, ca=listeners.ours.file))
    assert "certificate that is not accepted" in said
    assert "ENTENTE_BROKER_CA" in said


def test_a_right_certificate_is_refused_by_another_authority(listeners: Listeners) -> None:
    said = refusal_of_broker(listeners.settings("ours", ca=listeners.strangers.file))
    assert "certificate that is not accepted" in said


def test_a_broker_that_asks_for_a_certificate_takes_only_ours(listeners: Listeners) -> None:
    ours, strangers = listeners.ours, listeners.strangers
    certificate, key = ours.issue("partner")
    mine = listeners.settings("asks for ours", ca=ours.file, certificate=certificate, key=key)
    broker.check(mine.broker)
    certificate, key = strangers.issue("somebody")
    other = listeners.settings("asks for ours", ca=ours.file, certificate=certificate, key=key)
    refusal_of_broker(other)
    refusal_of_broker(listeners.settings("asks for ours", ca=ours.file))


def test_no_tls_is_spoken_with_a_plain_port(listeners: Listeners) -> None:
    port = port_of(listeners.uri)
    refusal_of_broker(broker_at(listeners.uri, port, ca=listeners.ours.file))
