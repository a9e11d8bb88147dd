"""How a command reaches the services: wherever they run, or by starting them for itself."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import typer

from services import logs
from services.control import ControlClient, sole_owner
from services.platform import SERVICES, Caller, Platform, upgrade_databases
from shared.errors import Unavailable
from shared.messaging.rpc import ServiceCalls
from shared.settings import Settings


@contextmanager
def services(settings: Settings) -> Iterator[ServiceCalls]:
    """Calls to the services.

    Distributed: to those that the broker knows. Embedded: to the running process; where none
    runs on the data folder, the services are started here for as long as the block lasts.
    """
    if not settings.is_embedded:
        with Caller(settings) as calls:
            yield calls
        return
    running = None
    with suppress(OSError):
        running = ControlClient(settings.data_dir)
    if running is not None:
        try:
            yield running
        finally:
            running.close()
        return
    logs.configure(settings.log_level)  # not among what the command prints
    with sole_owner(settings.data_dir):
        upgrade_databases(settings)
        platform = Platform(settings)
        platform.start(WEB_SERVER_ADDRESS="127.0.0.1:0")
        try:
            with Caller(settings) as calls:
                yield calls
        finally:
            platform.stop()


def known_service(name: str) -> str:
    """The name, where a service has it."""
    if name in SERVICES:
        return name
    raise typer.BadParameter(f"{name!r} is not a service. There are {', '.join(SERVICES)}.")


def unavailable(calls: ServiceCalls) -> dict[str, str]:
    """The services that do not answer, each with what was wrong."""
    silent = {}
    for name in SERVICES:
        try:
            calls.call(name, "ping", deadline=2)
        except Unavailable as error:
            silent[name] = error.message
    return silent
