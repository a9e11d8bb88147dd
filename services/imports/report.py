"""What an import says of every row."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from services.imports.tables import UnreadableRow


class Outcome(StrEnum):
    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    #: The same as another row or as something that is here from elsewhere; not taken twice.
    DUPLICATE = "duplicate"
    #: Nothing to take over: only a tender, an award without a contract, a contract that ended; a
    #: row that its workbook hides.
    SKIPPED = "skipped"
    REFUSED = "refused"


@dataclass(frozen=True)
class Line:
    """What became of one row of a file, or of one contract of a release.

    `reason` says why it was not taken, or what is worth knowing of one that was; `similar` are
    names in the same country that look like it.
    """

    source: str
    place: str
    name: str
    outcome: Outcome
    field: str = ""
    reason: str = ""
    similar: tuple[str, ...] = ()
    id: str | None = None

    @property
    def needs_a_look(self) -> bool:
        settled = (Outcome.CREATED, Outcome.CHANGED, Outcome.UNCHANGED)
        return self.outcome not in settled or bool(self.reason or self.similar)

    def to_plain(self) -> dict[str, Any]:
        return asdict(self)


def of_unreadable(path: Path, row: UnreadableRow) -> Line:
    """The line of a row that was not read."""
    return Line(
        source=path.name,
        place=f"row {row.number}",
        name=row.text,
        outcome=Outcome.SKIPPED if row.is_hidden else Outcome.REFUSED,
        field=row.column or "row",
        reason=row.reason,
    )


@dataclass
class Tally:
    """Counts of outcomes, kept while the lines go by."""

    counts: Counter[Outcome] = field(default_factory=Counter)
    #: Rows with similar names.
    similar: int = 0

    def of(self, lines: Iterable[Line]) -> Iterator[Line]:
        for line in lines:
            self.counts[line.outcome] += 1
            self.similar += bool(line.similar)
            yield line

    @property
    def rows(self) -> int:
        return self.counts.total()

    def to_plain(self) -> dict[str, int]:
        return {outcome.value: self.counts[outcome] for outcome in Outcome} | {
            "similar": self.similar
        }
