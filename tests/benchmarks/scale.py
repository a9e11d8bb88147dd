"""How much work a measure does: enough for a steady figure, or just enough to see where one is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """Numbers of events, calls and rows; times in seconds."""

    repeats: int = 3
    backlog: int = 20_000
    scaling: int = 40_000
    sequential: int = 3_000
    latency_seconds: int = 30
    fault_seconds: int = 60
    calls: int = 6_000
    request_seconds: float = 6.0
    contracts: int = 500
    rebuild: int = 1_000_000
    little: int = 10_000
    growth: int = 2_000
    embedded_sequential: int = 2_000
    idle_seconds: float = 30.0
    import_rows: int = 10_251


FULL = Scale()
QUICK = Scale(
    repeats=1,
    backlog=5_000,
    scaling=20_000,
    sequential=600,
    latency_seconds=8,
    fault_seconds=24,
    calls=1_600,
    request_seconds=2.0,
    contracts=100,
    rebuild=50_000,
    little=1_000,
    growth=500,
    embedded_sequential=500,
    idle_seconds=15.0,
    import_rows=3_000,
)
