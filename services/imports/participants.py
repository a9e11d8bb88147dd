"""Participants of one programme from CSV and XLSX: read here, decided by the faculty service.

A dry run is the same, except that nothing is written: the service receives the earlier rows.
"""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from services.imports import sheets
from services.imports.asking import Asking
from services.imports.report import Line, Outcome, of_unreadable
from services.imports.sheets import Columns, UnreadableRow
from shared.errors import Invalid, NotFound

#: Rows in one transaction of the faculty service.
BATCH = 500
#: More people than any one programme is announced to.
MOST_PEOPLE = 5_000

COLUMNS = Columns(needed=("name", "email"), also=("profession", "wanted"), names=("name",))


def programme_of(asking: Asking, reference: str) -> dict[str, Any]:
    """The programme with this reference (PRG-2026-0001). Raises NotFound."""
    wanted = reference.strip().upper()
    found = asking.ask("faculty", "list_programmes", {"text": wanted})["items"]
    for programme in found:
        if programme["reference"] == wanted:
            return dict(programme)
    raise NotFound(
        f"There is no programme {wanted[:40]}. Its reference looks like PRG-2026-0001.",
        rule="exists",
        field="programme",
    )


class ParticipantImport:
    """One file on its way into a programme. A dry run changes nothing."""

    def __init__(
        self,
        asking: Asking,
        path: Path,
        programme: dict[str, Any],
        *,
        of_partner: bool,
        wanted: str | None,
        dry_run: bool,
    ) -> None:
        """programme: its view; of_partner: whether those who are new are the partner's people;
        wanted: which kind of place suits those whose row does not say.
        """
        self._asking = asking
        self._path = path
        self._dry_run = dry_run
        self._body = {
            "id": programme["id"],
            "partner_id": programme["partner_id"] if of_partner else None,
            "wanted": wanted,
            "dry_run": dry_run,
        }
        self._earlier: list[dict[str, Any]] = []
        self._met: dict[str, int] = {}

    def lines(self) -> Iterator[Line]:
        """What became of each row, in the order of the file. Raises Refusal, Unavailable."""
        rows = list(islice(sheets.rows(self._path, COLUMNS), MOST_PEOPLE + 1))
        if len(rows) > MOST_PEOPLE:
            raise Invalid(
                f"{self._path.name} names more than {MOST_PEOPLE:,} people. Import it in parts.",
                rule="list-size",
                field="file",
            )
        for start in range(0, len(rows), BATCH):
            yield from self._take(rows[start : start + BATCH])

    def _take(self, batch: list[sheets.Row | UnreadableRow]) -> Iterator[Line]:
        lines = {
            each.number: of_unreadable(self._path, each)
            for each in batch
            if isinstance(each, UnreadableRow)
        }
        told = [_body(*each) for each in batch if not isinstance(each, UnreadableRow)]
        for row, answer in zip(told, self._send(told), strict=True):
            lines[row["place"]] = self._line(row, answer)
        yield from (lines[number] for number in sorted(lines))

    def _send(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if not rows:
            return []
        body = {**self._body, "rows": rows, "earlier": self._earlier, "met": self._met}
        answer = self._asking.execute("faculty", "import_participants", body)
        answers: list[dict[str, Any]] = answer["rows"]
        self._remember(rows, answers)
        return answers

    def _remember(self, rows: list[dict[str, Any]], answers: list[dict[str, Any]]) -> None:
        """For the batches to come: of a dry run nothing else is kept."""
        if self._dry_run:
            self._earlier = [*self._earlier, *rows]
            return
        for answer in answers:
            if answer["outcome"] in (Outcome.CREATED, Outcome.CHANGED):
                self._met[answer["participant_id"]] = answer["place"]

    def _line(self, row: dict[str, Any], answer: dict[str, Any]) -> Line:
        waits = "Waits for a place." if answer["state"] == "waiting" else ""
        return Line(
            source=self._path.name,
            place=f"row {row['place']}",
            name=row.get("name", ""),
            outcome=Outcome(answer["outcome"]),
            field=answer["field"],
            reason=" ".join(filter(None, (answer["reason"], waits))),
            similar=tuple(answer["similar"]),
            id=answer["participant_id"],
        )


def _body(number: int, row: dict[str, str]) -> dict[str, Any]:
    """The row as the faculty service takes it; an empty cell says nothing."""
    told: dict[str, Any] = {column: row[column] for column in COLUMNS.read if row.get(column)}
    return told | {"place": number}
