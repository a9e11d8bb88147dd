"""The figures: their names, what stands beside them, and what is to be reached."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

#: Where the last run's figures are kept, as a flat object of name → number.
KEPT = Path(__file__).resolve().parents[2] / "build" / "benchmarks.json"

#: The page that shows them, between these marks.
PAGE = Path(__file__).resolve().parents[2] / "docs" / "performance.md"
_MARKS = "<!-- figures -->\n", "<!-- /figures -->"

Figures = dict[str, float]


@dataclass(frozen=True)
class Line:
    """A line of the table. `figure`, `peer` and `ratio` are names of figures."""

    figure: str
    peer: str = ""
    ratio: str = ""
    #: Of the ratio, or of the figure where there is none.
    at_least: float | None = None
    at_most: float | None = None

    @property
    def judged(self) -> str:
        return self.ratio or self.figure

    @property
    def target(self) -> str:
        if self.at_least is not None:
            return f"≥ {self.at_least:g}"
        return "" if self.at_most is None else f"≤ {self.at_most:g}"

    def reached(self, figures: Mapping[str, float]) -> str:
        """Yes or no; nothing where there is no target."""
        value = figures[self.judged]
        if self.at_least is not None:
            return "yes" if value >= self.at_least else "no"
        if self.at_most is not None:
            return "yes" if value <= self.at_most else "no"
        return ""


def _beside(name: str, peer: str, unit: str = "per_s", **target: float) -> Line:
    return Line(f"{name}_{unit}", f"{name}_{peer}_{unit}", f"{name}_vs_{peer}", **target)


LINES = [
    _beside("backlog", "nameko", "events_per_s", at_least=4),
    _beside("backlog", "raw", "events_per_s", at_least=0.5),
    Line("backlog_source_down_events_per_s"),
    Line("backlog_cpu_us", "backlog_nameko_cpu_us"),
    Line("backlog_cpu_us", "backlog_raw_cpu_us"),
    _beside("sequential", "nameko", "events_per_s", at_least=2.5),
    _beside("sequential", "raw", "events_per_s", at_least=0.6),
    Line("sequential_cpu_us", "sequential_nameko_cpu_us"),
    Line("sequential_cpu_us", "sequential_raw_cpu_us"),
    Line("latency_p50_ms", "latency_nameko_p50_ms"),
    Line("latency_p99_ms", "latency_nameko_p99_ms", "latency_p99_vs_nameko", at_most=1),
    Line("latency_under_fault_p99_ms"),
    _beside("rpc", "nameko", at_least=2),
    Line("rpc_cpu_us", "rpc_nameko_cpu_us"),
    _beside("api_get", "monolith", at_least=0.5),
    _beside("api_list", "monolith", at_least=0.6),
    _beside("api_command", "monolith", at_least=0.5),
    Line("rebuild_events_per_s", at_least=4000),
    Line("rebuild_cpu_us"),
    Line("rebuild_peak_mb", "rebuild_early_mb"),
    Line("growth_1m_vs_10k", at_most=1.15),
    Line("scale_2_vs_1", at_least=1.4),
    Line("embedded_backlog_events_per_s"),
    Line("embedded_sequential_events_per_s", at_least=300),
    Line("embedded_api_get_per_s"),
    Line("embedded_api_list_per_s"),
    Line("embedded_api_command_per_s"),
    Line("embedded_start_s", at_most=3),
    Line("embedded_idle_cpu_percent", at_most=0.5),
    Line("embedded_rss_mb", at_most=200),
    Line("import_partners_per_s", at_least=1500),
    Line("search_slowest_ms", at_most=50),
]


def side_by_side(repeats: int, **runs: Callable[[], Figures]) -> dict[str, list[Figures]]:
    """The figures of each run, by its name; the runs take turns, so that noise hits all alike."""
    found: dict[str, list[Figures]] = {name: [] for name in runs}
    for _ in range(repeats):
        for name, run in runs.items():
            found[name].append(run())
    return found


def typical(found: list[Figures], name: str) -> float:
    return median(each[name] for each in found)


def ratio(ours: list[Figures], peers: list[Figures], name: str) -> float:
    """The median of the ratios within each turn."""
    return median(one[name] / other[name] for one, other in zip(ours, peers, strict=True))


def keep(figures: Mapping[str, float], *, afresh: bool) -> Figures:
    """Write the figures, beside those of earlier runs unless `afresh`; all that are kept."""
    known = {} if afresh or not KEPT.exists() else json.loads(KEPT.read_text())
    known |= {name: float(f"{value:.4g}") for name, value in figures.items()}
    KEPT.parent.mkdir(exist_ok=True)
    KEPT.write_text(json.dumps(known, indent=2, sort_keys=True) + "\n")
    return dict(known)


def table(figures: Mapping[str, float]) -> str:
    """As Markdown: figure, peer, ratio, target, and whether it was reached."""
    rows = [("figure", "", "peer", "", "ratio", "target", "reached")]
    for line in LINES:
        if line.figure not in figures:
            continue
        rows.append(
            (
                f"`{line.figure}`",
                _number(figures[line.figure]),
                line.peer and f"`{line.peer}`",
                _number(figures.get(line.peer)),
                _number(figures.get(line.ratio)),
                line.target,
                line.reached(figures),
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [_row(row, widths) for row in rows]
    return "\n".join([lines[0], _row(["-" * width for width in widths], widths), *lines[1:]])


def put_into_page(text: str) -> None:
    before, _, rest = PAGE.read_text("utf-8").partition(_MARKS[0])
    _, _, after = rest.partition(_MARKS[1])
    PAGE.write_text(f"{before}{_MARKS[0]}{text}\n{_MARKS[1]}{after}", "utf-8")


def _row(cells: "tuple[str, ...] | list[str]", widths: list[int]) -> str:
    padded = [
        cell.rjust(width) if cell[:1].isdigit() else cell.ljust(width)
        for cell, width in zip(cells, widths, strict=True)
    ]
    return f"| {' | '.join(padded)} |"


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
