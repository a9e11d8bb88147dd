"""Commands for who operates the platform: tick, verify, events, token."""

import json
import time
from datetime import date
from typing import Annotated, Any

import typer
from rich.console import Console

from services.cli import reaching
from services.cli.exits import Exit
from services.platform import SERVICES
from shared import settings as configuration
from shared.errors import Unavailable
from shared.events.vocabulary import Role
from shared.messaging.rpc import ServiceCalls
from shared.work import Call

console = Console(highlight=False)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]

#: Seconds that a comparison of whole event logs may take.
LONG = 600.0


def register(app: typer.Typer) -> None:
    app.command()(tick)
    app.command()(verify)
    app.command()(events)
    token = typer.Typer(help="API tokens.", no_args_is_help=True)
    token.command("create")(token_create)
    app.add_typer(token, name="token")


def day(text: str) -> date:
    """A date as people type it here."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not a date such as 2026-11-22.") from error


def tick(
    at: Annotated[
        date, typer.Option(parser=day, metavar="YYYY-MM-DD", help="The date to act as at.")
    ],
) -> None:
    """Do everything that time drives, as at a date: reminders, offers, expiry, overdue invoices.

    Run it once a day. Safe to run twice.
    """
    with reaching.services(configuration.read()) as calls:
        for name in SERVICES:
            calls.call(name, "tick", deadline=LONG, day=at.isoformat())
    console.print(f"Done as at {at}.")


def verify(
    repair: Annotated[
        bool, typer.Option("--repair", help="Fetch first what any service lacks of another's log.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Compare every service with the logs of those it learns from; say "complete", or what is not.

    Exit code 0: complete; 4: something is missing, held, unpublished, altered or set back.
    """
    with reaching.services(configuration.read()) as calls:
        fetched = _repair(calls) if repair else {}
        report = completeness(calls)
        altered = {name: calls.call(name, "broken_link", deadline=LONG) for name in SERVICES}
    problems = [line for name in SERVICES for line in findings(name, report[name])]
    for name, link in altered.items():
        report[name]["altered_at_link"] = link
        if link is not None:
            problems.append(f"{name}: the event log was altered at link {link}")
    if as_json:
        said = {"complete": not problems, "services": report}
        console.print_json(json.dumps(said | ({"fetched": fetched} if repair else {})))
    else:
        for name, number in fetched.items():
            console.print(f"{name}: fetched {number:,} events that it lacked")
        for line in problems:
            console.print(line, markup=False)
        facts = sum(each["logged"] for each in report.values())
        if not problems:
            console.print(f"complete: {facts:,} facts, each where it belongs")
    if problems:
        raise typer.Exit(Exit.INCOMPLETE)


def _repair(calls: ServiceCalls) -> dict[str, int]:
    """Let every service compare itself with every log now; the events fetched, where there were."""
    fetched = {name: calls.call(name, "repair", deadline=LONG)["fetched"] for name in SERVICES}
    return {name: number for name, number in fetched.items() if number}


def completeness(calls: ServiceCalls, patience: float = 20.0) -> dict[str, dict[str, Any]]:
    """What each service says of itself, once it is complete or `patience` seconds have passed.

    What is on its way is not missing; so a platform at work is given time to come to rest.
    """
    deadline = time.monotonic() + patience
    while True:
        report = {name: calls.call(name, "completeness", deadline=LONG) for name in SERVICES}
        settled = not any(findings(name, report[name]) for name in SERVICES)
        if settled or time.monotonic() > deadline:
            return report
        time.sleep(0.3)


def findings(name: str, said: dict[str, Any]) -> list[str]:
    """What is wrong with one service, a sentence each."""
    lines = []
    if said["unpublished"]:
        lines.append(f"{name}: {said['unpublished']} facts have not left for the broker yet")
    for source, states in said["held"].items():
        counted = ", ".join(f"{number} {state}" for state, number in states.items())
        lines.append(f"{name}: holds events of {source}: {counted} (see `entente held list`)")
    lines += [
        f"{name}: lacks event {each['sequence']} of {each['subject']} from {each['source']}"
        for each in said["missing"]
    ]
    lines += [
        f"{name}: cannot compare with {source}, which is down" for source in said["unreachable"]
    ]
    return lines + _set_back(name, said["ahead"])


def _set_back(name: str, ahead: list[dict[str, Any]]) -> list[str]:
    """A sentence for each source that knows less of its own facts than this service does."""
    lines = []
    for source in sorted({each["source"] for each in ahead}):
        subjects = [each for each in ahead if each["source"] == source]
        first = subjects[0]
        lines.append(
            f"{source}: was set back to an older state than {name}, which has applied event "
            f"{first['applied']} of {first['subject']} where the log now ends at {first['logged']}"
            + (f" (and {len(subjects) - 1:,} more subjects)" if len(subjects) > 1 else "")
            + "; restore every database to one moment"
        )
    return lines


def events(
    service: Annotated[str | None, typer.Option(help="Only of this service.")] = None,
    type_: Annotated[str, typer.Option("--type", help="Only types that contain this.")] = "",
    subject: Annotated[str, typer.Option(help="Only subjects that contain this.")] = "",
    since: Annotated[
        date | None,
        typer.Option(parser=day, metavar="YYYY-MM-DD", help="Only from this date on."),
    ] = None,
    follow: Annotated[bool, typer.Option(help="Go on, as new ones are published.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print what has been published, oldest first for each service."""
    names = SERVICES if service is None else (reaching.known_service(service),)
    links = dict.fromkeys(names, 0)
    with reaching.services(configuration.read()) as calls:
        while True:
            for envelope in published(calls, links):
                if (
                    type_ in envelope["type"]
                    and subject in envelope["subject"]
                    and (since is None or envelope["time"] >= since.isoformat())
                ):
                    _print_event(envelope, as_json)
            if not follow:
                return
            time.sleep(0.3)


def published(calls: ServiceCalls, links: dict[str, int]) -> Any:
    """Yield what was published after each service's link, and move the links on."""
    for name in links:
        while True:
            try:
                found = calls.events(name, links[name], links[name] + 500)
            except Unavailable:
                break
            yield from found
            links[name] += len(found)
            if len(found) < 500:
                break


def token_create(
    role: Annotated[Role, typer.Option(help="What its holder may do.")],
    name: Annotated[str, typer.Option(help="Whose or what for.")],
    partner: Annotated[
        str | None, typer.Option(help="Id of the partner that a guest belongs to.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Create an API token and print its secret, which is shown only now."""
    body = {"name": name, "role": role.value} | ({"partner_id": partner} if partner else {})
    with reaching.services(configuration.read()) as calls:
        answer = calls.execute("gateway", "issue_token", body, Call())
    if as_json:
        console.print_json(json.dumps(answer["body"]))
    else:
        console.print(answer["body"]["secret"], soft_wrap=True)


def _print_event(envelope: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print(json.dumps(envelope, ensure_ascii=False), flush=True)
        return
    console.print(
        f"[dim]{envelope['time'][:19]}[/] {envelope['type']} "
        f"[dim]{envelope['subject']} #{envelope['sequence']}[/]",
        soft_wrap=True,
    )
