"""The gateway service as nameko runs it: its calls like those of every service, and the web."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import eventlet
from nameko.extensions import DependencyProvider, ProviderCollector, SharedExtension
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from services.gateway import commands, queries
from services.gateway.app import create_app
from services.gateway.cookie_key import cookie_key
from services.gateway.domain.policy import Policy
from services.gateway.health import Readiness
from services.gateway.observing import Metrics
from services.gateway.operations import operations
from services.gateway.rates import Rates
from services.gateway.reactions import reactions
from services.gateway.refusals import Refusals
from services.gateway.store import TokenStore
from services.gateway.visits import Visits
from shared.errors import Refusal
from shared.http.limits import Limits
from shared.http.server import Server
from shared.messaging import broker
from shared.messaging.entrypoint import rpc
from shared.messaging.service import LISTENER, OPERATIONS, SETTINGS, Parts, Runtime, Service
from shared.messaging.signing import PEOPLE
from shared.operations import Operation
from shared.settings import Settings
from shared.work import Call

__all__ = ["GatewayService", "commands", "queries"]

#: Seconds that a part has to show that it is there.
PROBE_SECONDS = 1.5


class Door(ProviderCollector, SharedExtension):
    """Serves one WSGI application on every path and method.

    Past nameko's workers: all of them may be waiting for a service that does not answer, and
    then /livez must still be answered, or a healthy gateway would be restarted.
    """

    server: Server | None = None

    def start(self) -> None:
        if self.server is not None:  # nameko starts it for each extension that shares it
            return
        (web,) = self._providers
        settings: Settings = self.container.config[SETTINGS]
        self.server = Server(
            self.container.config[LISTENER],
            web.app,
            Limits(
                connections=settings.connections,
                connections_of_address=settings.connections_of_address,
            ),
            settings.trusted_proxies,
        )
        self.server.start()

    def stop(self) -> None:
        if self.server is not None:
            self.server.stop()
        super().stop()


class Web(DependencyProvider):
    """The web application, on the gateway's own runtime."""

    server = Door()

    def setup(self) -> None:
        self.server.register_provider(self)

    def stop(self) -> None:
        self.server.unregister_provider(self)

    @cached_property
    def readiness(self) -> Readiness:
        services = {each.service for each in self._known} - {operations.service}
        return Readiness(Probes(self._runtime(), sorted(services)))

    @property
    def _known(self) -> Sequence[Operation]:
        known: Sequence[Operation] = self.container.config[OPERATIONS]
        return known

    @cached_property
    def app(self) -> Any:
        runtime = self._runtime()
        settings = runtime.settings
        return create_app(
            self._known,
            OwnAndOthers(runtime),
            TokenStore(runtime.database),
            self.readiness,
            self.visits,
            Refusals(runtime.unit_of_work),
            log_heads=Heads(runtime, sorted({each.service for each in self._known})),
            zone=settings.zone,
            body_limit=settings.body_limit,
            hosts=settings.hosts,
            rates=Rates.of(
                settings.rate_of_address, settings.rate_of_token, settings.rate_of_refused
            ),
            session_hours=runtime.unit_of_work.policy.session_hours,
            version=_version(),
            metrics=Metrics(runtime.measurements.registry),
        )

    @cached_property
    def visits(self) -> Visits:
        runtime = self._runtime()
        key = cookie_key(runtime.settings.secret_key, runtime.settings.data_dir)
        return Visits(runtime.unit_of_work, key)

    def get_dependency(self, _: Any) -> "Web":
        return self

    def _runtime(self) -> Runtime:
        return next(each for each in self.container.dependencies if isinstance(each, Runtime))


class OwnAndOthers:
    """Calls: about tokens to the gateway's own desk, all others by RPC, each with its deadline."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def execute(self, service: str, name: str, body: dict[str, Any], call: Call) -> dict[str, Any]:
        if service == operations.service:
            return self._runtime.desk.execute(name, body, call)
        return self._runtime.calls.execute(service, name, body, call)

    def ask(
        self, service: str, name: str, parameters: dict[str, Any], call: Call
    ) -> dict[str, Any]:
        if service == operations.service:
            return self._runtime.desk.ask(name, parameters, call)
        return self._runtime.calls.ask(service, name, parameters, call)


class Probes:
    """Looks at the broker, the gateway's database and every service, all at the same time."""

    def __init__(self, runtime: Runtime, services: Sequence[str]) -> None:
        self._runtime = runtime
        self._services = services

    def __call__(self) -> Mapping[str, str]:
        probes = {
            "broker": eventlet.spawn(self._broker),
            "database": eventlet.spawn(self._database),
            **{name: eventlet.spawn(self._service, name) for name in self._services},
        }
        return {name: probe.wait() for name, probe in probes.items()}

    def _broker(self) -> str:
        try:
            with (
                eventlet.Timeout(PROBE_SECONDS),
                broker.connect(self._runtime.settings.broker) as connection,
            ):
                connection.connect()
        except eventlet.Timeout:
            return "does not answer"
        except broker.BROKER_ERRORS as error:
            return type(error).__name__
        return ""

    def _database(self) -> str:
        try:
            with self._runtime.database.reading() as session:
                session.execute(text("SELECT 1"))
        except SQLAlchemyError as error:
            return type(error).__name__
        return ""

    def _service(self, name: str) -> str:
        try:
            self._runtime.calls.call(name, "ping", deadline=PROBE_SECONDS)
        except Refusal:
            return "does not answer"
        return ""


class Heads:
    """Asks every service for the newest signed head of its log: see `log_heads.LogHeads`."""

    def __init__(self, runtime: Runtime, services: Sequence[str]) -> None:
        self._runtime = runtime
        self._services = services

    def __call__(self) -> tuple[list[dict[str, Any]], list[str]]:
        asked = {name: eventlet.spawn(self._newest, name) for name in self._services}
        told = {name: asking.wait() for name, asking in asked.items()}
        return (
            [each["head"] for each in told.values() if each and each["head"]],
            [name for name, each in told.items() if each is None],
        )

    def _newest(self, name: str) -> dict[str, Any] | None:
        try:
            answer: dict[str, Any] = self._runtime.calls.call(
                name, "newest_head", deadline=PROBE_SECONDS
            )
        except Refusal:
            return None
        return answer


def _version() -> str:
    try:
        return version("entente")
    except PackageNotFoundError:
        return "development"


class GatewayService(Service):
    name = "gateway"
    runtime = Runtime(Parts(operations, reactions, Policy, signs_as=PEOPLE))
    web = Web()

    @rpc
    def sign_in_code(self, secret: str) -> dict[str, Any]:
        """A sign-in code for the bearer of a token, the minutes for which it works, and the address
        of the gateway: ``{"code", "minutes", "address"}``.
        """
        code, minutes = self.web.visits.new_code(secret, Call())
        return {"code": code, "minutes": minutes, "address": self.runtime.settings.address}
