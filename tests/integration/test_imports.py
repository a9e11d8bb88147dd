"""Partners and contracts from files, through all services, in either profile."""

import csv
import json
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from services.cli import importing
from services.cli.main import app
from services.imports import contract_rows
from services.imports.asking import Asking
from services.imports.contract_releases import Reader
from services.imports.contracts import ContractImport
from services.imports.partners import PartnerImport
from services.imports.report import Line, Outcome
from shared.errors import Conflict, Forbidden, Refusal
from shared.events.vocabulary import Role
from tests.office import Office

TODAY = date(2026, 6, 1)
UNIVERSITIES = Path(__file__).parents[3] / "shared/data/world_universities.csv"

LIST = """name,country_code,country,region,domain,website
University of Jordan,JO,Jordan,,ju.edu.jo,http://ju.edu.jo/
Universidad Técnica Federico Santa María,CL,Chile,,usm.cl,http://www.usm.cl/
Universidad Tecnica Federico Santa Maria,CL,Chile,,utfsm.cl,http://www.utfsm.cl/
university of  jordan,JO,Jordan,,other.jo,http://other.jo/
University of Nowhere,XX,Nowhere,,,
,JO,Jordan,,,
東京大学,,Japan,,u-tokyo.ac.jp,http://www.u-tokyo.ac.jp/
"""


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    path = tmp_path / "list.csv"
    path.write_text(LIST)
    return path


def take_partners(office: Office, path: Path, *, dry_run: bool = False) -> list[Line]:
    return list(PartnerImport(Asking(office.calls), path, dry_run=dry_run).lines())


def outcomes(lines: list[Line]) -> list[Outcome]:
    return [line.outcome for line in lines]


@pytest.mark.row("P1")
def test_every_row_is_answered_and_insight_holds_who_was_taken(office: Office, listed: Path):
    lines = take_partners(office, listed)
    office.settle()
    assert [(line.place, line.outcome.value) for line in lines] == [
        ("row 2", "created"),
        ("row 3", "created"),
        ("row 4", "created"),
        ("row 5", "duplicate"),
        ("row 6", "refused"),
        ("row 7", "refused"),
        ("row 8", "created"),
    ]
    assert lines[2].similar == ("Universidad Técnica Federico Santa María",)
    assert lines[3].reason == "Row 2 has the same name and country."
    assert [lines[4].field, lines[5].field] == ["country_code", "name"]
    assert office.ask("get_overview")["partners"] == {"prospect": 4}


