"""Commands for events that could not be applied: held list, show, retry, discard, discarded."""

import json
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from services.cli import reaching
from services.registry import SERVICES
from shared import settings as configuration
from shared.errors import NotFound, Unavailable
from shared.messaging.held_state import State
from shared.messaging.service_calls import ServiceCalls

console = Console(highlight=False)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]
HeldId = Annotated[str, typer.Argument(help="Its id, from `entente held list`.")]
Holder = Annotated[str | None, typer.Option("--consumer", help="Only what this service holds.")]
Source = Annotated[str | None, typer.Option(help="Only events of this service.")]
Type = Annotated[str | None, typer.Option("--type", help="Only types that contain this.")]
InState = Annotated[State | None, typer.Option("--state", help="Only in this state.")]
Error = Annotated[str | None, typer.Option(help="Only where the error says this.")]
Limit = Annotated[int, typer.Option(min=1, help="Lines to print; the remainder is counted.")]


def register(app: typer.Typer) -> None:
    held = typer.Typer(help="Events that could not be applied yet.", no_args_is_help=True)
    held.command("list")(held_list)
    held.command("show")(held_show)
    held.command("retry")(held_retry)
    held.command("discard")(held_discard)
    held.command("discarded")(held_discarded)
    app.add_typer(held, name="held")


