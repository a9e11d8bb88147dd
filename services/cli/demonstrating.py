"""The command that plays the main job as a story: demo."""

import json
import os
import socket
import tempfile
import time
from contextlib import AbstractContextManager
from datetime import date
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID, uuid4

import typer
from rich.console import Console
from rich.markup import escape

from services import logs
from services.cli import reaching
from services.cli.exits import Exit
from services.cli.operating import published
from services.cli.verifying import SETTLE_SECONDS, complete, completeness, findings
from services.demo import sample, stage
from services.demo.api import Api
from services.demo.story import Story
from services.platform import service_class
from services.registry import SERVICES
from shared import settings as configuration
from shared.call import Call
from shared.clock import SystemClock
from shared.events.vocabulary import Role
from shared.messaging.service_calls import ServiceCalls
from shared.settings import Settings

console = Console(highlight=False)


class Profile(StrEnum):
    EMBEDDED = "embedded"
    DISTRIBUTED = "distributed"
    RUNNING = "running"


def register(app: typer.Typer) -> None:
    app.command()(demo)


def demo(
    profile: Annotated[
        Profile,
        typer.Option(
            help="In one process; over RabbitMQ and PostgreSQL; or on the running platform, where "
            "that is marked as sample."
        ),
    ] = Profile.EMBEDDED,
    folder: Annotated[
        Path | None,
        typer.Option(help="Where to keep the data; a story broken off there goes on."),
    ] = None,
    address: Annotated[
        str | None, typer.Option(help="The running platform's; default: as set for it here.")
    ] = None,
) -> None:
    """Play the main job from proposal to paid invoice, and show which events it caused.

    Ends with `verify`. Exit code 0: complete; 4: something is missing or held.
    """
    began = time.monotonic()
    if profile is Profile.RUNNING:
        _check_is_sample(configuration.read())
    folder = folder or Path(tempfile.mkdtemp(prefix="entente-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    settings, environment = _settings(profile, folder)
    logs.configure("ERROR")
    address = address or settings.address
    if profile is Profile.RUNNING:
        console.print(f"The demo plays on the platform at {address}, which is marked as sample.")
        console.print(f"Where it has got to is kept in {folder}", style="dim")
    else:
        console.print(f"The demo plays in a folder of its own, {folder}; no other data is touched.")
    with _stage(profile, settings, environment, address) as calls:
        script = _script(folder, calls, SystemClock().now().astimezone(settings.zone).date())
        problems = _play(script, address, calls)
    console.print(f"{time.monotonic() - began:.0f} s", style="dim")
    if problems:
        raise typer.Exit(Exit.INCOMPLETE)


def _check_is_sample(settings: Settings) -> None:
    """Made-up partners and invoices have no place among an office's real ones."""
    if not sample.is_marked(settings.data_dir):
        raise configuration.WrongSetting(
            "The demo would write made-up partners, contracts and invoices into the running "
            f"platform, and {settings.data_dir.resolve()} is not marked as sample data. Leave out "
            "--profile to play it in a folder of its own; or, if the platform is only for trying "
            f"things out, mark it: create a file {sample.MARK} in that folder."
        )


def _play(script: dict[str, Any], address: str, calls: ServiceCalls) -> list[str]:
    apis = {
        role: Api(address, script["tokens"][role], f"{script['series']}-{role}") for role in Role
    }
    story = Story(apis, date.fromisoformat(script["today"]), UUID(script["series"]))
    links = dict.fromkeys(SERVICES, 0)
    _published(calls, links)
    for number, step in enumerate(story.steps, start=1):
        console.print(f"\n[bold]{number:2}. {step.__doc__}[/]")
        outcome = step(story)
        console.print(f"    {escape(outcome)}")
        completeness(calls, SETTLE_SECONDS)
        for line in _reactions_to(_published(calls, links)):
            console.print(f"    [dim]{line}[/]")
    compared = completeness(calls, SETTLE_SECONDS)
    problems = [line for name, said in compared.given.items() for line in findings(name, said)]
    problems += [f"{name}: {reason}" for name, reason in compared.silent.items()]
    console.print()
    for line in problems:
        console.print(line, style="red")
    if not problems:
        console.print(complete(compared), style="bold green")
    return problems


def _published(calls: ServiceCalls, links: dict[str, int]) -> list[dict[str, Any]]:
    """What was published since; a service that is away is asked again at the next step."""
    return list(published(calls, links, {}))


def _reactions_to(envelopes: list[dict[str, Any]]) -> list[str]:
    """A line for each kind of event that a step caused: how many, and who does what with it."""
    caused: dict[str, set[str]] = {}
    types = {envelope["id"]: envelope["type"] for envelope in envelopes}
    counted: dict[str, int] = {}
    for envelope in envelopes:
        counted[envelope["type"]] = counted.get(envelope["type"], 0) + 1
        cause = types.get(envelope.get("causationid", ""))
        if cause:
            caused.setdefault(cause, set()).add(envelope["type"].rpartition(".v")[0])
    lines = []
    for type_, number in counted.items():
        name = type_.rpartition(".v")[0]
        times = f" ×{number}" if number > 1 else ""
        then = f"  ⇒ {', '.join(sorted(caused[type_]))}" if type_ in caused else ""
        lines.append(f"{name}{times} → {', '.join(_readers(name)) or 'nobody yet'}{then}")
    return lines


def _readers(type_: str) -> list[str]:
    """The services that do something on an event."""
    return [name for name in SERVICES if service_class(name).runtime.parts.reactions.handles(type_)]


def _stage(
    profile: Profile, settings: Settings, environment: dict[str, str], address: str
) -> AbstractContextManager[ServiceCalls]:
    if profile is Profile.EMBEDDED:
        return stage.embedded(settings)
    if profile is Profile.RUNNING:
        stage.await_ready(address)
        return reaching.services(settings)
    return stage.distributed(settings, environment)


def _settings(profile: Profile, folder: Path) -> tuple[Settings, dict[str, str]]:
    if profile is Profile.RUNNING:
        return configuration.read(), {}
    environment = {
        "ENTENTE_DATA_DIR": str(folder.resolve()),
        "ENTENTE_PORT": str(_free_port()),
        "ENTENTE_LOG_LEVEL": "WARNING",
    }
    if profile is Profile.DISTRIBUTED:
        environment |= _servers(folder)
    return configuration.read(environment), environment


#: What else says how servers that are set are reached.
_OF_SERVERS = {
    f"ENTENTE_{of}_{part}" for of in ("BROKER", "DATABASE") for part in ("CA", "CERTIFICATE", "KEY")
}


def _servers(folder: Path) -> dict[str, str]:
    """Addresses of a RabbitMQ and a PostgreSQL: those that are set, or the developer's own."""
    given = configuration.read()
    if not given.is_embedded and given.database_url:
        return {
            "ENTENTE_AMQP_URI": given.amqp_uri,
            "ENTENTE_DATABASE_URL": given.database_url,
            **{name: value for name, value in os.environ.items() if name in _OF_SERVERS},
        }
    try:
        fresh = import_module("infra.local.fresh")
    except ImportError as error:
        raise configuration.WrongSetting(
            "Set ENTENTE_AMQP_URI and ENTENTE_DATABASE_URL to running servers."
        ) from error
    addresses: dict[str, str] = fresh.office(folder)
    return addresses


def _script(folder: Path, calls: ServiceCalls, today: date) -> dict[str, Any]:
    """What makes the story the same one when it is taken up again: series, date and tokens."""
    kept = folder / "story.json"
    if kept.exists():
        script: dict[str, Any] = json.loads(kept.read_text())
        return script
    script = {"series": str(uuid4()), "today": today.isoformat(), "tokens": {}}
    for role in Role:
        body: dict[str, Any] = {"name": f"Demo {role}", "roles": [role.value]}
        if role is Role.PARTNER_GUEST:
            body["partner_id"] = script["series"]
        script["tokens"][role] = calls.execute("gateway", "issue_token", body, Call())["body"][
            "secret"
        ]
    kept.touch(mode=0o600)
    kept.write_text(json.dumps(script))
    return script


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
