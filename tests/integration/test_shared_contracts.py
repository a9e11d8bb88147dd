"""Contracts from files in which something goes wrong, and from real notices, where they lie."""

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.imports import contract_releases, contract_rows
from services.imports.asking import Asking
from services.imports.contracts import ContractImport
from services.imports.kinds import is_json
from services.imports.report import Line, Outcome
from shared.amounts import DecimalMark
from tests.office import Office

SHARED = Path(__file__).parents[3] / "shared"
TODAY = date(2026, 6, 1)
FILES = sorted(
    [
        *(SHARED / "cases").glob("*.json"),
        *(SHARED / "cases").glob("amounts-*"),
        *(SHARED / "cases").glob("contracts-*"),
        *(SHARED / "data").glob("ocds/*.json"),
    ]
)

pytestmark = [
    pytest.mark.row("C15"),
    pytest.mark.skipif(not FILES, reason="the shared files are not here"),
    pytest.mark.parametrize("profile", ["embedded"], indirect=True),
]


def read(path: Path, mark: DecimalMark | None = None) -> Any:
    if is_json(path):
        return contract_releases.Reader("University College London", TODAY).read(path)
    return contract_rows.Reader(TODAY, mark=mark).read(path)


def take(office: Office, path: Path, *, dry_run: bool = False, **how: Any) -> list[Line]:
    return list(ContractImport(Asking(office.calls), dry_run=dry_run).lines(read(path, **how)))


def compared(lines: list[Line]) -> list[dict[str, Any]]:
    return [line.to_plain() | {"id": None} for line in lines]


def outcomes(lines: list[Line]) -> dict[str, str]:
    return {line.place: line.outcome.value for line in lines}


def test_the_dry_run_says_row_by_row_what_the_run_does_and_again_nothing_changes(office: Office):
    for path in FILES:
        foreseen = take(office, path, dry_run=True)
        done = take(office, path)
        assert foreseen, path.name
        assert compared(foreseen) == compared(done), path.name
        again = take(office, path)
        assert not {Outcome.CREATED, Outcome.CHANGED} & {line.outcome for line in again}, path.name
    states = Counter(each["state"] for each in office.ask("list_contracts", limit=200)["items"])
    assert set(states) == {"imported"}


def test_contracts_of_every_kind(office: Office):
    done = take(office, SHARED / "cases" / "contracts-of-every-kind.csv")
    taken = {line.name for line in done if line.outcome is Outcome.CREATED}
    refused = {line.name: line.field for line in done if line.outcome is Outcome.REFUSED}
    assert {"MoU no money", "Evergreen no end", "JOD three", "European", "Indian"} <= taken
    assert refused["Plain AGAIN same id"] == "id"
    assert refused["MoU with money"] == "value"
    assert refused["Amendment"] == "parent_id"
    assert refused["JPY"] == "value"


def test_two_releases_of_one_date_the_later_in_the_file_wins_once(office: Office):
    path = SHARED / "cases" / "two-releases-of-one-date.json"
    first = take(office, path)
    (contract,) = office.ask("list_contracts")["items"]
    assert contract["value"]["amount"] == "3000.00"
    assert [line.outcome for line in first] == [Outcome.UNCHANGED, Outcome.CREATED]
    assert {line.outcome for line in take(office, path)} == {Outcome.UNCHANGED}


def test_amounts_are_read_in_one_way_or_with_the_mark_that_is_named(office: Office):
    path = SHARED / "cases" / "amounts-with-comma.csv"
    done = take(office, path)
    refused = [line for line in done if line.outcome is Outcome.REFUSED]
    assert {line.name for line in refused} == {"Dot thousands", "Kuwait 3"}
    assert all("--decimal-mark comma" in line.reason for line in refused)
    told = take(office, path, mark=DecimalMark.COMMA)
    assert {line.outcome for line in told} == {Outcome.CREATED, Outcome.UNCHANGED}
