"""Files in which something goes wrong, and real lists, where they lie beside the checkout."""

from pathlib import Path
from typing import Any

import pytest

from services.imports.asking import Asking
from services.imports.partners import PartnerImport
from services.imports.report import Line, Outcome
from tests.office import Office

SHARED = Path(__file__).parents[3] / "shared"
CASES, DATA = SHARED / "cases", SHARED / "data"

pytestmark = [
    pytest.mark.row("P1"),
    pytest.mark.skipif(not CASES.exists(), reason="the shared cases are not here"),
    pytest.mark.parametrize("profile", ["embedded"], indirect=True),
]


def take(office: Office, path: Path, *, dry_run: bool = False, origin: str = "") -> list[Line]:
    importing = PartnerImport(Asking(office.calls), path, origin=origin, dry_run=dry_run)
    return list(importing.lines())


def compared(lines: list[Line]) -> list[dict[str, Any]]:
    return [line.to_plain() | {"id": None} for line in lines]


def foreseen_and_done(office: Office, path: Path) -> list[Line]:
    """What the run does, which the dry run has said row by row."""
    foreseen = take(office, path, dry_run=True)
    done = take(office, path)
    assert compared(foreseen) == compared(done)
    return done


@pytest.mark.parametrize(
    ("file", "refused"),
    [
        ("unclosed-quote.csv", {"row 2"}),
        ("surplus-cell.csv", {"row 2"}),
        ("empty-country.csv", {"row 3"}),
        ("nul-in-a-cell.csv", {"row 2"}),
        ("countries-as-people-write-them.csv", {"row 8", "row 44"}),
        ("names-that-look-alike.csv", set()),
        ("corrected-then-imported-again.csv", set()),
    ],
)
def test_a_bad_row_costs_itself_alone_and_the_dry_run_says_so(office: Office, file, refused):
    done = foreseen_and_done(office, CASES / file)
    assert {line.place for line in done if line.outcome is Outcome.REFUSED} == refused
    again = take(office, CASES / file)
    assert not {Outcome.CREATED, Outcome.CHANGED} & {line.outcome for line in again}
    renamed = take(office, CASES / file, origin="another name")
    assert {line.outcome for line in renamed} <= {Outcome.DUPLICATE, Outcome.REFUSED}


@pytest.mark.row("P4")
def test_names_that_look_alike_are_the_same_or_reported(office: Office):
    done = foreseen_and_done(office, CASES / "names-that-look-alike.csv")
    said = {
        int(line.place.removeprefix("row ")): "similar" if line.similar else line.outcome.value
        for line in done
    }
    new, same, near = "created", "duplicate", "similar"
    assert said == dict(
        enumerate(
            [
                *(new, same, near),  # Istanbul
                *(new, near, near),  # University of Sample
                *(new, near),  # Saint Example
                *(new, near),  # Example and Partners
                *(new, same),  # King's
                *(new, same, same, new),  # in Arabic, the last of them another one
                *(new, same, new, same, new, same),  # hyphens
                *(new, near),  # in Japanese
                *(new, same),  # widths
            ],
            start=2,
        )
    )


def test_a_real_list_does_what_the_dry_run_says(office: Office, tmp_path: Path):
    lines = (DATA / "world_universities.csv").read_text("utf-8").splitlines(keepends=True)
    path = tmp_path / "universities.csv"
    path.write_text("".join(lines[:1501]), "utf-8")
    done = foreseen_and_done(office, path)
    assert {line.outcome for line in done} <= {Outcome.CREATED, Outcome.DUPLICATE}
    assert not {Outcome.CREATED, Outcome.CHANGED} & {line.outcome for line in take(office, path)}
