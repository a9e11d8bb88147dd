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
from prometheus_client import generate_latest

from services.documentation.metrics import described
from services.gateway.observing import Metrics
from services.registry import SERVICES
from shared.messaging.metrics import Measurements

ROOT = Path(__file__).resolve().parents[2]
MONITORING = ROOT / "infra/monitoring"
RUNBOOK = ROOT / "docs/runbook"
RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((MONITORING / "rules.yml").read_text("utf-8"))["groups"]
    for rule in group["rules"]
]
RULE_TESTS: list[dict[str, Any]] = yaml.safe_load(
    (MONITORING / "rules.test.yml").read_text("utf-8")
)["tests"]
CONFIGURATIONS = sorted(MONITORING.glob("prometheus*.yml"))
DASHBOARD: dict[str, Any] = json.loads((MONITORING / "dashboard.json").read_text("utf-8"))

#: What Prometheus itself and its client say of every process.
_COMMON: dict[str, set[str]] = {
    "process_resident_memory_bytes": set(),
    "process_cpu_seconds_total": set(),
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
    named = re.findall(r"\b((?:entente|process)\w*)\b(?:\{([^}]*)\})?", expression)
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
    address = "{{ $externalLabels.runbooks }}"
    assert rule["annotations"]["runbook_url"] == f"{address}/{name}.md"
    page = (RUNBOOK / f"{name}.md").read_text("utf-8")
    assert re.findall(r"^#+ (.*)$", page, re.M) == [
        rule["alert"],
        "What it means",
        "What to look at",
        "What to do",
    ]


def test_every_page_belongs_to_an_alert() -> None:
    named = {rule["annotations"]["runbook_url"].rpartition("/")[2] for rule in RULES}
    assert {path.name for path in RUNBOOK.glob("*.md")} == named


@pytest.mark.parametrize("config", CONFIGURATIONS, ids=lambda path: path.name)
def test_every_configuration_says_where_the_pages_are_served(config: Path) -> None:
    told = yaml.safe_load(config.read_text("utf-8"))
    assert told["global"]["external_labels"]["runbooks"].endswith("/docs/runbook")
    assert told["rule_files"] == ["rules.yml"]


@ALERTS
def test_an_alert_comes_once_whatever_the_job_is_called(rule: dict[str, Any]) -> None:
    """Each term is gathered over processes, without a word about jobs or instances."""
    expression = " ".join(rule["expr"].split())
    assert not re.search(r"\b(job|instance|without)\b", expression)
    gathered = re.split(r"(?<=\)) or ", expression)
    assert all(
        re.match(r"(absent|(sum|max|min)( by \([^)]*\))? ?|histogram_quantile)\(", each)
        for each in gathered
    )


def test_the_dashboard_names_no_job() -> None:
    assert [each for each in expressions() if re.search(r"job\s*=", each)] == []
    (missing,) = [each for each in expressions() if "count by (service)" in each]
    assert missing.startswith(f"{len(SERVICES)} - ")


def test_every_service_is_missed_when_it_is_gone() -> None:
    (rule,) = [each for each in RULES if each["alert"] == "ServiceDown"]
    missed = re.findall(r'absent\(\w+\{service="(\w+)"\}\)', rule["expr"])
    assert sorted(missed) == sorted(SERVICES)


@ALERTS
def test_an_alert_is_tried_with_what_raises_it_and_with_what_does_not(
    rule: dict[str, Any],
) -> None:
    """promtool plays them; here, that the series are ours and come from two processes."""
    tried = {
        tuple(bool(each["exp_alerts"]) for each in case["alert_rule_test"]): case
        for case in RULE_TESTS
        if case["alert_rule_test"][0]["alertname"] == rule["alert"]
    }
    assert set(tried) == {(True,), (False,)}
    metrics = known()
    for case in tried.values():
        jobs = set()
        for series in case["input_series"]:
            name, _, selected = series["series"].partition("{")
            labels = dict(re.findall(r'(\w+)="([^"]*)"', selected))
            jobs.add((labels.pop("job"), labels.pop("instance")))
            assert set(labels) <= metrics[name] | {"le"}
        assert len(jobs) == 2
    raised = tried[(True,)]["alert_rule_test"][0]["exp_alerts"]
    assert len(raised) == 1
    assert raised[0]["exp_labels"]["severity"] == rule["labels"]["severity"]


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


def test_prometheus_asks_every_pod_where_kubernetes_lets_it() -> None:
    config = yaml.safe_load((MONITORING / "prometheus-kubernetes.yml").read_text("utf-8"))
    (job,) = config["scrape_configs"]
    kept = {
        each["source_labels"][0]: each["regex"]
        for each in job["relabel_configs"]
        if each.get("action") == "keep"
    }
    assert kept == {
        "__meta_kubernetes_pod_label_app_kubernetes_io_part_of": "entente",
        "__meta_kubernetes_pod_container_port_name": "metrics",
    }
    for name in SERVICES:
        (pod,) = [
            each["spec"]["template"]
            for each in yaml.safe_load_all(
                (ROOT / f"infra/kubernetes/base/{name}.yaml").read_text("utf-8")
            )
            if each["kind"] == "Deployment"
        ]
        assert pod["metadata"]["labels"]["app.kubernetes.io/part-of"] == "entente"
        ports = {
            port["name"]: port["containerPort"]
            for container in pod["spec"]["containers"]
            for port in container["ports"]
        }
        assert ports["metrics"] == 9100


def test_no_series_says_when_another_was_made() -> None:
    measurements = Measurements()
    Metrics(measurements.registry).requests.labels("GET", "/", "200").inc()
    shown = generate_latest(measurements.registry).decode()
    assert "entente_http_requests_total" in shown
    assert "_created" not in shown


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_prometheus_takes_the_configuration_and_the_rules() -> None:
    outcome = subprocess.run(
        ["promtool", "check", "config", MONITORING / "prometheus.yml"],
        capture_output=True,
        text=True,
    )
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_prometheus_raises_each_alert_when_it_should_and_not_otherwise() -> None:
    outcome = subprocess.run(
        ["promtool", "test", "rules", MONITORING / "rules.test.yml"],
        capture_output=True,
        text=True,
    )
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