def held_list(
    consumer: Holder = None,
    source: Source = None,
    type_: Type = None,
    state: InState = None,
    error: Error = None,
    each: Annotated[bool, typer.Option("--each", help="Each event, not each cause.")] = False,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List what is held, by cause: who holds it, of whom, why, how many and since when."""
    wanted = _wanted(source=source, type=type_, state=state, error=error)
    names = _holders(consumer)
    with reaching.services(configuration.read()) as calls:
        if each:
            silent = _list_each(calls, names, wanted, limit, as_json=as_json)
        else:
            silent = _list_causes(calls, names, wanted, limit, as_json=as_json)
    reaching.end_incomplete(silent)


def held_show(id: HeldId) -> None:
    """Show a held event with its contents."""
    with reaching.services(configuration.read()) as calls:
        name, shown = _found(calls, id)
    console.print_json(json.dumps({"service": name} | shown))


def held_retry(
    id: Annotated[str | None, typer.Argument(help="Its id, to try this one alone.")] = None,
    consumer: Holder = None,
    source: Source = None,
    type_: Type = None,
    state: InState = None,
    error: Error = None,
    all_: Annotated[bool, typer.Option("--all", help="Everything that is held.")] = False,
) -> None:
    """Try held events again now: one, those that the options name, or all."""
    wanted = _wanted(source=source, type=type_, state=state, error=error)
    narrowed = bool(wanted or consumer)
    if sum([id is not None, narrowed, all_]) != 1:
        raise typer.BadParameter(
            "Say which: an id, some of --consumer, --source, --type, --state, --error, or --all."
        )
    with reaching.services(configuration.read()) as calls:
        names = _holders(consumer) if id is None else [_found(calls, id)[0]]
        ids = None if id is None else [id]
        answers = reaching.ask_all(calls, names, "retry_held", ids=ids, wanted=wanted)
    number = sum(answers.given.values())
    console.print(
        f"{number} will be tried now."
        if number
        else "No matching event can be retried: one that waits for an earlier event goes on by "
        "itself."
    )
    reaching.end_incomplete(answers.silent)


def held_discard(
    id: HeldId,
    reason: Annotated[str, typer.Option(prompt="Why", help="Stored permanently with the event.")],
    by: Annotated[str, typer.Option(help="Who decides it.")] = "operator",
) -> None:
    """Never apply a held event; what waits behind it goes on."""
    with reaching.services(configuration.read()) as calls:
        name, _ = _found(calls, id)
        calls.call(name, "discard_held", id=id, reason=reason, by=by)
    console.print("Discarded; the reason is kept: see `entente held discarded`.")


def held_discarded(consumer: Holder = None, limit: Limit = 50, as_json: AsJson = False) -> None:
    """List what was never to be applied: by whose decision, and why."""
    with reaching.services(configuration.read()) as calls:
        rows, more, silent = _together(calls, _holders(consumer), "discarded", limit=limit)
    if as_json:
        console.print_json(json.dumps({"items": rows, "more": more, "unreachable": silent}))
        reaching.end_incomplete(silent)
        return
    table = Table("service", "event", "subject", "decided", "by", "why")
    for row in rows:
        place = f"{row['subject']} #{row['sequence']}"
        when = row["discarded_at"][:16]
        table.add_row(row["service"], row["type"], place, when, row["discarded_by"], row["reason"])
    _print(table, more, "Nothing was ever discarded.")
    reaching.end_incomplete(silent)


def _list_causes(
    calls: ServiceCalls, names: list[str], wanted: dict[str, str], limit: int, *, as_json: bool
) -> dict[str, str]:
    answers = reaching.ask_all(calls, names, "held_causes", wanted=wanted)
    causes = [{"service": name} | cause for name, found in answers.given.items() for cause in found]
    causes.sort(key=lambda cause: -cause["number"])
    if as_json:
        console.print_json(json.dumps(causes))
        return answers.silent
    table = Table("service", "of", "event", "state", "number", "since", "why", "for example")
    for cause in causes[:limit]:
        table.add_row(
            cause["service"],
            cause["source"],
            cause["type"],
            cause["state"],
            f"{cause['number']:,}",
            cause["oldest"][:16],
            cause["error"],
            cause["id"],
        )
    _print(table, len(causes) - limit, "Nothing is held.", of="causes")
    return answers.silent


def _list_each(
    calls: ServiceCalls, names: list[str], wanted: dict[str, str], limit: int, *, as_json: bool
) -> dict[str, str]:
    rows, more, silent = _together(calls, names, "held_list", limit=limit, wanted=wanted)
    if as_json:
        console.print_json(json.dumps({"items": rows, "more": more, "unreachable": silent}))
        return silent
    table = Table("service", "id", "event", "subject", "state", "tries", "why")
    for row in rows:
        why = f"{row['error_class']}: {row['error_text']}" if row["error_class"] else ""
        place = f"{row['subject']} #{row['sequence']}"
        tries = str(row["attempts"])
        table.add_row(row["service"], row["id"], row["type"], place, row["state"], tries, why)
    _print(table, more, "Nothing is held.")
    return silent


def _together(
    calls: ServiceCalls, names: list[str], method: str, *, limit: int, **arguments: Any
) -> tuple[list[dict[str, Any]], int, dict[str, str]]:
    """Up to `limit` lines, how many there are besides, and the services that did not answer."""
    answers = reaching.ask_all(calls, names, method, limit=limit, **arguments)
    rows, more = [], 0
    for name, found in answers.given.items():
        rows += [{"service": name} | row for row in found["items"]]
        more += found["more"]
    return rows[:limit], more + len(rows[limit:]), answers.silent


def _print(table: Table, more: int, nothing: str, *, of: str = "") -> None:
    if not table.row_count:
        console.print(nothing)
        return
    console.print(table)
    if more > 0:
        console.print(f"… and {more:,} more {of}".rstrip() + "; narrow it down, or raise --limit.")


def _wanted(**given: str | None) -> dict[str, str]:
    return {name: str(text) for name, text in given.items() if text is not None}


def _holders(consumer: str | None) -> list[str]:
    return list(SERVICES) if consumer is None else [reaching.known_service(consumer)]


def _found(calls: ServiceCalls, id: str) -> tuple[str, dict[str, Any]]:
    """The service that holds the event with this id, and the event.

    Raises NotFound where none does, Unavailable where one that might did not answer.
    """
    silent: Unavailable | None = None
    for name in SERVICES:
        try:
            return name, calls.call(name, "held_event", id=id)
        except NotFound:
            continue
        except Unavailable as error:
            silent = error
    if silent:
        raise silent
    raise NotFound(f"No service holds an event {id}. See `entente held list`.", rule="held")
