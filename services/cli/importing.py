"""Commands that take over partners, contracts and participants from files."""

import json
import time
from collections.abc import Iterator, Set
from getpass import getuser
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from services.cli import bars, reaching
from services.cli.exits import Exit
from services.imports import contract_releases, contract_rows, sheets
from services.imports import participants as imported_participants
from services.imports import partners as imported_partners
from services.imports.asking import Asking
from services.imports.contracts import ContractImport
from services.imports.kinds import is_json
from services.imports.participants import ParticipantImport, programme_of
from services.imports.partners import PartnerImport
from services.imports.published import PublishedContract
from services.imports.report import Line, Outcome, Tally
from services.imports.sheets import Columns
from shared import settings as configuration
from shared.amounts import DecimalMark
from shared.call import OFFICE, OPERATOR, Actor, Call
from shared.clock import SystemClock
from shared.errors import Unavailable
from shared.events.faculty import PlaceWanted
from shared.events.vocabulary import Role, Sector
from shared.messaging.service_calls import ServiceCalls

console = Console(highlight=False)

#: Whose facts an import makes.
OWNERS = ("partner", "contract", "faculty")
#: Seconds that a comparison of whole event logs may take.
LONG = 600.0
#: Lines that need a look and are printed; `--json` prints all.
SHOWN = 40
#: Seconds without progress after which insight is no longer waited for.
PATIENCE = 30.0

DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would happen; write nothing.")]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print a line of JSON for every row, then the counts.")
]
Origin = Annotated[
    str,
    typer.Option(help="Name by which a later import of the source is known; default: the file's."),
]


def register(app: typer.Typer) -> None:
    imports = typer.Typer(
        help="Take over partners, contracts and participants.", no_args_is_help=True
    )
    imports.command("partners")(partners)
    imports.command("contracts")(contracts)
    imports.command("participants")(participants)
    app.add_typer(imports, name="import")


def partners(
    file: Annotated[Path, typer.Argument(help="CSV or XLSX; see docs/imports.md.")],
    dry_run: DryRun = False,
    as_json: AsJson = False,
    sector: Annotated[
        Sector | None, typer.Option(help="Of partners whose row names none; default: unknown.")
    ] = None,
    origin: Origin = "",
) -> None:
    """Take over partners as proposals. The same file again changes nothing.

    Exit code 0: every row was taken, or was there; 1: some were refused; 4: insight lags behind.
    """
    with reaching.services(configuration.read()) as calls:
        _remark(file, imported_partners.COLUMNS)
        found = PartnerImport(
            Asking(calls), file, sector=sector, origin=origin, dry_run=dry_run
        ).lines()
        _report(calls, found, dry_run=dry_run, as_json=as_json)


def contracts(
    files: Annotated[list[Path], typer.Argument(help="OCDS 1.1 in JSON, or CSV or XLSX.")],
    dry_run: DryRun = False,
    as_json: AsJson = False,
    sector: Annotated[
        Sector | None,
        typer.Option(help="Of partners that come with a contract; default: unknown."),
    ] = None,
    origin: Origin = "",
    decimal_mark: Annotated[
        DecimalMark | None,
        typer.Option(help="Before the decimals of amounts as text: 125.000 is read in two ways."),
    ] = None,
    by: Annotated[
        str,
        typer.Option(
            help="Who imports, by the name of their account: somebody else must confirm it. "
            "Default: the name at this machine."
        ),
    ] = "",
) -> None:
    """Take over signed contracts with their partners. A later release amends, never duplicates.

    Nothing counts before somebody else confirms it: GET /contracts?awaiting_confirmation=true.

    Exit code 0: every contract was taken, or none was there to take; 1: some were refused; 4:
    insight lags behind.
    """
    settings = configuration.read()
    today = SystemClock().now().astimezone(settings.zone).date()
    releases = contract_releases.Reader(settings.home_organisation, today, sector, decimal_mark)
    rows = contract_rows.Reader(today, sector, decimal_mark)

    def read(path: Path) -> Iterator[PublishedContract | Line]:
        if is_json(path):
            return releases.read(path)
        _remark(path, contract_rows.COLUMNS)
        return rows.read(path, origin)

    with reaching.services(settings) as calls:
        asking = Asking(calls, Call(actor=_operator(by, OFFICE.roles)))
        bringing = ContractImport(asking, dry_run=dry_run)
        found = bringing.lines(chain.from_iterable(read(path) for path in files))
        _report(calls, found, dry_run=dry_run, as_json=as_json)