@pytest.mark.row("P1")
def test_a_dry_run_says_the_same_and_a_second_import_changes_nothing(
    office: Office, listed: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("services.imports.partners.BATCH", 2)  # so that rows meet across batches
    foreseen = take_partners(office, listed, dry_run=True)
    assert office.ask("list_partners")["items"] == []
    done = take_partners(office, listed)
    assert [line.to_plain() | {"id": None} for line in done] == [
        line.to_plain() for line in foreseen
    ]
    again = take_partners(office, listed)
    assert set(outcomes(again)) == {Outcome.UNCHANGED, Outcome.DUPLICATE, Outcome.REFUSED}
    assert len(office.ask("list_partners")["items"]) == 4


def package(*changes: dict[str, Any]) -> dict[str, Any]:
    """A release for each change of the contract, a month apart."""
    base = {
        "id": "c1",
        "awardID": "a1",
        "title": "Examination",
        "status": "active",
        "dateSigned": "2026-03-13T00:00:00Z",
        "value": {"amount": 1000.5, "currency": "GBP"},
        "period": {"startDate": "2026-03-13", "endDate": "2028-03-12"},
    }
    return {
        "releases": [
            {
                "ocid": "ocds-1",
                "date": f"2026-0{month}-30T00:00:00Z",
                "tag": ["contract"],
                "parties": [
                    {
                        "id": "gdc",
                        "name": "General Dental Council",
                        "roles": ["buyer"],
                        "address": {"countryName": "United Kingdom"},
                    }
                ],
                "buyer": {"id": "gdc", "name": "General Dental Council"},
                "awards": [{"id": "a1", "status": "active", "suppliers": [{"name": "UCL"}]}],
                "contracts": [base | change],
            }
            for month, change in enumerate(changes, start=3)
        ]
    }


@pytest.fixture
def bring(office: Office, tmp_path: Path):
    def bringing(document: dict[str, Any], *, dry_run: bool = False) -> list[Line]:
        path = tmp_path / "release.json"
        path.write_text(json.dumps(document))
        reader = Reader("UCL", TODAY)
        contracts = ContractImport(Asking(office.calls), dry_run=dry_run)
        return list(contracts.lines(reader.read(path)))

    return bringing


def contracts_of(office: Office) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = office.ask("list_contracts")["items"]
    return items


@pytest.mark.row("C15")
def test_a_published_contract_enters_with_its_partner_and_without_passing_for_approved(
    office: Office, bring
):
    (line,) = bring(package({}))
    office.settle()
    entered = office.ask("get_contract", id=line.id)
    assert (line.outcome, entered["state"], entered["origin"]) == (
        Outcome.CREATED,
        "imported",
        "ocds-1/c1",
    )
    assert entered["partner"]["name"] == "General Dental Council"
    assert (entered["value"]["amount"], entered["approvals"]) == ("1000.50", [])


@pytest.mark.row("C15")
def test_no_other_service_knows_of_it_before_somebody_else_confirms_it(office: Office, bring):
    (line,) = bring(package({}))
    office.settle()
    design = {"contract_id": line.id, "title": "Course", "kind": "workshop"}
    with pytest.raises(Refusal):
        office.do("design_programme", **design)
    assert office.ask("list_accounts")["items"] == []
    with pytest.raises(Conflict) as refused:
        office.do("confirm_import", Role.PARTNERSHIP_MANAGER, id=line.id)
    assert refused.value.rule == "partner-approved"


@pytest.mark.row("C15")
@pytest.mark.parametrize("profile", ["embedded"], indirect=True)
def test_the_command_acts_as_the_operator_under_the_name_that_is_given(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = tmp_path / "release.json"
    path.write_text(json.dumps(package({})))
    monkeypatch.setattr(importing.reaching, "services", lambda _: _open(office.calls))
    ran = CliRunner().invoke(app, ["import", "contracts", str(path), "--by", "maryam"])
    assert ran.exit_code == 0
    (contract,) = contracts_of(office)
    view = office.ask("get_contract", id=contract["id"])
    assert view["imported"]["by"] == ["operator:maryam"]
    with pytest.raises(Forbidden):
        office.do("confirm_import", Role.PARTNERSHIP_MANAGER, by="maryam", id=contract["id"])


@pytest.mark.row("C15")
def test_a_later_release_amends_and_the_same_file_again_changes_nothing(office: Office, bring):
    document = package({}, {"value": {"amount": 2000, "currency": "GBP"}})
    assert outcomes(bring(document)) == [Outcome.CREATED, Outcome.CHANGED]
    assert outcomes(bring(document)) == [Outcome.UNCHANGED, Outcome.UNCHANGED]
    assert [each["value"]["amount"] for each in contracts_of(office)] == ["2000.00"]


@pytest.mark.row("C15")
def test_a_dry_run_foresees_the_same_and_writes_nothing(office: Office, bring):
    first = package({})
    later = package({}, {"title": "Examination, amended"}, {"value": None})
    assert outcomes(bring(first, dry_run=True)) == [Outcome.CREATED]
    assert (contracts_of(office), office.ask("list_partners")["items"]) == ([], [])
    bring(first)
    foreseen = bring(later, dry_run=True)
    assert outcomes(foreseen) == [Outcome.UNCHANGED, Outcome.CHANGED, Outcome.REFUSED]
    assert outcomes(bring(later)) == outcomes(foreseen)


@pytest.mark.row("C15")
def test_a_refused_contract_says_what_is_missing_and_brings_no_partner(office: Office, bring):
    (line,) = bring(package({"value": None, "period": None}))
    assert (line.outcome, line.field) == (Outcome.REFUSED, "value")
    assert "No value, no period" in line.reason
    assert office.ask("list_partners")["items"] == []


@pytest.mark.row("C15")
def test_a_table_of_contracts_says_what_became_of_each_row(office: Office, tmp_path: Path):
    path = tmp_path / "contracts.csv"
    path.write_text(
        "id,title,partner,partner_country,value,currency,starts_on,ends_on,signed_on,type\n"
        "A,Dinars,University of Jordan,Jordan,1000.125,JOD,2026-01-01,2026-12-31,2025-12-01,\n"
        "B,Pence,University of Jordan,JO,1.005,GBP,2026-01-01,2026-12-31,2025-12-01,framework\n"
        "C,Open,University of Jordan,JO,1,GBP,2026-01-01,2026-12-31,,\n"
        "D,Backwards,University of Jordan,JO,1,GBP,2026-12-31,2026-01-01,2025-12-01,\n"
        "E,Words,University of Jordan,JO,1,GBP,soon,2026-01-01,2025-12-01,loan\n"
    )
    reader = contract_rows.Reader(TODAY)

    def lines(*, dry_run: bool) -> list[Line]:
        bringing = ContractImport(Asking(office.calls), dry_run=dry_run)
        return list(bringing.lines(reader.read(path)))

    foreseen, done = lines(dry_run=True), lines(dry_run=False)
    assert [(line.outcome.value, line.field) for line in done] == [
        ("created", ""),
        ("refused", "value"),
        ("skipped", "signed_on"),
        ("refused", "ends_on"),
        ("refused", "starts_on"),
    ]
    assert outcomes(foreseen) == outcomes(done)
    assert outcomes(lines(dry_run=False))[0] is Outcome.UNCHANGED


@pytest.mark.row("C15")
@pytest.mark.parametrize("profile", ["embedded"], indirect=True)
@pytest.mark.parametrize(("rows", "code"), [(4, 0), (6, 1)])
def test_the_command_prints_every_row_and_its_exit_code_says_whether_some_were_refused(
    office: Office, listed: Path, monkeypatch: pytest.MonkeyPatch, rows: int, code: int
):
    listed.write_text("".join(LIST.splitlines(keepends=True)[: rows + 1]))
    monkeypatch.setattr(importing.reaching, "services", lambda _: _open(office.calls))
    ran = CliRunner().invoke(app, ["import", "partners", str(listed), "--json"])
    *lines, counts = [json.loads(line) for line in ran.stdout.splitlines()]
    assert (ran.exit_code, len(lines), counts["created"]) == (code, rows, 3)


class _open:  # noqa: N801
    """The office's calls, as the command gets them; the office goes on afterwards."""

    def __init__(self, calls: Any) -> None:
        self._calls = calls

    def __enter__(self) -> Any:
        return self._calls

    def __exit__(self, *_: object) -> None: ...


@pytest.mark.row("P1")
@pytest.mark.skipif(not UNIVERSITIES.exists(), reason="the list of universities is not here")
@pytest.mark.parametrize("profile", ["embedded"], indirect=True)
def test_a_real_list_goes_in_and_a_second_time_changes_nothing(office: Office, tmp_path: Path):
    path = tmp_path / "universities.csv"
    with UNIVERSITIES.open(encoding="utf-8") as whole, path.open("w", encoding="utf-8") as part:
        csv.writer(part).writerows(islice(csv.reader(whole), 1201))
    first = take_partners(office, path)
    office.settle()
    created = outcomes(first).count(Outcome.CREATED)
    assert Outcome.REFUSED not in outcomes(first)
    assert office.ask("get_overview")["partners"] == {"prospect": created}
    assert not {Outcome.CREATED, Outcome.CHANGED} & set(outcomes(take_partners(office, path)))


HEADER = (
    "id,title,partner,partner_country,value,currency,starts_on,ends_on,signed_on,type,"
    "partner_identifiers,parent_id\n"
)


def contract_row(id: str, partner: str, **told: str) -> str:
    cells = {"type": "", "identifiers": "", "parent": ""} | told
    dates = "2026-01-01,2026-12-31,2025-12-01"
    ending = f"{cells['type']},{cells['identifiers']},{cells['parent']}"
    return f"{id},Title {id},{partner},JO,10.00,JOD,{dates},{ending}\n"


@pytest.fixture
def asked(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Takes rows of contracts in batches of two; gives their lines and the bodies sent to each
    service.
    """
    monkeypatch.setattr("services.imports.contracts.BATCH", 2)

    class Noting(Asking):
        def execute(self, service: str, name: str, body: dict[str, Any]) -> Any:
            sent[service].append(body)
            return super().execute(service, name, body)

    sent: dict[str, list[dict[str, Any]]] = {}

    def take(*rows: str, dry_run: bool = False) -> tuple[list[Line], dict[str, list[Any]]]:
        sent.update(partner=[], contract=[])
        path = tmp_path / "contracts.csv"
        path.write_text(HEADER + "".join(rows))
        contracts = ContractImport(Noting(office.calls), dry_run=dry_run)
        return list(contracts.lines(contract_rows.Reader(TODAY).read(path))), dict(sent)

    return take


@pytest.mark.row("C15")
def test_a_batch_is_decided_once_unless_it_brings_new_partners(asked):
    rows = [contract_row(f"C{n}", "University of Jordan") for n in range(4)]

    _, foreseeing = asked(*rows, dry_run=True)
    _, bringing = asked(*rows)
    _, again = asked(*rows)

    assert [each["dry_run"] for each in foreseeing["contract"]] == [True, True]
    # The first batch brings the partner: looked at before it is proposed.
    assert [each["dry_run"] for each in bringing["contract"]][:2] == [True, False]
    assert not any(each["dry_run"] for each in bringing["contract"][2:])
    assert [each["dry_run"] for each in again["contract"]] == [False, False]


@pytest.mark.row("C15")
@pytest.mark.parametrize("profile", ["embedded"], indirect=True)
def test_a_dry_run_tells_the_services_only_what_matters_to_a_batch(asked):
    rows = [contract_row(f"C{n}", f"University {n}") for n in range(20)]
    rows.append(contract_row("C20", "University 0"))
    _, foreseeing = asked(*rows, dry_run=True)
    assert {len(each["taken"]) for each in foreseeing["partner"]} == {0}
    assert {len(each["earlier"]) for each in foreseeing["contract"]} == {0}


@pytest.mark.row("C15")
@pytest.mark.parametrize("profile", ["embedded"], indirect=True)
@pytest.mark.parametrize(
    "rows",
    [
        # Two names of one new partner, which its register entry tells, in one batch and in two.
        [
            contract_row("F", "U of J", type="framework", identifiers="JO-MOI-01"),
            contract_row("S", "Jordan University", identifiers="JO-MOI-01", parent="F"),
        ],
        [
            contract_row("F", "U of J", type="framework", identifiers="JO-MOI-01"),
            contract_row("X", "Other"),
            contract_row("S", "Jordan University", identifiers="jo-moi-0 1", parent="F"),
        ],
        # A partner of a refused row is not there for a later one.
        [
            contract_row("A", "U of J", identifiers="JO-MOI-01").replace("10.00", "1.00005"),
            contract_row("B", "Other", identifiers="JO-MOI-02"),
            contract_row("C", "Third", identifiers="JO-MOI-01;JO-MOI-02"),
        ],
        # A partner that is refused costs its rows, each by itself.
        [
            contract_row("A", "12", identifiers="none"),
            contract_row("B", "Fourth"),
            contract_row("C", "12", identifiers="none"),
            contract_row("B", "Fourth"),
        ],
    ],
    ids=["in one batch", "in two batches", "of a refused row", "refused"],
)
def test_new_partners_under_several_names_are_foreseen_as_they_will_be(asked, rows):
    foreseen, _ = asked(*rows, dry_run=True)
    done, _ = asked(*rows)
    assert [line.to_plain() | {"id": None} for line in foreseen] == [
        line.to_plain() | {"id": None} for line in done
    ]
    assert Outcome.CREATED in outcomes(done)


@pytest.mark.row("C15")
@pytest.mark.parametrize("profile", ["embedded"], indirect=True)
def test_a_known_contract_keeps_its_partner_and_says_when_its_source_names_another(
    office: Office, asked
):
    (first, *_), _ = asked(contract_row("A", "University of Jordan"))
    foreseen, _ = asked(contract_row("A", "Yarmouk University"), dry_run=True)
    (done, *_), _ = asked(contract_row("A", "Yarmouk University"))
    assert foreseen[0].to_plain() == done.to_plain()
    assert "University of Jordan stays" in done.reason
    assert first.id == done.id
    assert len(office.ask("list_partners")["items"]) == 1


CORRECTED: tuple[dict[str, Any], ...] = (
    {"legal_name": "The University of Nowhere in Particular"},
    {"website": "https://corrected.example.org/"},
    {"sector": "hospital"},
    {"country": "IS"},
    {"local_name": "جامعة", "aliases": ["Alias of the office"]},
    {"website": None},
    {"ror": "https://ror.org/02jx3x895"},
    {"identifiers": [{"scheme": "GB-COH", "id": "123"}]},
    {"legal_name": "Ünïversity Cörrected", "country": "IS", "sector": "charity"},
    {"legal_name": "Other script 東京"},
)


def correct_ten_and_import_again(office: Office, path: Path) -> None:
    """What an office does with a list, and what the list does then: nothing."""
    created = [line for line in take_partners(office, path) if line.outcome is Outcome.CREATED]
    picked = created[:: len(created) // len(CORRECTED)][: len(CORRECTED)]
    for line, changes in zip(picked, CORRECTED, strict=True):
        office.do("change_partner_details", id=line.id, **changes)
    before = [office.ask("get_partner", id=line.id) for line in picked]

    foreseen = take_partners(office, path, dry_run=True)
    again = take_partners(office, path)
    renamed = path.rename(path.with_name("renamed.csv"))
    under_another_name = take_partners(office, renamed)

    assert [line.to_plain() for line in foreseen] == [line.to_plain() for line in again]
    assert not {Outcome.CREATED, Outcome.CHANGED} & {
        *outcomes(again),
        *outcomes(under_another_name),
    }
    assert [office.ask("get_partner", id=line.id) for line in picked] == before
    office.settle()
    assert office.ask("get_overview")["partners"] == {"prospect": len(created)}


@pytest.mark.row("P1", "P4")
def test_what_the_office_corrected_stays_when_a_list_comes_again(office: Office, tmp_path: Path):
    places = ["North", "South", "Île", "東", "Łódź", "İzmir"]
    path = tmp_path / "list.csv"
    rows = [f"{place} University {n},KE,https://u{n}.ac.ke/,\n" for n in "AB" for place in places]
    told = f"Nurses' College,KE,nurses.ac.ke,nhs\n{rows[0]}"
    path.write_text(f"name,country,website,sector\n{''.join(rows)}{told}")
    correct_ten_and_import_again(office, path)


@pytest.mark.row("C15")
@pytest.mark.parametrize("profile", ["embedded"], indirect=True)
def test_words_and_titles_are_read_as_people_write_them(office: Office, asked):
    told = contract_row("A", "University of Jordan", type="Statement-of-Work")
    (line,), _ = asked(told.replace("Title A", '" Title\n\u200b of\u00a0 A "'))
    taken = office.ask("get_contract", id=line.id)
    assert (taken["type"], taken["title"]) == ("statement_of_work", "Title of A")
