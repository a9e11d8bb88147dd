"""Commands that run the platform: up, run, db, doctor."""

import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import Annotated, Any

import eventlet
import typer
from rich.console import Console
from rich.progress import Progress

from services import logs, pulse
from services.cli import reaching
from services.cli.collecting import collected_rarely
from services.control import ControlSocket, sole_owner
from services.demo import sample
from services.platform import Caller, Platform, metadata_of, upgrade_databases
from services.registry import SERVICES
from shared import migrations, tracing
from shared import settings as configuration
from shared.call import Call
from shared.database import Database
from shared.errors import NotFound, Unauthenticated
from shared.events.vocabulary import Role
from shared.messaging.rpc import ServiceCalls
from shared.settings import Settings

console = Console(highlight=False)

#: In the data folder: the token of the person who started the platform first.
OWNER = "owner.token"
#: Of the person who started the platform: runs it, and heads its (perhaps small) office.
OWNERS_ROLES = (Role.ADMINISTRATOR, Role.PARTNERSHIP_MANAGER)

ServiceName = Annotated[str, typer.Argument(help="One of: " + ", ".join(SERVICES))]


def register(app: typer.Typer) -> None:
    app.command()(up)
    app.command("sample")(write_sample)
    app.command()(run)
    app.command()(sign_in)
    database = typer.Typer(help="The services' databases.", no_args_is_help=True)
    database.command()(upgrade)
    database.command()(revise)
    app.add_typer(database, name="db")


def up(
    from_sample: Annotated[
        Path | None,
        typer.Option("--sample", help="Fill an empty data folder from this written sample."),
    ] = None,
) -> None:
    """Run everything in this process (embedded): portal and API on one address."""
    if from_sample and not sample.is_in(from_sample):
        raise typer.BadParameter(
            f"{from_sample} holds no sample. Write one there by `entente sample {from_sample}`."
        )
    settings = configuration.read()
    if not settings.is_embedded:
        raise configuration.WrongSetting(
            "ENTENTE_AMQP_URI names a broker; run each service by `entente run SERVICE`, "
            "or unset it to run everything in one process."
        )
    logs.configure(settings.log_level)
    with sole_owner(settings.data_dir), _traced(settings):
        platform = Platform(settings)
        platform.check_ports()
        if from_sample and sample.copy(from_sample, settings.data_dir):
            console.print("The data folder was empty: it begins with sample data (made up).")
        if (settings.data_dir / OWNER).exists():  # the first start was not cut short
            reaching.check_none_is_missing(settings)
        upgrade_databases(settings)
        platform.start()
        with Caller(settings, "control") as calls:
            control = ControlSocket(settings.data_dir, calls)
            control.start()
            secret = _owner(calls, settings)
            console.print(f"Entente is ready at [bold]{settings.address}[/]")
            _print_link(calls, secret)
            console.print("Stop it with Ctrl-C; nothing is lost whenever it ends.", style="dim")
            _until_stopped(platform)
            control.stop()


def write_sample(
    folder: Annotated[Path, typer.Argument(help="Where to write it; must be empty or new.")],
) -> None:
    """Write sample data: a made-up year of an office, for `entente up --sample FOLDER`."""
    if folder.exists() and any(folder.iterdir()):
        raise typer.BadParameter(f"{folder} is not empty.")
    settings = configuration.read({"ENTENTE_DATA_DIR": str(folder)})
    logs.configure("WARNING")
    with sole_owner(folder), Progress(console=console, transient=True) as progress:
        task = progress.add_task("Writing a year of an office (made up)")
        sample.write(settings, lambda done, of: progress.update(task, completed=done, total=of))
    console.print(f"Sample data is in {folder}.")


def run(service: ServiceName) -> None:
    """Run one service (distributed), against the broker and databases that are set."""
    service = reaching.known_service(service)
    settings = configuration.read()
    if settings.is_embedded:
        raise configuration.WrongSetting(
            "ENTENTE_AMQP_URI names no broker. Set it to amqp://user:password@host:5672//, "
            "or run everything in one process by `entente up`."
        )
    logs.configure(settings.log_level)
    with _traced(settings):
        platform = Platform(settings, [service])
        platform.start()
        console.print(f"The {service} service runs.")
        _until_stopped(platform)


def upgrade(
    services: Annotated[
        list[str] | None, typer.Argument(help="Only these services' databases; default: all.")
    ] = None,
) -> None:
    """Bring the services' databases to the newest form.

    Safe to repeat, and, on PostgreSQL, for several to run at the same time: they take turns.
    """
    names = [reaching.known_service(each) for each in services or SERVICES]
    settings = configuration.read()
    in_folder = not settings.database_url
    with sole_owner(settings.data_dir) if in_folder else nullcontext():
        changed = upgrade_databases(settings, names)
    console.print(f"Upgraded: {', '.join(changed)}" if changed else "All databases are current.")


def revise(
    service: ServiceName,
    message: Annotated[str, typer.Argument(help="What changes, in a few words.")],
) -> None:
    """For developers: write a service's next migration from its tables."""
    service = reaching.known_service(service)
    database = Database("sqlite://")
    with closing(database):
        migrations.revise(service, metadata_of(service), database, message)


def sign_in() -> None:
    """Print a link that signs the owner in to the running platform, once and soon."""
    settings = configuration.read()
    kept = settings.data_dir / OWNER
    if not kept.exists():
        raise NotFound(
            f"There is no {kept}: no platform was started on this data folder. Sign in with a "
            "token instead; an administrator makes one by `entente token create`.",
            rule="owner",
        )
    with reaching.running(settings) as calls:
        _print_link(calls, kept.read_text().strip())


def _print_link(calls: ServiceCalls, secret: str) -> None:
    """The code stands after the #, which browsers send to nobody, so it gets into no log."""
    try:
        made = calls.call("gateway", "sign_in_code", secret=secret)
    except Unauthenticated as refused:
        console.print(refused.message, soft_wrap=True)
        return
    console.print(f"Sign in: {made['address']}/enter#code={made['code']}", soft_wrap=True)
    console.print(
        f"The link works once, within {made['minutes']} minutes; `entente sign-in` prints another.",
        style="dim",
    )


def _owner(calls: ServiceCalls, settings: Settings) -> str:
    """The token that lets whoever started the process in; kept in the data folder."""
    kept = settings.data_dir / OWNER
    if kept.exists():
        return kept.read_text().strip()
    answer = calls.execute(
        "gateway", "issue_token", {"name": "Owner", "roles": list(OWNERS_ROLES)}, Call()
    )
    secret: str = answer["body"]["secret"]
    kept.touch(mode=0o600)
    kept.write_text(secret)
    return secret


@contextmanager
def _traced(settings: Settings) -> Iterator[None]:
    """Traces go to the collector that is set, if one is."""
    if not settings.traces:
        yield
        return
    tracing.switch_on_for(settings.traces)
    try:
        yield
    finally:
        tracing.switch_off()


def _until_stopped(platform: Platform) -> None:
    settings = platform.settings
    file = Path(settings.pulse) if settings.pulse else None
    watch = pulse.Pulse(lambda: platform.last_rounds, settings.stall_seconds, file)
    eventlet.spawn_n(watch.beat)

    def stop(*_: Any) -> None:
        watch.end()
        eventlet.spawn_n(platform.stop)

    signal.signal(signal.SIGTERM, stop)
    try:
        with collected_rarely():
            platform.wait()
    except KeyboardInterrupt:
        watch.end()
        platform.stop()
