"""Row 11: a read model is made again from the logs of those who told it."""

import pytest

from tests.reliability.kit.stage import Stage


def test_a_read_model_that_is_rebuilt_in_the_midst_of_traffic(stage: Stage) -> None:
    """Once and once more, while facts are told and heard: the second time it has not even come to
    the end of the first. Each fact has its effect once, in order, in the end."""
    told = stage.tell(50)
    stage.hears_all(told)
    with stage.telling():
        for _ in range(2):
            stage.rebuild("finance")
        stage.hears_all(told + stage.tell(20))


@pytest.mark.soak
def test_a_rebuild_with_nothing_new_gives_the_same(stage: Stage) -> None:
    """What stands there afterwards is what stood there before."""
    finance = stage.listeners["finance"]
    stage.hears_all(stage.tell(50))
    stage.settle()
    before = finance.standings()
    stage.rebuild("finance")
    stage.settle()
    assert finance.standings() == before
