"""The command that compares every service with the logs of the others: verify."""

import json
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from services.cli import reaching, witnessing
from services.cli.exits import Exit
from services.cli.reaching import Answers
from services.registry import SERVICES
from shared import settings as configuration
from shared.errors import Unavailable
from shared.keys import PublicKey
from shared.messaging.log_head import Head, trusted_keys
from shared.messaging.service_calls import ServiceCalls

console = Console(highlight=False)

#: Seconds in which what is on its way may arrive.
SETTLE_SECONDS = 20.0

#: Rows of insight that are named one by one.
MOST = 50


def register(app: typer.Typer) -> None:
    app.command()(verify)


def verify(
    repair: Annotated[
        bool, typer.Option("--repair", help="Fetch first what any service lacks of another's log.")
    ] = False,
    heads: Annotated[
        Path | None,
        typer.Option(help="Also check against these signed heads (of `entente heads export`)."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")] = False,
) -> None:
    """Compare every service with the logs of those it learns from, and each log with its heads.

    Prints "complete", or what is not. Exit code 0: complete; 3: a service could not be compared;
    4: something is missing, held, unpublished, altered or was restored to an earlier state.
    """
    settings = configuration.read()
    kept_elsewhere = witnessing.read_file(heads) if heads else []
    with reaching.services(settings) as calls:
        fetched = _repair(calls) if repair else {}
        compared = completeness(calls, SETTLE_SECONDS)
        chains = reaching.ask_all(calls, list(compared.given), "broken_link")
        compared.silent.update(chains.silent)
        keys = trusted_keys(settings)
        witnessed = _witnessed(calls, compared, kept_elsewhere, keys)
        differing = _differing(calls, compared)
    problems = [line for name, report in compared.given.items() for line in findings(name, report)]
    problems += [
        f"{name}: the event log was altered at link {link}"
        for name, link in chains.given.items()
        if link is not None
    ]
    problems += [line for lines in witnessed.values() for line in lines]
    problems += witnessing.of_nobody(kept_elsewhere)
    problems += different(differing)
    apart = [line for name, report in compared.given.items() for line in _apart(name, report)]
    apart += [f"{name}: cannot be compared. {reason}" for name, reason in compared.silent.items()]
    if not keys and (kept_elsewhere or witnessing.any_known(calls, list(compared.given))):
        apart.append("signed heads cannot be checked: list their public keys in ENTENTE_HEAD_KEYS")
    if as_json:
        reports = {
            name: report
            | {"altered_at_link": chains.given.get(name), "heads": witnessed.get(name, [])}
            for name, report in compared.given.items()
        }
        said = {
            "complete": not (problems or apart),
            "services": reports,
            "unreachable": compared.silent,
            "differences": differing,
        }
        console.print_json(json.dumps(said | ({"fetched": fetched} if repair else {})))
    else:
        for name, number in fetched.items():
            console.print(f"{name}: fetched {number:,} events that it lacked")
        for line in problems + apart:
            console.print(line, markup=False, soft_wrap=True)
        if not (problems or apart):
            console.print(complete(compared))
    if problems:
        raise typer.Exit(Exit.INCOMPLETE)
    if apart:
        raise typer.Exit(Exit.UNAVAILABLE)


def _witnessed(
    calls: ServiceCalls, compared: Answers, elsewhere: list[Head], keys: dict[str, PublicKey]
) -> dict[str, list[str]]:
    """What is wrong by the signed heads, by service."""
    found = {}
    for name in keys and compared.given:
        try:
            found[name] = witnessing.check(calls, name, elsewhere, keys)
        except Unavailable as error:
            compared.silent[name] = error.message
    return found


def _differing(calls: ServiceCalls, compared: Answers) -> list[dict[str, Any]]:
    """The rows of insight that are not what the logs say; none where a log cannot be read."""
    if compared.silent or "insight" not in compared.given:
        return []
    answers = reaching.ask_all(calls, ["insight"], "differences")
    compared.silent.update(answers.silent)
    found: list[dict[str, Any]] = answers.given.get("insight", [])
    return found


def different(differing: list[dict[str, Any]]) -> list[str]:
    """A sentence for each row of insight that is not what the logs say, the first ones of many."""
    lines = [f"insight: {_what_differs(each)}" for each in differing[:MOST]]
    if len(differing) > MOST:
        lines.append(f"insight: {len(differing) - MOST:,} more rows differ from the logs")
    if differing:
        lines.append("insight: `entente rebuild insight` makes it again from the logs")
    return lines


def _what_differs(row: dict[str, Any]) -> str:
    match row["kind"]:
        case "changed":
            columns = ", ".join(row["columns"])
            return f"{row['about']} differs from the log in {columns} (table {row['table']})"
        case "removed":
            return f"{row['about']} is missing (table {row['table']})"
        case _:
            return f"{row['about']} is in no log (table {row['table']})"


def complete(compared: Answers) -> str:
    """The sentence on a platform of which nothing is missing."""
    facts = sum(each["logged"] for each in compared.given.values())
    return f"complete: {facts:,} facts, each where it belongs"


def _repair(calls: ServiceCalls) -> dict[str, int]:
    """Let every service compare itself with every log now; the events fetched, where any were."""
    answers = reaching.ask_all(calls, SERVICES, "repair").given
    return {name: answer["fetched"] for name, answer in answers.items() if answer["fetched"]}


def completeness(calls: ServiceCalls, patience: float) -> Answers:
    """What each service reports, once all that answer are complete or `patience` seconds passed.

    What is on its way is not missing; so a platform at work is given time to come to rest.
    """
    deadline = time.monotonic() + patience
    while True:
        compared = reaching.ask_all(calls, SERVICES, "completeness")
        settled = not any(findings(name, report) for name, report in compared.given.items())
        if settled or compared.silent or time.monotonic() > deadline:
            return compared
        time.sleep(0.3)


def findings(name: str, said: dict[str, Any]) -> list[str]:
    """What is wrong with one service, a sentence each."""
    lines = []
    if said["unpublished"]:
        lines.append(f"{name}: {said['unpublished']} events are not published yet")
    for source, states in said["held"].items():
        counted = ", ".join(f"{number} {state}" for state, number in states.items())
        lines.append(f"{name}: holds events of {source}: {counted} (see `entente held list`)")
    lines += [
        f"{name}: holds event {each['sequence']} of {each['subject']}, which is not what the log "
        f"of {each['source']} says: it was altered; do not retry it, restore the database of {name}"
        for each in said["altered"]
    ]
    lines += [
        f"{name}: lacks event {each['sequence']} of {each['subject']} from {each['source']}"
        for each in said["missing"]
    ]
    return lines + _restored(name, said["ahead"])


def _apart(name: str, said: dict[str, Any]) -> list[str]:
    """What a service could not compare itself with, a sentence each."""
    return [
        f"{name}: cannot be compared with {source}, which does not answer"
        for source in said["unreachable"]
    ]


def _restored(name: str, ahead: list[dict[str, Any]]) -> list[str]:
    """A sentence for each source that knows less of its own facts than this service does."""
    lines = []
    for source in sorted({each["source"] for each in ahead}):
        subjects = [each for each in ahead if each["source"] == source]
        first = subjects[0]
        lines.append(
            f"{source}: was restored to an earlier state than {name}, which has applied event "
            f"{first['applied']} of {first['subject']} where the log now ends at {first['logged']}"
            + (f" (and {len(subjects) - 1:,} more subjects)" if len(subjects) > 1 else "")
            + "; restore every database to one moment"
        )
    return lines
