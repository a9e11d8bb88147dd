"""The command that makes a service's read models again from the event logs: rebuild."""

import time
from typing import Annotated

import typer
from rich.console import Console

from services.cli import bars, reaching
from services.cli.exits import Exit
from services.platform import operations
from shared import settings as configuration
from shared.call import Call
from shared.errors import Conflict
from shared.messaging.service_calls import ServiceCalls

console = Console(highlight=False)

#: The command that a service has where all of it can be made again.
REBUILD = "rebuild"
#: Seconds that forgetting all read models may take.
LONG = 600.0
#: Seconds without progress after which nobody waits any longer.
PATIENCE = 60.0


def register(app: typer.Typer) -> None:
    app.command()(rebuild)


def rebuild(
    service: Annotated[str, typer.Argument(help="The service whose read models are made again.")],
) -> None:
    """Forget a service's read models and make them again from everybody's event logs.

    Until it is through, its timelines and counts are incomplete. Exit code 0: all is there again;
    1: the service owns facts, which cannot be made again; 4: something is held or did not come.
    """
    service = reaching.known_service(service)
    able = [each.service for each in operations() if each.name == REBUILD]
    if service not in able:
        raise Conflict(
            f"The {service} service owns its facts: they are nowhere else, and nothing was done. "
            f"What can be made again: {', '.join(able)}.",
            rule="owns-facts",
        )
    with reaching.services(configuration.read()) as calls:
        calls.call(service, "execute", deadline=LONG, name=REBUILD, body={}, call=Call().to_plain())
        problem = _wait(calls, service)
    if problem:
        console.print(problem)
        raise typer.Exit(Exit.INCOMPLETE)


def _wait(calls: ServiceCalls, service: str) -> str:
    """Show how far it is until all is there; a sentence where it does not come to that."""
    expected = len(calls.call(service, "lags", deadline=LONG))
    with bars.counting() as bar:
        task = bar.add_task(f"events applied by {service}", total=None)
        best, deadline = -1, time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            lags = calls.call(service, "lags", deadline=LONG)
            held = sum(each["held"] for each in lags)
            done = held + sum(each["applied"] for each in lags)
            bar.update(task, completed=done, total=sum(each["published"] for each in lags))
            if len(lags) >= expected and not any(each["events"] for each in lags):
                return _end(service, done, held)
            if done > best:
                best, deadline = done, time.monotonic() + PATIENCE
            time.sleep(0.2)
    return (
        f"{service} has {best:,} events, and none came for {PATIENCE:.0f} s. It goes on by itself; "
        "`entente verify` says what is missing, `entente doctor` which service is down."
    )


def _end(service: str, done: int, held: int) -> str:
    if held:
        return f"{service} is made again but for {held:,} events: see `entente held list`."
    console.print(f"{service} is complete: {done:,} events.")
    return ""
