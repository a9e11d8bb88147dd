"""The page about growth says what the model says, and the model does what queues do."""

import random

import pytest

from tests.benchmarks import growing
from tests.benchmarks.growing import Office


def test_the_page_says_what_the_model_says() -> None:
    page = growing.PAGE.read_text("utf-8")
    made = growing.written(page, growing.kept())
    assert page == made, "run `python -m tests.benchmarks.growing` after `make bench`"
    assert [name for name in growing.TABLES if f"<!-- {name} -->\n| " not in page] == []


def test_nobody_waits_while_there_is_a_server_for_each() -> None:
    together = [(0.0, 5.0), (0.0, 5.0), (1.0, 5.0)]
    assert growing.waits(together, 3) == [0, 0, 0]
    assert growing.waits(together, 2) == [0, 0, 4]
    assert growing.waits(together, 1) == [0, 5, 9]


@pytest.mark.parametrize("busy", [0.3, 0.6, 0.8])
def test_one_server_makes_wait_as_long_as_theory_has_it(busy: float) -> None:
    """M/D/1: on average busy / (2 (1 - busy)) times the time that one takes."""
    takes = 0.01
    arrivals = growing.busiest_hour(busy / takes, random.Random(1), {takes: 1})
    waited = growing.waits(arrivals, 1)
    theory = takes * busy / (2 * (1 - busy))
    assert sum(waited) / len(waited) == pytest.approx(theory, rel=0.05)


def test_the_largest_office_fills_the_machine_and_no_more() -> None:
    measured = growing.kept()
    office = growing.largest(measured)
    assert growing.load(office, measured) <= growing.FULL
    assert growing.load(Office(office.contracts + 100), measured) > growing.FULL


def test_two_machines_hold_twice_the_office() -> None:
    measured = growing.kept()
    one, two = (growing.largest(measured, machines) for machines in (1, 2))
    assert two.contracts == pytest.approx(2 * one.contracts, abs=100)
