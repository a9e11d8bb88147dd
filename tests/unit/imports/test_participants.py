"""Participants from CSV and XLSX, at the faculty service's own desk."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from typer.testing import CliRunner

from services.cli import importing
from services.cli.main import app
from services.imports import participants
from services.imports.asking import Asking
from services.imports.participants import ParticipantImport, programme_of
from services.imports.report import Line
from shared.database import Database
from shared.errors import Invalid, NotFound
from shared.events.vocabulary import Role
from shared.work import Actor, Call
from tests.unit.faculty.office import FacultyOffice

pytestmark = pytest.mark.row("F2")

OFFICER = Call(actor=Actor("operator:maryam", frozenset({Role.PARTNERSHIP_OFFICER})))

LIST = """Name;Email;Profession;Wanted
Rana Haddad;rana@example.org;nurse;On-site
Omar Saleh;omar@example.org;;
"Lina ""Lulu"" Aziz";lina@example.org;midwife;remote
Samir;not an address;nurse;
Rana Haddad;RANA@example.org;nurse;remote
;nobody@example.org;nurse;
"""


class DeskCalls:
    """Calls that reach one desk."""

    def __init__(self, office: FacultyOffice) -> None:
        self.office = office

    def call(self, _service: str, method: str, **arguments: Any) -> Any:
        if method == "execute":
            name, body = arguments["name"], arguments["body"]
            return self.office.desk.execute(name, body, Call.from_plain(arguments["call"]))
        return {"unpublished": 0, "completeness": {"held": {}, "missing": []}}[method]

    def ask(self, _service: str, name: str, parameters: dict[str, Any], call: Call) -> Any:
        return self.office.desk.ask(name, parameters, call)


@pytest.fixture
def office(sqlite: Database) -> FacultyOffice:
    return FacultyOffice(sqlite)


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(LIST, encoding="utf-8")
    return path


def reference(office: FacultyOffice, programme: str) -> str:
    return str(office.ask("get_programme", id=programme)["reference"])


def take(office: FacultyOffice, programme: str, path: Path, **options: Any) -> list[Line]:
    asking = Asking(DeskCalls(office), OFFICER)  # type: ignore[arg-type]
    chosen = {"of_partner": False, "wanted": None, "dry_run": False} | options
    found = programme_of(asking, reference(office, programme))
    return list(ParticipantImport(asking, path, found, **chosen).lines())


def short(lines: list[Line]) -> list[tuple[str, str, str]]:
    return [(line.place, line.outcome.value, line.field) for line in lines]


def test_every_row_is_answered_by_its_number(office: FacultyOffice, listed: Path) -> None:
    programme = office.enrolling(capacity=9, remote_capacity=4)
    lines = take(office, programme, listed, wanted="either")
    assert short(lines) == [
        ("row 2", "created", ""),
        ("row 3", "refused", "profession"),
        ("row 4", "created", ""),
        ("row 5", "refused", "email"),
        ("row 6", "duplicate", "email"),
        ("row 7", "refused", "name"),
    ]
    register = office.ask("get_register", id=programme)["items"]
    assert [(each["name"], each["place"]) for each in register] == [
        ("Rana Haddad", "on_site"),
        ('Lina "Lulu" Aziz', "remote"),
    ]


@pytest.mark.parametrize("batch", [1, 2, 500])
def test_a_dry_run_says_the_same_in_batches_of_any_size(
    office: FacultyOffice, listed: Path, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(participants, "BATCH", batch)
    programme = office.enrolling(capacity=2, remote_capacity=0)
    foreseen = take(office, programme, listed, wanted="either", dry_run=True)
    assert office.ask("list_participants")["items"] == []
    done = take(office, programme, listed, wanted="either")
    assert [{**line.to_plain(), "id": None} for line in done] == [
        {**line.to_plain(), "id": None} for line in foreseen
    ]
    assert done[2].reason == "Waits for a place."


def test_a_workbook_is_read_like_a_table(office: FacultyOffice, tmp_path: Path) -> None:
    book = Workbook()
    for cells in (("email", "name", "profession"), ("rana@example.org", "Rana", "nurse")):
        book.worksheets[0].append(cells)
    path = tmp_path / "people.xlsx"
    book.save(path)
    assert short(take(office, office.enrolling(), path)) == [("row 2", "created", "")]


def test_a_list_without_addresses_is_refused_as_a_whole(
    office: FacultyOffice, tmp_path: Path
) -> None:
    path = tmp_path / "people.csv"
    path.write_text("name,e-mail\nRana,rana@example.org\n", encoding="utf-8")
    with pytest.raises(Invalid, match="Did you mean email for e-mail"):
        take(office, office.enrolling(), path)


def test_a_list_that_is_too_long_is_not_begun(
    office: FacultyOffice, listed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(participants, "MOST_PEOPLE", 5)
    with pytest.raises(Invalid, match="more than 5 people"):
        take(office, office.enrolling(), listed)
    assert office.ask("list_participants")["items"] == []


def test_those_who_are_new_may_be_people_of_the_partner(
    office: FacultyOffice, listed: Path
) -> None:
    programme = office.enrolling(capacity=9, remote_capacity=4)
    take(office, programme, listed, of_partner=True, wanted="either")
    partner = office.ask("get_programme", id=programme)["partner_id"]
    people = office.ask("list_participants")["items"]
    assert {each["partner_id"] for each in people} == {partner}


def test_a_programme_is_named_by_its_whole_reference(office: FacultyOffice) -> None:
    programme = office.enrolling()
    asking = Asking(DeskCalls(office), OFFICER)  # type: ignore[arg-type]
    assert programme_of(asking, f" {reference(office, programme).lower()} ")["id"] == programme
    for wrong in (reference(office, programme)[:-1], "Teaching on the ward round", "%"):
        with pytest.raises(NotFound):
            programme_of(asking, wrong)


def test_the_command_acts_for_the_operator_and_prints_every_row(
    office: FacultyOffice, listed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def reached(_: object) -> Iterator[DeskCalls]:
        yield DeskCalls(office)

    monkeypatch.setattr(importing.reaching, "services", reached)
    programme = reference(office, office.enrolling(capacity=9, remote_capacity=4))
    command = ["import", "participants", str(listed), "--programme", programme]
    ran = CliRunner().invoke(app, [*command, "--wanted", "either", "--by", "maryam", "--json"])
    *lines, counts = [json.loads(line) for line in ran.stdout.splitlines()]
    assert (ran.exit_code, len(lines), counts["created"], counts["refused"]) == (1, 6, 2, 3)
    assert {event["actor"] for event in office.told("participant_registered")} == {
        "operator:maryam"
    }
