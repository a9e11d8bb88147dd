"""Two services in little, in one process or in one each, for tests that let them die.

`kit.fork_server` starts `main` in a process of its own. The source records `FACTS`, one in each
transaction, beginning again where it was; the consumer keeps its ledger of them. It runs until it
is killed.
"""

import warnings

warnings.filterwarnings("ignore", message=r"(?s).*[Ee]ventlet is deprecated")

import eventlet  # noqa: E402

eventlet.monkey_patch()

from uuid import UUID, uuid5  # noqa: E402

from shared.clock import SystemClock  # noqa: E402
from shared.database import Database  # noqa: E402
from shared.messaging.relay import Relay  # noqa: E402
from shared.messaging.subscriber import Subscriber  # noqa: E402
from tests.integration.messaging.places import SOURCE, Consumer, Source  # noqa: E402

_SPACE = UUID(int=7)
SUBJECTS = [uuid5(_SPACE, f"subject {number}") for number in range(4)]
#: (subject, fact) in the order in which they come about.
FACTS = [
    (subject, uuid5(_SPACE, f"{subject} {round_}")) for round_ in range(8) for subject in SUBJECTS
]


def record_facts(source: Source) -> None:
    """Record what is not recorded yet, as somebody does who repeats what was not answered."""
    recorded = {each.data["partner_id"] for each in source.envelopes()}
    for subject, fact in FACTS:
        if str(fact) not in recorded:
            source.record_these(subject, [fact])
            eventlet.sleep(0.005)  # others take their turn: the relay begins while we record


def main(role: str, uri: str, source_url: str, consumer_url: str) -> None:
    """role: both, source or consumer."""
    clock = SystemClock()
    source = Source(Database(source_url), clock)
    loops: list[Relay | Subscriber] = []
    if role in ("both", "consumer"):
        loops.append(Consumer(Database(consumer_url), clock, {SOURCE: source}).subscriber(uri))
    if role in ("both", "source"):
        loops.append(source.relay(uri))
    running = [eventlet.spawn(loop.run) for loop in loops]
    if role in ("both", "source"):
        record_facts(source)
    for each in running:
        each.wait()
