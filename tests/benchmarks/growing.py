"""How large an office one machine holds: a queue model over measured figures, and its tables.

    python -m tests.benchmarks.growing

takes the figures of the last `make bench` (build/benchmarks.json), keeps those that it uses beside
this file, and writes the tables of docs/scaling.md anew.

The machine is one server that works on one thing at a time (M/D/1, with a fixed time for each kind
of request, and M/D/c for c machines): what it manages of a kind in a second was measured with 16
clients at once, so that all that runs beside it, database and broker too, is in that time. Arrivals
are random, from a seed.
"""

import heapq
import json
import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks import figures

KEPT = Path(__file__).with_name("growing.json")
PAGE = Path(__file__).resolve().parents[2] / "docs" / "scaling.md"

#: What of the benchmarks is used.
USED = (
    "api_get_per_s",
    "api_list_per_s",
    "api_command_per_s",
    "backlog_events_per_s",
    "scale_2_vs_1",
)

# Assumptions about an office; the page says them too.
FACTS_PER_CONTRACT_A_DAY = 2.0
FACTS_PER_COMMAND = 1.4
RECORDS_READ_PER_COMMAND = 20
LISTS_READ_PER_COMMAND = 10
PARTNERS_PER_CONTRACT = 0.4
BUSIEST_HOUR = 0.2  # share of a day's work
#: Load up to which waiting stays short; beyond it doubles and doubles again.
FULL = 0.7

SIZES = (1_000, 5_000, 10_000, 20_000, 40_000, 80_000)
MACHINES = (1, 2, 4)
SEED = 20_261_122

Figures = Mapping[str, float]


@dataclass(frozen=True)
class Office:
    """An office with so many active contracts, in its busiest hour."""

    contracts: int

    @property
    def partners(self) -> int:
        return round(self.contracts * PARTNERS_PER_CONTRACT)

    @property
    def facts_a_day(self) -> float:
        return self.contracts * FACTS_PER_CONTRACT_A_DAY

    @property
    def commands_per_s(self) -> float:
        return self.facts_a_day / FACTS_PER_COMMAND * BUSIEST_HOUR / 3600


def work_per_command(measured: Figures) -> dict[str, float]:
    """Seconds of a machine that a command takes with all that comes with it, by kind."""
    return {
        "records read": RECORDS_READ_PER_COMMAND / measured["api_get_per_s"],
        "lists read": LISTS_READ_PER_COMMAND / measured["api_list_per_s"],
        "commands": 1 / measured["api_command_per_s"],
        "events": FACTS_PER_COMMAND / measured["backlog_events_per_s"],
    }


def load(office: Office, measured: Figures, machines: int = 1) -> float:
    """Share of the machines' time that is taken; above 1 they never get through."""
    return office.commands_per_s * sum(work_per_command(measured).values()) / machines


def largest(measured: Figures, machines: int = 1) -> Office:
    """The office that fills so many machines, to the hundred contracts."""
    filled = FULL / load(Office(1), measured, machines)
    return Office(int(filled / 100) * 100)


def waits(arrivals: Iterable[tuple[float, float]], servers: int) -> list[float]:
    """How long each waits before it is begun, sorted.

    arrivals: when, in their order, and how long each takes; in seconds.
    """
    free = [0.0] * servers
    waited = []
    for moment, takes in arrivals:
        begun = max(moment, heapq.heappop(free))
        heapq.heappush(free, begun + takes)
        waited.append(begun - moment)
    return sorted(waited)


def busiest_hour(
    per_s: float, draw: random.Random, kinds: Mapping[float, float]
) -> Iterator[tuple[float, float]]:
    """Arrivals at random. kinds: how long each kind takes, to its share."""
    moment = draw.expovariate(per_s)
    while moment < 3600:
        yield moment, draw.choices([*kinds], [*kinds.values()])[0]
        moment += draw.expovariate(per_s)


def request_waits(office: Office, measured: Figures, machines: int = 1) -> list[float]:
    kinds = {
        1 / measured["api_get_per_s"]: RECORDS_READ_PER_COMMAND,
        1 / measured["api_list_per_s"]: LISTS_READ_PER_COMMAND,
        1 / measured["api_command_per_s"]: 1,
    }
    per_s = office.commands_per_s * sum(kinds.values())
    return waits(busiest_hour(per_s, random.Random(SEED), kinds), machines)


def event_waits(office: Office, measured: Figures) -> list[float]:
    """In the queue of a service that sees every event, with one process."""
    per_s = office.commands_per_s * FACTS_PER_COMMAND
    kinds = {1 / measured["backlog_events_per_s"]: 1}
    return waits(busiest_hour(per_s, random.Random(SEED), kinds), 1)


