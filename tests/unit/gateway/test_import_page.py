"""The page on which somebody confirms imported contracts: one, some or all."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from services.gateway.pages.imports import CONFIRM
from shared.errors import Unavailable
from shared.events.permissions import PERMISSIONS, Permission
from shared.events.vocabulary import Role
from tests.unit.gateway.test_list_pages import SUMMARY
from tests.unit.gateway.test_pages import CannedCalls, operation, signed_in

pytestmark = pytest.mark.row("C15")

PATH = "/contracts/imports"
PARENT, CHILD, OTHER = sorted(str(uuid4()) for _ in range(3))
TITLES = {PARENT: "Framework", CHILD: "Work order", OTHER: "<b>Something</b> else"}
INSTALLED = replace(
    operation("contract", CONFIRM), permissions=PERMISSIONS, needs=Permission.CONTRACT_CONFIRM
)


class Imports(CannedCalls):
    """Three contracts await confirmation; one is refused before its parent, one always."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting = dict(TITLES)
        self.told: list[list[dict[str, Any]]] = []

    def ask(self, service: str, name: str, parameters: dict[str, Any], call: Any) -> dict[str, Any]:
        if name != "GET /contracts" or "awaiting_confirmation" not in parameters:
            return super().ask(service, name, parameters, call)
        if service in self.down:
            raise Unavailable("No answer.")
        items = [
            SUMMARY
            | {"id": id, "title": title, "version": 3, "state": "imported", "origin": "table/7"}
            for id, title in self.waiting.items()
        ]
        return {"body": {"items": items, "next": None}, "version": None}

    def execute(self, service: str, name: str, body: dict[str, Any], call: Any) -> dict[str, Any]:
        assert (service, name) == ("contract", CONFIRM)
        self.told.append(body["rows"])
        return {"body": {"rows": [self._outcome(each["id"]) for each in body["rows"]]}}

    def _outcome(self, id: str) -> dict[str, str]:
        refusal = {
            CHILD: "Confirm its parent first." if PARENT in self.waiting else "",
            OTHER: "No.",
        }
        if reason := refusal.get(id, ""):
            return {"id": id, "outcome": "refused", "reason": reason}
        del self.waiting[id]
        return {"id": id, "outcome": "confirmed", "reason": ""}


@pytest.fixture
def imports() -> Imports:
    return Imports()


@pytest.fixture
def manager(imports: Imports, tmp_path: Path) -> Iterator[FlaskClient]:
    with signed_in(imports, tmp_path, Role.PARTNERSHIP_MANAGER, INSTALLED) as client:
        yield client


def seen(*ids: str) -> list[str]:
    return [f"{each}:3" for each in ids]


def test_what_awaits_confirmation_is_listed_with_its_source(manager: FlaskClient) -> None:
    page = manager.get(PATH).text
    assert all(f"/contracts/{each}" in page for each in TITLES)
    assert "&lt;b&gt;Something&lt;/b&gt; else" in page
    assert page.count("table/7") == 3
    assert "Confirm all 3" in page


def test_one_is_confirmed_as_it_was_seen(manager: FlaskClient, imports: Imports) -> None:
    """The version goes along: a contract that has changed since is refused by its owner."""
    form = {"only": seen(PARENT), "row": seen(CHILD), "shown": seen(*TITLES)}
    answer = manager.post(PATH, data=form, follow_redirects=True)
    assert imports.told == [[{"id": PARENT, "version": "3"}]]
    assert "One contract is confirmed." in answer.text


def test_the_chosen_ones_are_confirmed(manager: FlaskClient, imports: Imports) -> None:
    manager.post(PATH, data={"row": seen(PARENT), "shown": seen(*TITLES)})
    assert imports.told == [[{"id": PARENT, "version": "3"}]]


def test_reloading_confirms_nothing_again(manager: FlaskClient, imports: Imports) -> None:
    answer = manager.post(PATH, data={"only": seen(PARENT)})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{PATH}?confirmed=1")


def test_all_are_confirmed_parents_first_and_refusals_said_in_words(
    manager: FlaskClient, imports: Imports
) -> None:
    page = manager.post(PATH, data={"all": "yes", "shown": seen(OTHER, CHILD, PARENT)}).text
    assert "2 contracts are confirmed." in page
    assert "One contract was not confirmed:" in page
    assert "&lt;b&gt;Something&lt;/b&gt; else</strong>: No." in page
    assert "Confirm its parent first" not in page
    assert [len(each) for each in imports.told] == [3, 2, 1]


def test_who_chose_nothing_is_told_so(manager: FlaskClient, imports: Imports) -> None:
    page = manager.post(PATH, data={"shown": seen(*TITLES)}).text
    assert "Choose at least one contract." in page
    assert not imports.told


@pytest.mark.parametrize("role", [Role.OBSERVER, Role.ADMINISTRATOR])
def test_a_role_that_may_not_confirm_sees_no_button_and_cannot_press_it(
    imports: Imports, tmp_path: Path, role: Role
) -> None:
    with signed_in(imports, tmp_path, role, INSTALLED) as reader:
        page = reader.get(PATH).text
        answer = reader.post(PATH, data={"only": seen(PARENT)})
    assert "Framework" in page
    assert "<button" not in page.partition("<main")[2]
    assert answer.status_code == 403
    assert not imports.told


def test_another_site_confirms_nothing(manager: FlaskClient, imports: Imports) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    answer = manager.post(PATH, data={"only": seen(PARENT)}, headers=headers)
    assert answer.status_code == 403
    assert not imports.told


def test_a_stranger_is_asked_in(manager: FlaskClient, imports: Imports) -> None:
    stranger = manager.application.test_client()
    assert stranger.post(PATH, data={"only": seen(PARENT)}).status_code == 401
    assert not imports.told


def test_nothing_to_confirm_is_said(manager: FlaskClient, imports: Imports) -> None:
    imports.waiting.clear()
    assert "No import awaits confirmation." in manager.get(PATH).text


def test_a_contract_service_that_is_away_is_said(manager: FlaskClient, imports: Imports) -> None:
    imports.down.add("contract")
    assert "The contract service cannot be reached right now." in manager.get(PATH).text


def test_the_list_of_contracts_leads_there_while_something_waits(
    manager: FlaskClient, imports: Imports
) -> None:
    assert PATH in manager.get("/contracts").text
    imports.waiting.clear()
    assert PATH not in manager.get("/contracts").text
