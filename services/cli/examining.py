"""The command that looks for what would keep Entente from working: doctor."""

import importlib.metadata
import os
import platform as machine
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches

import typer
from rich.console import Console

from services.cli import reaching
from services.cli.exits import Exit
from services.control import ControlClient
from services.platform import is_outdated, service_class
from services.registry import SERVICES
from shared import policy_settings
from shared import settings as configuration
from shared.errors import Unavailable
from shared.http.listening import AddressTaken, listen
from shared.messaging import broker, crash_points
from shared.private_folder import is_open, of_others
from shared.settings import Settings, WrongSetting

console = Console(highlight=False)


@dataclass(frozen=True)
class Finding:
    """What was looked at, and what is wrong with it; an empty problem: nothing is."""

    what: str
    problem: str = ""
    is_unreachable: bool = False


def register(app: typer.Typer) -> None:
    app.command()(doctor)


def doctor() -> None:
    """Look for what would keep Entente from working, and say what to do about it.

    Looks at the settings, databases, broker and services that `entente up` and `entente run` would
    use with this environment; changes nothing. Exit code 1: something has to be changed; 3: a
    database, the broker or a service cannot be reached.
    """
    findings = []
    for finding in _examined():
        findings.append(finding)
        mark = "[red]✗[/]" if finding.problem else "[green]✓[/]"
        console.print(mark, end=" ")
        console.print(
            finding.what + (f": {finding.problem}" if finding.problem else ""),
            markup=False,
            soft_wrap=True,
        )
    if any(each.is_unreachable for each in findings):
        raise typer.Exit(Exit.UNAVAILABLE)
    if any(each.problem for each in findings):
        raise typer.Exit(Exit.REFUSED)


def _examined() -> Iterator[Finding]:
    yield Finding(f"Python {machine.python_version()}")
    yield Finding(f"Entente {importlib.metadata.version('entente')}")
    yield from _unknown_settings()
    try:
        settings = configuration.read()
        for name in SERVICES:
            policy_settings.policy(service_class(name).runtime.parts.policy, name)
    except WrongSetting as error:
        yield Finding("Settings", str(error))
        return
    yield Finding("Settings")
    if settings.is_embedded:
        yield _data_folder(settings)
        yield _port(settings, settings.host, settings.port, "ENTENTE_PORT")
        if settings.operations_port:
            yield _port(
                settings, settings.host, settings.operations_port, "ENTENTE_OPERATIONS_PORT"
            )
        if not any(map(settings.has_database, SERVICES)):
            yield Finding("No databases yet: `entente up` creates them")
            return
    else:
        yield _broker(settings)
    databases = [_database(settings, name) for name in SERVICES]
    yield from databases
    if not any(each.problem for each in databases):
        yield from _services(settings)


def _unknown_settings() -> Iterator[Finding]:
    """A mistyped name would otherwise be ignored without a word."""
    known = [*configuration.names(), crash_points.VARIABLE]
    for service in SERVICES:
        known += policy_settings.names(service_class(service).runtime.parts.policy, service)
    for name in sorted(os.environ):
        if name.startswith("ENTENTE_") and name not in known:
            alike = get_close_matches(name, known, n=1)
            meant = f"; is {alike[0]} meant?" if alike else ""
            yield Finding(f"Setting {name}", f"is not known and has no effect{meant}")


def _data_folder(settings: Settings) -> Finding:
    folder = settings.data_dir.resolve()
    there = next(each for each in (folder, *folder.parents) if each.exists())
    what = f"Data folder {folder}"
    if not there.is_dir():
        return Finding(what, f"{there} is not a folder; set ENTENTE_DATA_DIR to another one")
    if not os.access(there, os.W_OK | os.X_OK):
        return Finding(what, f"this user cannot write to {there}")
    if there != folder:
        return Finding(f"{what}, which `entente up` creates")
    if found := of_others(folder):
        return Finding(what, found)
    if is_open(folder):
        return Finding(what, "other users can look into it; `entente up` closes it")
    return Finding(what)


def _port(settings: Settings, host: str, port: int, setting: str) -> Finding:
    """Whether `entente up` could listen there, or does already."""
    what = f"Port {port} of {host} ({setting})"
    with suppress(OSError):
        ControlClient(settings.data_dir)
        return Finding(f"{what}, which the running platform uses")
    try:
        listen(host, port, setting).close()
    except AddressTaken as error:
        return Finding(what, str(error))
    return Finding(what)


def _broker(settings: Settings) -> Finding:
    try:
        broker.check(settings.broker)
    except Unavailable as error:
        return Finding("Message broker", error.message, is_unreachable=True)
    return Finding("Message broker")


def _database(settings: Settings, name: str) -> Finding:
    what = f"Database of {name}"
    if not settings.has_database(name):
        return Finding(what, "is missing, while others are there; restore it from a backup")
    try:
        outdated = is_outdated(settings, name)
    except Unavailable as error:
        return Finding(what, error.message, is_unreachable=True)
    return Finding(what, "is not current; run `entente db upgrade`" if outdated else "")


def _services(settings: Settings) -> Iterator[Finding]:
    try:
        with reaching.services(settings) as calls:
            silent = reaching.unavailable(calls)
    except Unavailable:
        return  # the broker's finding says it
    for name in SERVICES:
        yield Finding(f"Service {name}", silent.get(name, ""), is_unreachable=name in silent)
