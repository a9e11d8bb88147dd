"""Parts of a source's events: each subject is in one of them, whatever their number."""

from fnmatch import fnmatchcase
from uuid import uuid4

import pytest

from shared.messaging.parts import SLOTS, WHOLE, Part, Share, divided_into, routing_key, slot_of

SUBJECTS = [f"contract/{uuid4()}" for _ in range(200)]


@pytest.mark.parametrize("of", [1, 2, 3, 5, SLOTS])
def test_each_subject_is_in_one_part(of: int) -> None:
    holders = [[part for part in divided_into(of) if part.holds(subject)] for subject in SUBJECTS]
    assert {len(each) for each in holders} == {1}
    assert {each[0] for each in holders} == set(divided_into(of))


@pytest.mark.parametrize("of", [1, 2, 3, 5, SLOTS])
def test_the_broker_divides_events_as_the_reader_does(of: int) -> None:
    for part in divided_into(of):
        patterns = [each.replace("#", "*") for each in part.patterns("contract")]
        for subject in SUBJECTS:
            key = routing_key("contract.activated.v1", subject)
            assert any(fnmatchcase(key, each) for each in patterns) == part.holds(subject)


def test_the_slot_of_a_subject_never_changes() -> None:
    """Producers and consumers of different releases must agree on it."""
    assert slot_of("contract/0192d3a4-5b6c-7def-8a9b-0c1d2e3f4a5b") == 14
    assert slot_of("partner/0192d3a4-5b6c-7def-8a9b-0c1d2e3f4a5b") == 2


def test_the_whole_is_called_as_what_it_is_the_whole_of() -> None:
    assert WHOLE.name("insight.from.contract") == "insight.from.contract"
    assert Part(2, 4).name("insight.from.contract") == "insight.from.contract.2-of-4"


def test_a_share_holds_what_its_parts_hold() -> None:
    assert all(Share(divided_into(3)).holds(subject) for subject in SUBJECTS)
    assert not any(Share(()).holds(subject) for subject in SUBJECTS)
