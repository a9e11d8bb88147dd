"""How a command reaches the services: wherever they run, or by starting them for itself.

A command that talks to a running process needs neither the services nor the broker's library;
these are loaded where they are needed, so that a command answers at once.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from copy import copy
from dataclasses import dataclass
from typing import Any

import eventlet
import typer
from rich.console import Console

from services.cli.collecting import collected_rarely
from services.cli.exits import Exit
from services.control import ControlClient, sole_owner
from services.registry import SERVICES
from shared.errors import Refusal, Unavailable
from shared.messaging.service_calls import ServiceCalls
from shared.settings import Settings, WrongSetting

#: Seconds that a service has to show that it is there.
PING_SECONDS = 3.0
#: Seconds that one may work on a call, as long as it shows that it is there meanwhile.
LONG = 600.0


@contextmanager
def services(settings: Settings) -> Iterator[ServiceCalls]:
    """Calls to the services.

    Distributed: to those that the broker knows. Embedded: to the running process; where none
    runs on the data folder, the services are started here for as long as the block lasts. Nothing
    is created: raises WrongSetting where the folder holds no databases, or outdated ones;
    Unavailable where the broker cannot be reached.
    """
    if settings.is_embedded:
        with suppress(OSError):
            yield ControlClient(settings.data_dir)
            return
        with _started_here(settings) as calls:
            yield calls
        return
    from services.platform import Caller
    from shared.messaging import broker

    broker.check(settings.broker)
    with Caller(settings) as calls:
        yield calls


@contextmanager
def running(settings: Settings) -> Iterator[ServiceCalls]:
    """As `services`, and starts none: raises Unavailable where the platform does not run."""
    if settings.is_embedded:
        try:
            calls: ServiceCalls = ControlClient(settings.data_dir)
        except OSError as error:
            raise Unavailable(
                f"Entente does not run on {settings.data_dir.resolve()}. Start it by `entente up`; "
                "it prints a sign-in link.",
                rule="not-running",
            ) from error
        yield calls
        return
    with services(settings) as calls:
        yield calls


@contextmanager
def _started_here(settings: Settings) -> Iterator[ServiceCalls]:
    from services.platform import Caller, Platform
    from shared.messaging.service import HEAD_SECONDS

    _check_databases(settings)
    with sole_owner(settings.data_dir):
        private = copy(settings)
        private.operations_port = None  # may be that of a platform on another folder
        platform = Platform(private)
        # No head is signed, and no key made for it, unless the command asks for that.
        platform.start(("127.0.0.1", 0), **{HEAD_SECONDS: 0.0})
        try:
            with Caller(settings) as calls, collected_rarely():
                yield calls
        finally:
            platform.stop()


def check_none_is_missing(settings: Settings) -> None:
    """Raises WrongSetting where some services have databases and others none.

    One that is lost would begin anew, and number its events from 1 again.
    """
    missing = [name for name in SERVICES if not settings.has_database(name)]
    if missing and len(missing) < len(SERVICES):
        raise WrongSetting(
            f"In {settings.data_dir.resolve()} the databases of {', '.join(missing)} are missing, "
            "while others are there. Restore them from a backup; where they are new in this "
            f"version, create them by `entente db upgrade {' '.join(missing)}`."
        )


def _check_databases(settings: Settings) -> None:
    if not any(map(settings.has_database, SERVICES)):
        raise WrongSetting(
            f"There is no Entente data in {settings.data_dir.resolve()}. Name its folder with "
            "ENTENTE_DATA_DIR, or begin a new office there with `entente up`."
        )
    check_none_is_missing(settings)
    from services.platform import outdated_databases

    outdated = outdated_databases(settings)
    if outdated:
        raise WrongSetting(
            f"These databases are not current: {', '.join(outdated)}. Run `entente db upgrade`."
        )


def known_service(name: str) -> str:
    """The name, where a service has it."""
    if name in SERVICES:
        return name
    raise typer.BadParameter(f"{name!r} is not a service. There are {', '.join(SERVICES)}.")


@dataclass(frozen=True)
class Answers:
    """What services answered that were asked the same, and why others did not, by their names."""

    given: dict[str, Any]
    silent: dict[str, str]


def ask_all(calls: ServiceCalls, names: Sequence[str], method: str, **arguments: Any) -> Answers:
    """Ask services the same at the same time. Raises what a service refuses."""
    asked = {
        name: eventlet.spawn(_outcome, _patiently, calls, name, method, **arguments)
        for name in names
    }
    answers = Answers({}, {})
    for name, asking in asked.items():
        outcome = asking.wait()
        if isinstance(outcome, Unavailable):
            answers.silent[name] = outcome.message
        else:
            answers.given[name] = _given(outcome)
    return answers


def unavailable(calls: ServiceCalls) -> dict[str, str]:
    """The services that do not answer, each with what was wrong."""
    return ask_all(calls, SERVICES, "ping").silent


def end_incomplete(silent: dict[str, str]) -> None:
    """End the command with what it could not reach, where there is something."""
    if not silent:
        return
    for name, reason in silent.items():
        Console(stderr=True).print(
            f"{name} is left out: {reason}", style="yellow", markup=False, soft_wrap=True
        )
    raise typer.Exit(Exit.UNAVAILABLE)


def _patiently(calls: ServiceCalls, service: str, method: str, **arguments: Any) -> Any:
    """The answer to a call that may take minutes. Raises Unavailable once the service is gone."""
    asked = eventlet.spawn(_outcome, calls.call, service, method, deadline=LONG, **arguments)
    try:
        while True:
            try:
                with eventlet.Timeout(PING_SECONDS):
                    return _given(asked.wait())
            except eventlet.Timeout:
                calls.call(service, "ping", deadline=PING_SECONDS)
    finally:
        asked.kill()


def _outcome(ask: Callable[..., Any], *told: Any, **arguments: Any) -> Any:
    """What was answered, or the refusal: what a green thread raises is also printed as a fault."""
    try:
        return ask(*told, **arguments)
    except Refusal as refusal:
        return refusal


def _given(outcome: Any) -> Any:
    if isinstance(outcome, Refusal):
        raise outcome
    return outcome
