"""Row 4: the network between a service and its servers breaks, in each way that networks have.

Meanwhile others go on; afterwards the service finds out by itself that its connection is of no
use, makes a new one, and nothing is missing.
"""

from collections.abc import Callable

import pytest

from tests.office import until
from tests.reliability.kit.proxy import Proxy, Way
from tests.reliability.kit.small import Listener
from tests.reliability.kit.stage import RECOVERY, Stage, flat

Fault = Callable[[Proxy], None]

soak = pytest.mark.soak


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(
            lambda network: network.half_close("down"),
            id="the service sees the end, the broker does not",
        ),
        # Those that only heartbeats find.
        pytest.param(
            lambda network: network.half_close("up"),
            id="the broker sees the end, the service does not",
            marks=soak,
        ),
        pytest.param(
            lambda network: network.black_hole("up"),
            id="all that is sent to the broker is swallowed",
            marks=soak,
        ),
        pytest.param(
            lambda network: network.black_hole("down"),
            id="all that the broker sends is swallowed",
            marks=soak,
        ),
    ],
)
def test_a_connection_to_the_broker_that_is_half_open_for_ever(stage: Stage, fault: Fault) -> None:
    """Both a teller's and a listener's connections carry nothing any more, without being closed.

    Heartbeats find it; confirms that never come are not believed; both connect anew.
    """
    with stage.telling():
        until(lambda: stage.left()["finance"] < 10, "load being carried")
        fault(stage.network("partner"))
        fault(stage.network("finance"))
        told = flat(stage.tell(20))
        stage.heal()  # for new connections: those that were hit stay as they are
        until(lambda: stage.listeners["finance"].has_heard(told[-1:]), "news from partner")


@soak
def test_a_listener_cut_off_keeps_nobody_else_waiting(stage: Stage) -> None:
    """The network to one listener swallows everything, both ways, as long as it likes.

    The other listener hears all that is told meanwhile.
    """
    stage.network("finance").black_hole()
    told = flat(stage.tell(50)) + flat(stage.tell(50, "consultancy"))
    until(lambda: stage.listeners["insight"].has_heard(told), "insight hearing")
    assert not stage.listeners["finance"].has_heard(told[:1])


@pytest.mark.parametrize("name", ["finance", pytest.param("partner", marks=soak)])
def test_a_network_that_flaps(stage: Stage, name: str) -> None:
    """Connections to the broker are reset again and again, in the midst of batches."""
    with stage.telling():
        for _ in range(5):
            stage.network(name).cut()
            hears_more(stage.listeners["insight"])


def hears_more(listener: Listener) -> None:
    """Wait until it has heard some more facts than now."""
    before = listener.heard()
    until(lambda: listener.heard() > before + 10, f"{listener.name} hearing more")


@soak
def test_a_network_that_is_late_and_slow(stage: Stage) -> None:
    """Everything takes its time: 50 ms each way, 200 kB/s. It is late, but it comes."""
    for name in ("partner", "finance"):
        stage.network(name).latency(0.05)
        stage.network(name).slow(200_000)
    told = flat(stage.tell(300))
    until(lambda: stage.listeners["finance"].has_heard(told), "all, though late")


@pytest.mark.parametrize("way", ["up", pytest.param("down", marks=soak)])
def test_a_database_that_falls_silent(stage: Stage, way: Way) -> None:
    """The network swallows all that goes one way between a teller, a listener and their databases,
    and forgets the connections. Neither waits for an answer for ever; nor does a database keep
    the locks of somebody who is not heard any more."""
    with stage.telling():
        for name in ("partner", "finance"):
            stage.database_networks[name].black_hole(way)
        told = flat(stage.tell(20))
        stage.heal()  # for new connections: those that were hit stay as they are
        finance = stage.listeners["finance"]
        until(lambda: finance.has_heard(told[-1:]), "news from partner", RECOVERY)


def test_a_database_that_cannot_be_reached(stage: Stage) -> None:
    """A listener's database refuses every connection, then takes them again. What was told in the
    meantime waits in the queue."""
    stage.database_networks["finance"].down()
    told = flat(stage.tell(50))
    until(lambda: stage.listeners["insight"].has_heard(told), "insight hearing")
    assert not stage.listeners["finance"].has_heard(told[:1])
