"""Which facts are told: made from a seed, so that a story can be told again as it was."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from uuid import UUID


@dataclass(frozen=True)
class Burst:
    """Facts of one subject that become true in one transaction."""

    subject: UUID
    facts: tuple[UUID, ...]


def bursts(random: Random, subjects: int = 20) -> Iterator[Burst]:
    """For ever: mostly one fact at a time, now and then many; some subjects are busier."""
    known = [_id(random) for _ in range(subjects)]
    while True:
        number = random.choice([1, 1, 1, 2, 3, 12])
        subject = known[int(subjects * random.random() ** 2)]
        yield Burst(subject, tuple(_id(random) for _ in range(number)))


def some(random: Random, number: int, subjects: int = 20) -> list[Burst]:
    """Bursts of at least so many facts in all."""
    found, left = [], number
    for burst in bursts(random, subjects):
        found.append(burst)
        left -= len(burst.facts)
        if left <= 0:
            return found
    return found


def _id(random: Random) -> UUID:
    return UUID(int=random.getrandbits(128), version=4)
