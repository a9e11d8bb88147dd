"""The time that sessions cover, where of several parallel ones each person attends one.

Which of them a person went to decides how much time overlaps with everything else, so every choice
is tried, exactly. Sessions that overlap nowhere are no concern of each other: each cluster of
overlapping sessions is counted by itself, and a choice that covers the same hours as another is the
same choice. That keeps the number of choices small; `must_be_countable` refuses the rest at design.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from services.faculty.domain.design import Session
from shared.errors import Invalid

#: Ways in which the parallel sessions of one cluster may cover time: ten stations that rotate.
MOST_CHOICES = 1024

Alternatives = Sequence[Session]


@dataclass(frozen=True)
class Share:
    """Time attended, out of the time that could be attended."""

    time: timedelta
    of: timedelta

    def reaches(self, percent: int) -> bool:
        """Registration alone never qualifies, however low the percentage."""
        return self.time > timedelta() and self.time * 100 >= self.of * percent

    @property
    def percent(self) -> int:
        """Rounded down, so that 79.9 % never reads as 80 %."""
        return self.time * 100 // self.of if self.of else 0

    @property
    def ratio(self) -> Fraction:
        return Fraction(_units(self.time), _units(self.of)) if self.of else Fraction(0)


def best_share(attended: Sequence[Alternatives], missed: Sequence[Alternatives]) -> Share:
    """The share of somebody who was at every session of `attended` and at none of `missed`.

    Of each group one session counts: of those attended the one that gives the person the greatest
    share, and then the most time; of those missed the one that leaves the most to attend.
    """
    outcomes = {(timedelta(), timedelta())}  # time attended, time missed
    for cluster in _clusters([*attended, *missed]):
        of_cluster = cluster.outcomes(
            [each for each in attended if cluster.holds(each)],
            [each for each in missed if cluster.holds(each)],
        )
        outcomes = _undominated(
            {(time + more, lost + less) for time, lost in outcomes for more, less in of_cluster}
        )
    return max(
        (Share(time, time + lost) for time, lost in outcomes),
        key=lambda share: (share.ratio, share.time),
    )


def alternatives_among(sessions: Iterable[Session]) -> list[list[Session]]:
    """The sessions, those for parallel groups together."""
    groups: dict[object, list[Session]] = {}
    for session in sessions:
        name = session.parallel_group
        groups.setdefault(name.strip().casefold() if name else session.id, []).append(session)
    return list(groups.values())


def must_be_countable(sessions: Sequence[Session]) -> None:
    """Raises Invalid where parallel sessions overlap in more ways than can be counted."""
    groups = alternatives_among(sessions)
    for cluster in _clusters(groups):
        covers = {0}
        for group in groups:
            if len(group) < 2 or not cluster.holds(group):
                continue
            covers |= {cover | cluster.cover_of(each) for cover in covers for each in group}
            if len(covers) > MOST_CHOICES:
                raise Invalid(
                    f"The sessions for parallel group “{group[0].parallel_group}” overlap with "
                    "those of too many others to count who attended how much. Hold the groups one "
                    "after the other, or plan them in programmes of their own.",
                    rule="parallel-groups-countable",
                    field="sessions",
                )


class _Cluster:
    """Groups of sessions that overlap, directly or through others.

    A cover is a set of the spans between two neighbouring starts and ends, as bits.
    """

    def __init__(self, groups: Sequence[Alternatives]) -> None:
        self._ids = {session.id for group in groups for session in group}
        sessions = [session for group in groups for session in group]
        self._moments: list[datetime] = sorted(
            {moment for each in sessions for moment in (each.starts_at, each.ends_at)}
        )
        self._place = {moment: place for place, moment in enumerate(self._moments)}

    def holds(self, group: Alternatives) -> bool:
        return group[0].id in self._ids

    def cover_of(self, session: Session) -> int:
        begin, end = self._place[session.starts_at], self._place[session.ends_at]
        return (1 << end) - (1 << begin)

    def outcomes(
        self, attended: Sequence[Alternatives], missed: Sequence[Alternatives]
    ) -> set[tuple[timedelta, timedelta]]:
        """Each time attended, with the time missed beside it, that a choice leads to."""
        return _undominated(
            (
                (time := self._length(cover)),
                max(self._length(all_) for all_ in self._covers(missed, cover)) - time,
            )
            for cover in self._covers(attended, 0)
        )

    def _covers(self, groups: Sequence[Alternatives], covered: int) -> set[int]:
        covers = {covered}
        for group in sorted(groups, key=len):  # those without a choice first
            spans = {self.cover_of(each) for each in group}
            covers = {cover | span for cover in covers for span in spans}
        return covers

    def _length(self, cover: int) -> timedelta:
        return sum(
            (
                self._moments[place + 1] - self._moments[place]
                for place in range(len(self._moments) - 1)
                if cover >> place & 1
            ),
            timedelta(),
        )


def _clusters(groups: Sequence[Alternatives]) -> Iterator[_Cluster]:
    """The groups, those together that overlap."""
    root = list(range(len(groups)))

    def root_of(number: int) -> int:
        while root[number] != number:
            number = root[number]
        return number

    until: datetime | None = None
    last = 0
    owned = [(session, number) for number, group in enumerate(groups) for session in group]
    for session, number in sorted(owned, key=lambda each: each[0].starts_at):
        if until is not None and session.starts_at < until:
            root[root_of(number)] = root_of(last)
        if until is None or session.ends_at > until:
            until, last = session.ends_at, number
    together: dict[int, list[Alternatives]] = {}
    for number, group in enumerate(groups):
        together.setdefault(root_of(number), []).append(group)
    return map(_Cluster, together.values())


def _undominated(
    outcomes: Iterable[tuple[timedelta, timedelta]],
) -> set[tuple[timedelta, timedelta]]:
    """Those that no other betters: more time attended, or less missed."""
    kept: set[tuple[timedelta, timedelta]] = set()
    least: timedelta | None = None
    for time, lost in sorted(outcomes, key=lambda each: (-each[0], each[1])):
        if least is None or lost < least:
            kept.add((time, lost))
            least = lost
    return kept


def _units(time: timedelta) -> int:
    return time // timedelta.resolution
