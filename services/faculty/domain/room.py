"""The places of a programme: on-site and remote ones where they are kept apart, or of one kind.

| Person takes | Gets |
|---|---|
| on-site, or remote | a place of that kind, never one of the other |
| either | a place of the kind of which more are free; on-site where both have as many |
| (the programme does not keep them apart) | a place |
| nothing said, of a programme that keeps them apart | refused: nobody guesses |
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from services.faculty.domain.enrolment import Enrolment
from shared.errors import Conflict, Invalid
from shared.events.faculty import PlaceKind, PlaceWanted

#: A kind of place; None of a programme that does not keep them apart.
Kind = PlaceKind | None

_SUITING: dict[PlaceWanted, tuple[Kind, ...]] = {
    PlaceWanted.ON_SITE: (PlaceKind.ON_SITE,),
    PlaceWanted.REMOTE: (PlaceKind.REMOTE,),
    PlaceWanted.EITHER: (PlaceKind.ON_SITE, PlaceKind.REMOTE),
}


@dataclass(frozen=True)
class Room:
    """How many places there are of each kind, and how many of them are taken or on offer."""

    capacity: dict[Kind, int]
    taken: Counter[Kind]

    @classmethod
    def of(cls, capacity: int, remote: int | None, taken: Iterable[Kind]) -> "Room":
        """remote: how many of the places are remote; None: they are not kept apart."""
        if remote is None:
            places: dict[Kind, int] = {None: capacity}
        else:
            places = {PlaceKind.ON_SITE: capacity - remote, PlaceKind.REMOTE: remote}
        return cls(places, Counter(taken))

    @property
    def free(self) -> Counter[Kind]:
        return Counter({kind: max(0, self.left(kind)) for kind in self.capacity})

    def left(self, kind: Kind) -> int:
        """Places that are not taken; fewer than none where there are too many people."""
        return self.capacity[kind] - self.taken[kind]

    def chosen(self, wanted: PlaceWanted | None) -> PlaceWanted | None:
        """What the person takes, as it is kept. Raises Invalid where it does not fit the places."""
        if None in self.capacity:
            if wanted in (PlaceWanted.ON_SITE, PlaceWanted.REMOTE):
                raise Invalid(
                    "This programme does not keep on-site and remote places apart: leave out "
                    "which of them is wanted.",
                    rule="places-apart",
                    field="wanted",
                    accepted="nothing",
                )
            return None
        if wanted is None:
            raise Invalid(
                "This programme keeps on-site and remote places apart: say which suits, or that "
                "either does.",
                rule="place-wanted",
                field="wanted",
                accepted=", ".join(PlaceWanted),
            )
        return wanted

    def suiting(self, wanted: PlaceWanted | None) -> tuple[Kind, ...]:
        return (None,) if wanted is None else _SUITING[wanted]

    def free_for(self, wanted: PlaceWanted | None) -> int:
        """How many places are free that suit."""
        return sum(self.free[kind] for kind in self.suiting(wanted))

    def all_taken(self, wanted: PlaceWanted | None) -> str:
        """That none is free which suits, in words: "All 12 remote places are taken"."""
        kinds = self.suiting(wanted)
        number = sum(self.capacity[kind] for kind in kinds)
        word = "" if wanted in (None, PlaceWanted.EITHER) else f"{wanted.replace('_', '-')} "
        if not number:
            return f"There are no {word}places"
        return (
            f"All {number} {word}places are taken"
            if number > 1
            else f"The only {word}place is taken"
        )

    def share_out(self, wanted: Sequence[PlaceWanted | None]) -> Iterator[tuple[int, Kind]]:
        """Who of these gets a place, by position, and of which kind: earlier ones first.

        Somebody who takes either leaves the kind that later ones need, as long as another is free.
        """
        free = self.free
        served: list[int] = []
        fixed: Counter[Kind] = Counter()
        for position, each in enumerate(wanted):
            kinds = self.suiting(each)
            if len(served) == free.total() or (
                len(kinds) == 1 and fixed[kinds[0]] == free[kinds[0]]
            ):
                continue
            served.append(position)
            if len(kinds) == 1:
                fixed[kinds[0]] += 1
        left = free - fixed
        for position in served:
            kinds = self.suiting(wanted[position])
            kind = kinds[0] if len(kinds) == 1 else max(kinds, key=left.__getitem__)
            if len(kinds) > 1:
                left[kind] -= 1
            yield position, kind


def must_have_places(capacity: int, remote: int | None) -> None:
    """That there is a place at all, and no more remote ones than places. Raises Invalid."""
    if capacity < 1:
        raise Invalid(
            "A programme needs at least one place.",
            rule="at-least-one-place",
            field="capacity",
            accepted="a whole number from 1 upwards",
        )
    if remote is not None and not 0 <= remote <= capacity:
        raise Invalid(
            f"Of {capacity} place{'' if capacity == 1 else 's'}, {remote} cannot be remote: the "
            "capacity counts on-site and remote places together.",
            rule="remote-within-capacity",
            field="remote_capacity",
            accepted=f"a whole number from 0 to {capacity}, or nothing",
        )


def must_cover(capacity: int, remote: int | None, enrolments: Iterable[Enrolment]) -> None:
    """That there are places for those who have one or are offered one. Raises Conflict."""
    room = Room.of(capacity, remote, (each.place for each in enrolments if each.holds_a_place))
    for kind, number in room.taken.items():
        if room.left(kind) < 0:
            places = f"{kind.replace('_', '-')} places" if kind else "places"
            raise Conflict(
                f"There cannot be fewer {places} than are taken or on offer, which is {number}.",
                rule="capacity-covers-taken-places",
                field="remote_capacity" if kind is PlaceKind.REMOTE else "capacity",
                accepted=f"at least {number} {places}",
            )
