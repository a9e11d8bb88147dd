"""Commands for the platform's operators: tick, events."""

import json
import time
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any

import typer
from rich.console import Console

from services.cli import reaching
from services.registry import SERVICES
from shared import settings as configuration
from shared.errors import Unavailable
from shared.messaging.service_calls import ServiceCalls

console = Console(highlight=False)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]


def register(app: typer.Typer) -> None:
    app.command()(tick)
    app.command()(events)


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
        answers = reaching.ask_all(calls, SERVICES, "tick", day=at.isoformat())
    reaching.end_incomplete(answers.silent)
    console.print(f"Done as at {at}.")


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
            silent: dict[str, str] = {}
            for envelope in published(calls, links, silent):
                if (
                    type_ in envelope["type"]
                    and subject in envelope["subject"]
                    and (since is None or envelope["time"] >= since.isoformat())
                ):
                    _print_event(envelope, as_json)
            if not follow:
                reaching.end_incomplete(silent)
                return
            time.sleep(0.3)


def published(
    calls: ServiceCalls, links: dict[str, int], silent: dict[str, str]
) -> Iterator[dict[str, Any]]:
    """What was published after each service's link, moving the links on.

    silent: filled with the services that did not answer, and why.
    """
    for name in links:
        while True:
            try:
                found = calls.events(name, links[name], links[name] + 500)
            except Unavailable as error:
                silent[name] = error.message
                break
            yield from found
            links[name] += len(found)
            if len(found) < 500:
                break


def _print_event(envelope: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print(json.dumps(envelope, ensure_ascii=False), flush=True)
        return
    console.print(
        f"[dim]{envelope['time'][:19]}[/] {envelope['type']} "
        f"[dim]{envelope['subject']} #{envelope['subjectsequence']}[/]",
        soft_wrap=True,
    )
