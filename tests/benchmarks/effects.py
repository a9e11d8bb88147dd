"""When effects were there, by the commit stamps of the database that holds them."""

from dataclasses import dataclass

from tests.benchmarks.ground import Place
from tests.benchmarks.histories import HISTORIES_END
from tests.benchmarks.parties import Party, until


@dataclass(frozen=True)
class Effects:
    """One table that takes a row for each effect, or for each fact; `key` tells which.

    where: which of its rows count, where it is not all of them.
    """

    database: str
    table: str
    key: str = "id"
    where: str = "true"

    def count(self, place: Place) -> int:
        return int(
            place.value(self.database, f"select count(*) from {self.table} where {self.where}")
        )

    def await_all(self, place: Place, count: int, *parties: Party) -> None:
        """Return when so many are there; raises where a party ends meanwhile."""

        def all_there() -> bool:
            for party in parties:
                party.check()
            return self.count(place) >= count

        until(all_there, f"{count} rows in {self.table}", every=0.2)

    def drain(self, place: Place, count: int, consumer: Party) -> tuple[float, float]:
        """Effects a second, and the consumer's CPU microseconds for each, from the first on."""

        def begun() -> bool:
            consumer.check()
            return self.count(place) > 0

        until(begun, "the first effect", every=0.02)
        before, spent = self.count(place), consumer.cpu_seconds
        self.await_all(place, count, consumer)
        return self.rate(place), (consumer.cpu_seconds - spent) / (count - before) * 1e6

    def stamps(self, place: Place) -> dict[str, float]:
        """Seconds of commit by key; on PostgreSQL."""
        statement = (
            f"select {self.key}, extract(epoch from pg_xact_commit_timestamp(xmin))"
            f" from {self.table} where {self.where}"
        )
        return {str(key): float(at) for key, at in place.rows(self.database, statement)}

    def rate(self, place: Place, skipping: float = 0.0) -> float:
        """Effects a second, from the end of the first transaction to that of the last.

        skipping: the share of all effects, from the first on, that is not counted.
        """
        stamps = sorted(self.stamps(place).values())
        first, last = stamps[int(skipping * len(stamps))], stamps[-1]
        return sum(each > first for each in stamps) / (last - first)


#: What insight makes of events, and what it makes of those that the producer's commits cause.
TIMELINE = Effects("insight", "timeline", "event_id")
TOLD = Effects("insight", "timeline", "contract_id", where=f"occurred_at > '{HISTORIES_END}'")
CONTRACTS = Effects("contract", "contracts")
PEER_EFFECTS = Effects("peer", "effect")
PEER_CONTRACTS = Effects("peer", "contract")