def by_size(measured: Figures) -> str:
    rows = []
    for office in map(Office, SIZES):
        taken = load(office, measured)
        waited = request_waits(office, measured) if taken < 1 else []
        rows.append(
            [
                f"{office.contracts:,}",
                f"{office.partners:,}",
                f"{office.facts_a_day:,.0f}",
                f"{office.commands_per_s:.2f}",
                f"{taken:.0%}",
                _ms(_quantile(waited, 0.5)) if waited else "grows",
                _ms(_quantile(waited, 0.99)) if waited else "grows",
                _ms(_quantile(event_waits(office, measured), 0.99)),
                "yes" if taken <= FULL else "no",
            ]
        )
    return _table(
        "Contracts | Partners | Events a day | Commands/s, busiest hour | Load"
        " | Request waits p50 | p99 | Event waits p99 | One machine holds it",
        rows,
    )


def by_kind(measured: Figures) -> str:
    work = work_per_command(measured)
    whole = sum(work.values())
    alone = FULL * 3600 / BUSIEST_HOUR * FACTS_PER_COMMAND
    rows = [
        [kind, f"{takes * 1000:.1f} ms", f"{takes / whole:.1%}", f"{alone / takes:,.0f}"]
        for kind, takes in sorted(work.items(), key=lambda each: -each[1])
    ]
    return _table(
        "Kind | Machine time per command | Share | Alone it would allow, events a day", rows
    )


def by_machines(measured: Figures) -> str:
    rows = []
    for machines in MACHINES:
        office = largest(measured, machines)
        waited = request_waits(office, measured, machines)
        rows.append(
            [
                str(machines),
                f"{office.contracts:,}",
                f"{office.partners:,}",
                f"{office.facts_a_day:,.0f}",
                _ms(_quantile(waited, 0.99)),
            ]
        )
    return _table("Machines | Contracts | Partners | Events a day | Request waits p99", rows)


def by_backlog(measured: Figures) -> str:
    one = measured["backlog_events_per_s"]
    two = one * measured["scale_2_vs_1"]
    day = largest(measured).facts_a_day
    rows = [
        [what, f"{events:,.0f}", _duration(events / one), _duration(events / two)]
        for what, events in (
            ("a service was down for a day", day),
            ("20,000 events came at once, as from an import", 20_000.0),
            ("1,000,000 events came at once", 1_000_000.0),
        )
    ]
    return _table("After | Events | One process | Two processes", rows)


def used(measured: Figures) -> str:
    return _table("Figure | Value", [[f"`{name}`", f"{measured[name]:,.4g}"] for name in USED])


TABLES: dict[str, Callable[[Figures], str]] = {
    "figures": used,
    "sizes": by_size,
    "kinds": by_kind,
    "machines": by_machines,
    "backlogs": by_backlog,
}


def kept() -> dict[str, float]:
    """The figures from which the page was written."""
    found: dict[str, float] = json.loads(KEPT.read_text("utf-8"))
    return found


def written(page: str, measured: Figures) -> str:
    """The page with its tables, each between the comments that name it, made anew."""
    for name, table in TABLES.items():
        page = re.sub(
            rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)",
            lambda marks, table=table: f"{marks[1]}{table(measured)}\n{marks[2]}",  # type: ignore[misc]
            page,
            flags=re.S,
        )
    return page


def _quantile(sorted_values: list[float], share: float) -> float:
    return sorted_values[int(share * (len(sorted_values) - 1))]


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms"


def _duration(seconds: float) -> str:
    return f"{seconds:,.0f} s" if seconds < 120 else f"{seconds / 60:,.0f} min"


def _table(head: str, rows: Iterable[list[str]]) -> str:
    width = head.count("|") + 1
    lines = [head, " | ".join(["---"] + ["---:"] * (width - 1)), *map(" | ".join, rows)]
    return "\n".join(f"| {line} |" for line in lines)


def main() -> None:
    if not figures.KEPT.exists():
        raise SystemExit(f"There is no {figures.KEPT}: run `make bench` first.")
    measured = json.loads(figures.KEPT.read_text("utf-8"))
    missing = [name for name in USED if name not in measured]
    if missing:
        raise SystemExit(f"Not measured yet: {', '.join(missing)}. Run `make bench` for them.")
    taken = {name: measured[name] for name in USED}
    KEPT.write_text(json.dumps(taken, indent=2) + "\n", "utf-8")
    PAGE.write_text(written(PAGE.read_text("utf-8"), taken), "utf-8")


if __name__ == "__main__":
    main()
