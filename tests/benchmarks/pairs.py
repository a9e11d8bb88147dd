"""A producer and a consumer, ours or a peer's: what one commits takes effect at the other."""

from dataclasses import dataclass

from tests.benchmarks.effects import CONTRACTS, PEER_CONTRACTS, PEER_EFFECTS, TOLD, Effects
from tests.benchmarks.ground import Place
from tests.benchmarks.parties import Party

PEERS = {"nameko": "plain_nameko", "raw": "raw"}
#: Events that are produced before anything is measured.
WARMING = 50


@dataclass
class Pair:
    """Both processes, and where facts and effects are seen. What was made before is not counted."""

    place: Place
    producer: Party
    consumer: Party
    facts: Effects
    effects: Effects
    made: int = 0

    def order(self, count: int, rate: float = 0.0) -> None:
        """Have so many facts committed, without waiting."""
        self.producer.order(count, rate)
        self.made += count

    def settle(self) -> None:
        """Wait until all that was ordered has taken effect."""
        self.effects.await_all(self.place, self.made, self.producer, self.consumer)

    def warm_up(self) -> None:
        self.order(WARMING)
        self.settle()

    def lags(self, after: int = WARMING) -> list[float]:
        """Seconds from commit to effect of each fact, in the order of the facts."""
        facts = sorted(self.facts.stamps(self.place).items(), key=lambda each: each[1])[after:]
        effects = self.effects.stamps(self.place)
        return [effects[id] - at for id, at in facts]

    def rate(self, after: int) -> float:
        """Facts a second, from the first commit until the last effect."""
        facts = sorted(self.facts.stamps(self.place).values())[after:]
        effects = self.effects.stamps(self.place).values()
        return len(facts) / (max(effects) - facts[0])


def ours(office: Place) -> Pair:
    """The contract service, in which contracts are drafted, and insight."""
    producer = office.start("tests.benchmarks.producer", "contract")
    producer.says("ready")
    pair = Pair(office, producer, office.run("insight"), CONTRACTS, TOLD)
    pair.warm_up()
    return pair


def peer(place: Place, name: str) -> Pair:
    module = f"tests.benchmarks.peers.{PEERS[name]}"
    where = place.settings.database_of("peer"), place.amqp_uri
    consumer = place.start(module, "consume", *where)
    consumer.says("ready")
    producer = place.start(module, "produce", *where)
    producer.says("ready")
    pair = Pair(place, producer, consumer, PEER_CONTRACTS, PEER_EFFECTS)
    pair.warm_up()
    return pair
