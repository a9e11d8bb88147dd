"""The figures of `make bench`: how they are judged and shown, and that their page tells of them."""

import json
import re
from itertools import groupby
from pathlib import Path

import pytest

from services.contract.schemas import ContractView
from shared.events.base import event_from
from tests.benchmarks import figures, histories
from tests.benchmarks.__main__ import MEASURES
from tests.benchmarks.figures import LINES, Line, ratio, side_by_side, typical
from tests.benchmarks.peers.messages import message_of
from tests.benchmarks.peers.monolith import view


def test_ours_and_the_peers_take_turns():
    order: list[str] = []

    def run(name: str) -> dict[str, float]:
        order.append(name)
        return {"per_s": 10.0 * len(order)}

    found = side_by_side(3, ours=lambda: run("ours"), peer=lambda: run("peer"))
    assert order == ["ours", "peer"] * 3
    assert typical(found["ours"], "per_s") == 30.0
    assert ratio(found["ours"], found["peer"], "per_s") == 30 / 40


@pytest.mark.parametrize(
    ("line", "value", "reached"),
    [
        (Line("a", at_least=4), 4.0, "yes"),
        (Line("a", at_least=4), 3.9, "no"),
        (Line("a", at_most=1), 1.0, "yes"),
        (Line("a", at_most=1), 1.1, "no"),
        (Line("a"), 1.0, ""),
    ],
)
def test_a_target_is_reached_or_not(line: Line, value: float, reached: str):
    assert line.reached({"a": value}) == reached


def test_some_figures_are_measured_anew_beside_those_that_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(figures, "KEPT", tmp_path / "build" / "benchmarks.json")
    figures.keep({"a": 1.0, "b": 2.0}, afresh=True)
    figures.keep({"b": 3.14159}, afresh=False)
    assert json.loads(figures.KEPT.read_text()) == {"a": 1.0, "b": 3.142}
    assert figures.keep({"c": 4.0}, afresh=True) == {"c": 4.0}


def test_the_table_shows_a_figure_with_its_peer_and_target():
    measured = {"rpc_per_s": 800.0, "rpc_nameko_per_s": 320.0, "rpc_vs_nameko": 2.5}
    row = figures.table(measured).splitlines()[-1]
    assert [cell.strip() for cell in row.strip("|").split("|")] == [
        *("`rpc_per_s`", "800", "`rpc_nameko_per_s`", "320", "2.5", "≥ 2", "yes")
    ]


def test_the_page_tells_of_every_measure():
    page = figures.PAGE.read_text("utf-8")
    assert [name for name in MEASURES if f"| `{name}` |" not in page] == []


def test_every_figure_of_the_page_is_one_that_is_measured():
    shown = re.findall(r"^\| `(\w+)` .*\|$", figures.PAGE.read_text("utf-8"), re.M)
    assert set(shown) - {line.figure for line in LINES} - set(MEASURES) == set()


def test_the_events_of_a_backlog_are_of_the_published_language_and_in_order():
    rows = list(histories.rows(2500))
    for row in rows:
        event_from(row["type"], row["version"], row["data"])
    by_subject = groupby(sorted(rows, key=lambda row: row["subject"]), lambda row: row["subject"])
    for _, own in by_subject:
        sequences = [row["sequence"] for row in own]
        assert sequences == [*range(1, len(sequences) + 1)]
    assert len({row["id"] for row in rows}) == len(rows)


def test_peers_exchange_the_same_as_we_do():
    (row,) = histories.rows(1)
    assert message_of(row)["data"] == row["data"]
    assert message_of(row)["id"] == str(row["id"])


def test_the_monolith_shows_every_field_that_a_contract_has_here():
    assert set(view.fields) == set(ContractView().fields)
