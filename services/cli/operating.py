"""Commands for who operates the platform: tick, verify, held, events, token."""

import json
import time
from contextlib import suppress
from datetime import date
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from services.cli import reaching
from services.cli.exits import Exit
from services.platform import SERVICES
from shared import settings as configuration
from shared.errors import NotFound, Unavailable
from shared.events.vocabulary import Role
from shared.messaging.rpc import ServiceCalls
from shared.work import Call

console = Console(highlight=False)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]
HeldId = Annotated[str, typer.Argument(help="Its id, from `entente held list`.")]

#: Seconds that a comparison of whole event logs may take.
LONG = 600.0


def register(app: typer.Typer) -> None:
    app.command()(tick)
    app.command()(verify)
    app.command()(events)
    held = typer.Typer(help="Events that could not be applied yet.", no_args_is_help=True)
    held.command("list")(held_list)
    held.command("show")(held_show)
    held.command("retry")(held_retry)
    held.command("discard")(held_discard)
    app.add_typer(held, name="held")
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


def verify(as_json: AsJson = False) -> None:
    """Compare every service with the logs of those it learns from; say "complete", or what is not.

    Exit code 0: complete; 4: something is missing, held, unpublished or altered.
    """
    with reaching.services(configuration.read()) as calls:
        report = completeness(calls)
        altered = {name: calls.call(name, "broken_link", deadline=LONG) for name in SERVICES}
    problems = [line for name in SERVICES for line in findings(name, report[name])]
    for name, link in altered.items():
        report[name]["altered_at_link"] = link
        if link is not None:
            problems.append(f"{name}: the event log was altered at link {link}")
    if as_json:
        console.print_json(json.dumps({"complete": not problems, "services": report}))
    else:
        for line in problems:
            console.print(line, markup=False)
        facts = sum(each["logged"] for each in report.values())
        if not problems:
            console.print(f"complete: {facts:,} facts, each where it belongs")
    if problems:
        raise typer.Exit(Exit.INCOMPLETE)


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
    return lines


def held_list(as_json: AsJson = False) -> None:
    """List what every service holds."""
    with reaching.services(configuration.read()) as calls:
        rows = [
            {"service": name} | row for name in SERVICES for row in calls.call(name, "held_events")
        ]
    if as_json:
        console.print_json(json.dumps(rows))
        return
    if not rows:
        console.print("Nothing is held.")
        return
    table = Table("service", "id", "event", "subject", "state", "tries", "why")
    for row in rows:
        why = (
            f"{row['error_class']}: {row['error_text']}"
            if row["error_class"]
            else "a gap before it"
        )
        table.add_row(
            row["service"],
            row["id"],
            row["type"],
            f"{row['subject']} #{row['sequence']}",
            row["state"],
            str(row["attempts"]),
            why,
        )
    console.print(table)


def held_show(id: HeldId) -> None:
    """Show a held event with its contents."""
    with reaching.services(configuration.read()) as calls:
        name = _holder(calls, id)
        shown = calls.call(name, "held_events", id=id)
    console.print_json(json.dumps({"service": name} | shown))


def held_retry(
    id: Annotated[str | None, typer.Argument(help="Its id; without it, all are tried.")] = None,
) -> None:
    """Try held events again now."""
    with reaching.services(configuration.read()) as calls:
        names = SERVICES if id is None else (_holder(calls, id),)
        ids = None if id is None else [id]
        number = sum(calls.call(name, "retry_held", ids=ids) for name in names)
    console.print(
        f"{number} will be tried now." if number else "Nothing is held that can be tried."
    )


def held_discard(
    id: HeldId,
    reason: Annotated[str, typer.Option(prompt="Why", help="Kept for ever with the event.")],
    by: Annotated[str, typer.Option(help="Who decides it.")] = "operator",
) -> None:
    """Never apply a held event; what waits behind it goes on."""
    with reaching.services(configuration.read()) as calls:
        calls.call(_holder(calls, id), "discard_held", id=id, reason=reason, by=by)
    console.print("Discarded; the reason is kept.")


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


def _holder(calls: ServiceCalls, id: str) -> str:
    """The service that holds the event with this id. Raises NotFound."""
    for name in SERVICES:
        with suppress(NotFound):
            calls.call(name, "held_events", id=id)
            return name
    raise NotFound(f"No service holds an event {id}. See `entente held list`.", rule="held")


def _print_event(envelope: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print(json.dumps(envelope, ensure_ascii=False), flush=True)
        return
    console.print(
        f"[dim]{envelope['time'][:19]}[/] {envelope['type']} "
        f"[dim]{envelope['subject']} #{envelope['sequence']}[/]",
        soft_wrap=True,
    )
