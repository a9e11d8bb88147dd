"""Alerts and dashboard name what there is, and each alert says what to do."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from services.documentation.metrics import described
from services.registry import SERVICES

ROOT = Path(__file__).resolve().parents[2]
MONITORING = ROOT / "infra/monitoring"
RUNBOOK = ROOT / "docs/runbook"
RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((MONITORING / "rules.yml").read_text("utf-8"))["groups"]
    for rule in group["rules"]
]
DASHBOARD: dict[str, Any] = json.loads((MONITORING / "dashboard.json").read_text("utf-8"))

#: What Prometheus itself and its client say of every process.
_COMMON = {"up": {"job"}, "process_resident_memory_bytes": {"job"}} | {
    "process_cpu_seconds_total": {"job"}
}


def known() -> dict[str, set[str]]:
    """The labels of every name under which Prometheus keeps something of ours."""
    found = dict(_COMMON)
    for name, kind, labels, _ in described():
        endings = ("_bucket", "_sum", "_count") if kind == "histogram" else ("",)
        own = set(re.findall(r"\w+", labels))
        for ending in endings:
            found[name + ending] = own | ({"le"} if ending == "_bucket" else set())
    return found


def expressions() -> Iterator[str]:
    yield from (rule["expr"] for rule in RULES)
    yield from (target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"])


ALERTS = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
EXPRESSIONS = pytest.mark.parametrize("expression", sorted(set(expressions())))


@EXPRESSIONS
def test_an_expression_names_metrics_and_labels_that_there_are(expression: str) -> None:
    metrics = known()
    named = re.findall(r"\b((?:entente|process|up)\w*)\b(?:\{([^}]*)\})?", expression)
    assert named
    for name, selected in named:
        assert name in metrics
        assert set(re.findall(r"(\w+)\s*[=!]", selected)) <= metrics[name]


@EXPRESSIONS
def test_an_expression_gathers_by_labels_that_its_metrics_have(expression: str) -> None:
    metrics = known()
    labels = [metrics[name] for name in re.findall(r"\bentente_\w+", expression)]
    for gathered in re.findall(r"\bby \(([^)]*)\)", expression):
        for each in labels:
            assert set(re.findall(r"\w+", gathered)) <= each


def test_every_metric_is_told_of_an_alert_or_a_panel() -> None:
    text = "\n".join(expressions())
    assert [name for name, _, _, _ in described() if name not in text] == []


@ALERTS
def test_an_alert_has_a_page_that_is_named_like_it(rule: dict[str, Any]) -> None:
    name = re.sub(r"(?<!^)(?=[A-Z])", "-", rule["alert"]).lower()
    assert rule["annotations"]["runbook"] == f"docs/runbook/{name}.md"
    page = (RUNBOOK / f"{name}.md").read_text("utf-8")
    assert re.findall(r"^#+ (.*)$", page, re.M) == [
        rule["alert"],
        "What it means",
        "What to look at",
        "What to do",
    ]


def test_every_page_belongs_to_an_alert() -> None:
    named = {rule["annotations"]["runbook"] for rule in RULES}
    assert {f"docs/runbook/{path.name}" for path in RUNBOOK.glob("*.md")} == named


@ALERTS
def test_an_alert_says_what_is_the_matter_in_labels_that_it_has(rule: dict[str, Any]) -> None:
    shown = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
    gathered = re.findall(r"\bby \(([^)]*)\)", rule["expr"])
    names = re.findall(r"\bentente_\w+", rule["expr"])
    has = (
        set(re.findall(r"\w+", gathered[0]))
        if gathered
        else set.union({"instance"}, *(known()[name] for name in names))
    )
    assert shown <= has
    assert rule["labels"]["severity"] in ("page", "ticket")


def test_the_dashboard_can_be_imported_anywhere() -> None:
    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert {panel["datasource"]["uid"] for panel in panels} == {"${source}"}
    assert [each["name"] for each in DASHBOARD["templating"]["list"]] == ["source"]
    assert all(panel["description"] for panel in panels)


def test_prometheus_asks_every_service_where_compose_lets_it() -> None:
    config = yaml.safe_load((MONITORING / "prometheus.yml").read_text("utf-8"))
    (job,) = config["scrape_configs"]
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
    asked = {
        f"{name}:{compose['services'][name]['environment']['ENTENTE_OPERATIONS_PORT']}"
        for name in SERVICES
    }
    assert set(job["static_configs"][0]["targets"]) == asked
    assert config["rule_files"] == ["rules.yml"]


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_prometheus_takes_the_configuration_and_the_rules() -> None:
    outcome = subprocess.run(
        ["promtool", "check", "config", MONITORING / "prometheus.yml"],
        capture_output=True,
        text=True,
    )
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
