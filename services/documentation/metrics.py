"""The page of metrics: every measurement by name."""

from typing import Any

from services.documentation import markdown
from services.documentation.markdown import code
from services.gateway.observing import Metrics
from shared.messaging.metrics import Measurements

_INTRODUCTION = """\
For Prometheus: every process shows its own at `/metrics` of `ENTENTE_OPERATIONS_PORT`; in one
process (embedded), these are everybody's. Beside these
there are the usual `process_…`. Gauges are looked up when Prometheus asks, and cost nothing else.

A histogram's name is followed by `_bucket`, `_sum` or `_count`. `service` is whose measurement it
is, `source` whose events it is about. Several processes of one service say the same of its
database: take their `max`, not their sum. What is worth an alert is in
`infra/monitoring/rules.yml`, with a dashboard for Grafana beside it.
"""


def page() -> str:
    rows = [(code(name), kind, labels, meaning) for name, kind, labels, meaning in described()]
    return markdown.page(
        "Metrics", _INTRODUCTION, markdown.table(("Name", "Kind", "Labels", "Meaning"), rows)
    )


def described() -> list[tuple[str, str, str, str]]:
    """Name (of a histogram, without what follows), kind, labels and meaning of every metric."""
    registry = Measurements().registry
    Metrics(registry)
    found = []
    for family in registry.collect():
        if family.name.startswith("entente_"):
            owner: Any = registry._names_to_collectors[family.name]
            labels = getattr(family, "_labelnames", None) or owner._labelnames
            listed = ", ".join(map(code, labels))
            name = family.name + ("_total" if family.type == "counter" else "")
            found.append((name, family.type, listed, f"{family.documentation}."))
    return sorted(found)