def participants(
    file: Annotated[Path, typer.Argument(help="CSV or XLSX; see docs/imports.md.")],
    programme: Annotated[str, typer.Option(help="Its reference, such as PRG-2026-0001.")],
    dry_run: DryRun = False,
    as_json: AsJson = False,
    of_partner: Annotated[
        bool, typer.Option("--of-partner", help="Those who are new are people of its partner.")
    ] = False,
    wanted: Annotated[
        PlaceWanted | None,
        typer.Option(help="Which places suit those whose row does not say."),
    ] = None,
    by: Annotated[
        str,
        typer.Option(
            help="Who imports, by the name of their account. Default: the name at this machine."
        ),
    ] = "",
) -> None:
    """Register and enrol the people of a list; who finds no place waits, in its order.

    Exit code 0: every row was taken, or was there; 1: some were refused; 4: insight lags behind.
    """
    with reaching.services(configuration.read()) as calls:
        _remark(file, imported_participants.COLUMNS)
        asking = Asking(calls, Call(actor=_operator(by, {Role.PARTNERSHIP_OFFICER})))
        found = ParticipantImport(
            asking,
            file,
            programme_of(asking, programme),
            of_partner=of_partner,
            wanted=wanted and wanted.value,
            dry_run=dry_run,
        ).lines()
        _report(calls, found, dry_run=dry_run, as_json=as_json)


def _operator(by: str, roles: Set[str]) -> Actor:
    """The operator of the machine, under the name that they give, with these roles."""
    return Actor(OPERATOR + (by.strip() or getuser())[:60], frozenset(roles))


def _remark(path: Path, columns: Columns) -> None:
    """Say which sheet is read, and what it hides."""
    for each in sheets.remarks(path, columns):
        Console(stderr=True).print(each, style="dim", markup=False)


def _report(calls: ServiceCalls, found: Iterator[Line], *, dry_run: bool, as_json: bool) -> None:
    """Print what became of each row while it comes; wait for insight; leave with the exit code."""
    tally, started = Tally(), time.monotonic()
    to_look_at: list[Line] = []
    with bars.counting() as bar:
        rows = bar.add_task("rows", total=None)
        for line in tally.of(found):
            bar.update(rows, completed=tally.rows)
            if as_json:
                print(json.dumps(line.to_plain(), ensure_ascii=False))
            elif line.needs_a_look and len(to_look_at) <= SHOWN:
                to_look_at.append(line)
        bar.update(rows, total=tally.rows)
        lagging = "" if dry_run else _settle(calls, bar)
    seconds = time.monotonic() - started
    if as_json:
        print(json.dumps({"dry_run": dry_run, "seconds": round(seconds, 1)} | tally.to_plain()))
    else:
        _print(tally, to_look_at, seconds, dry_run=dry_run)
    if lagging:
        Console(stderr=True).print(lagging, style="yellow")
    if tally.counts[Outcome.REFUSED]:
        raise typer.Exit(Exit.REFUSED)
    if lagging:
        raise typer.Exit(Exit.INCOMPLETE)


def _settle(calls: ServiceCalls, bar: Progress) -> str:
    """Wait until insight holds every fact; a sentence where it does not come to that."""
    task = bar.add_task("facts on the timelines", total=None)
    least, deadline = -1, time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            under_way = _under_way(calls)
        except Unavailable as error:
            return f"Taken over; but {error.message} It catches up by itself: see `entente verify`."
        if not under_way:
            return ""
        if least < 0:
            bar.update(task, total=under_way)
        if least < 0 or under_way < least:
            least, deadline = under_way, time.monotonic() + PATIENCE
        bar.update(task, completed=max(0, (bar.tasks[task].total or 0) - under_way))
        time.sleep(0.3)
    return f"Taken over; insight still lacks {least:,} facts. See `entente verify`."


def _under_way(calls: ServiceCalls) -> int:
    """How many facts of the owners insight does not hold yet."""
    unpublished = sum(calls.call(name, "unpublished", deadline=LONG) for name in OWNERS)
    if unpublished:
        return int(unpublished)  # comparing whole logs now would only keep insight from them
    said = calls.call("insight", "completeness", deadline=LONG)
    held = sum(sum(said["held"].get(name, {}).values()) for name in OWNERS)
    missing = sum(each["source"] in OWNERS for each in said["missing"])
    return int(held + missing)


def _print(tally: Tally, lines: list[Line], seconds: float, *, dry_run: bool) -> None:
    if lines:
        table = Table("where", "name", "outcome", "what to look at", show_edge=False)
        for line in lines[:SHOWN]:
            table.add_row(line.place, line.name, line.outcome.value, _to_look_at(line))
        console.print(table)
        if len(lines) > SHOWN:
            console.print("… and more; --json prints every row.", style="dim")
    counts = ", ".join(
        f"{tally.counts[outcome]:,} {outcome.value}" for outcome in Outcome if tally.counts[outcome]
    )
    lead = "Dry run, nothing was written: " if dry_run else ""
    rows = "1 row" if tally.rows == 1 else f"{tally.rows:,} rows"
    console.print(f"{lead}{rows} in {seconds:.1f} s: {counts or 'nothing to take'}.")
    if tally.similar:
        has = "has" if tally.similar == 1 else "have"
        console.print(f"{tally.similar:,} of those taken {has} a name much like another one.")


def _to_look_at(line: Line) -> str:
    what = f"{line.field}: {line.reason}" if line.field and line.reason else line.reason
    alike = f"much like {'; '.join(line.similar)}" if line.similar else ""
    return " ".join(filter(None, (what, alike)))
