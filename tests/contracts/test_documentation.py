"""The documentation says what is true: generated pages are current, and what pages name exists."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
import typer
from typer.core import TyperGroup

from services.cli.main import app
from services.documentation import command_line, reference, settings
from services.platform import operations
from tests.reliability.kit import stage

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs" / "reference"
#: Pages written by hand.
PAGES = [
    *sorted(path for path in (ROOT / "docs").rglob("*.md") if REFERENCE not in path.parents),
    ROOT / "README.md",
    *sorted((ROOT / "services").glob("*/README.md")),
]
READ_BY_HAND = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


@pytest.fixture(scope="module")
def root() -> TyperGroup:
    return cast(TyperGroup, typer.main.get_command(app))


@pytest.fixture(scope="module")
def known_variables() -> set[str]:
    found = {name for name, _, _ in settings.installation()}
    compose = (ROOT / "docker-compose.yml").read_text("utf-8")
    found |= set(re.findall(r"\$\{(ENTENTE_[A-Z_]+)", compose))
    for service, policy in reference.policies().items():
        found |= {name for name, _, _ in settings.of_policy(service, policy)}
    return found | {stage.SEED}


@pytest.mark.parametrize(
    "name",
    [
        "settings.md",
        "commands.md",
        "api.md",
        "permissions.md",
        "events.md",
        "metrics.md",
        "asyncapi.json",
    ],
)
def test_the_reference_page_says_what_the_code_says(name: str, root: TyperGroup):
    written = (REFERENCE / name).read_text("utf-8")
    assert written == reference.pages(root)[name], "run `entente docs` and commit what it wrote"


def test_every_setting_says_what_it_means():
    rows = settings.installation() + [
        row
        for service, policy in reference.policies().items()
        for row in settings.of_policy(service, policy)
    ]
    assert [name for name, _, meaning in rows if not meaning] == []


def test_every_variable_that_the_code_reads_is_in_the_reference():
    reference_text = (REFERENCE / "settings.md").read_text("utf-8")
    read = {
        name
        for folder in ("services", "shared", "infra")
        for path in (ROOT / folder).rglob("*.py")
        for name in re.findall(r"\bENTENTE_[A-Z_]*[A-Z]\b(?!_)", path.read_text("utf-8"))
    }
    keys_of_nameko_configuration = {
        "ENTENTE_OPERATIONS",
        "ENTENTE_LISTENER",
        "ENTENTE_CALL_REFUSED",
        "ENTENTE_TRUSTED_KEYS",
        "ENTENTE_CLOCK",
        "ENTENTE_MEASUREMENTS",
    }
    assert {
        name for name in read - keys_of_nameko_configuration if f"`{name}`" not in reference_text
    } == set()


def test_there_are_commands_to_describe(root: TyperGroup):
    names = {name for name, _ in command_line.each(root)}
    assert {"entente up", "entente held list", "entente db upgrade"} <= names


def test_every_command_argument_and_option_says_what_it_does(root: TyperGroup):
    silent = [
        f"{name} {parameter.name}".strip()
        for name, command in command_line.each(root)
        for parameter in command.params
        if not getattr(parameter, "help", None)
    ] + [name for name, command in command_line.each(root) if not command.help]
    assert silent == []


@READ_BY_HAND
def test_every_command_that_a_page_names_exists(page: Path, root: TyperGroup):
    names = {name for name, _ in command_line.each(root)}
    groups = {name.rpartition(" ")[0] for name in names}
    for said in commands_in(page.read_text("utf-8")):
        words = said.split()
        depth = 3 if " ".join(words[:2]) in groups - {"entente"} else 2
        assert " ".join(words[:depth]) in names | groups, said


def commands_in(text: str) -> Iterator[str]:
    """`entente …` as it stands in code, in line or as a block."""
    for code in re.findall(r"```.*?\n(.*?)```|`([^`\n]+)`", text, re.S):
        # The image has the command's name, so that a container is run by "entente entente up".
        words = r"(?:^|[\s(])(?:entente )?(entente(?: [a-z][a-z-]*)+)"
        yield from re.findall(words, "\n".join(code))


@READ_BY_HAND
def test_every_make_target_that_a_page_names_exists(page: Path):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    named = set(re.findall(r"(?:`|^ *\$? ?)make ([a-z-]+)", page.read_text("utf-8"), re.M))
    assert named - targets == set()


@READ_BY_HAND
def test_every_variable_that_a_page_names_exists(page: Path, known_variables: set[str]):
    named = set(re.findall(r"\bENTENTE_[A-Z_]*[A-Z]\b", page.read_text("utf-8")))
    assert named - known_variables == set()


@READ_BY_HAND
def test_every_link_of_a_page_leads_somewhere(page: Path):
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.S)
    links = re.findall(r"\]\(([^)#\s]+)", text)
    broken = [
        link for link in links if "://" not in link and not (page.parent / link).resolve().exists()
    ]
    assert broken == []


@READ_BY_HAND
def test_every_file_that_a_page_names_exists(page: Path):
    named = re.findall(
        r"`((?:services|shared|infra|tests|docs)/[\w./-]+)`", page.read_text("utf-8")
    )
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_page_can_be_reached_from_the_index():
    index = (ROOT / "docs" / "README.md").read_text("utf-8")
    pages = {str(path.relative_to(ROOT / "docs")) for path in (ROOT / "docs").rglob("*.md")} - {
        "README.md"
    }
    assert {page for page in pages if f"]({page})" not in index} == set()


def test_every_endpoint_that_the_tutorial_uses_exists():
    text = (ROOT / "docs" / "tutorial.md").read_text("utf-8")
    blocks = "\n".join(re.findall(r"^```sh\n(.*?)^```", text, re.S | re.M))
    methods = {"ask": "GET", "send": "POST"}
    used = {
        (methods[word], path)
        for word, path in re.findall(r'\b(ask|send) "\$[A-Z]+" "?(/[^"\s?]+)', blocks)
    } | {("PUT", path) for path in re.findall(r'-X PUT "\$API([^"?]+)"', blocks)}
    known = {(each.method, re.sub(r"\{\w+\}", "*", each.path)) for each in operations()}
    assert len(used) > 20
    assert {(method, re.sub(r"\$\w+", "*", path)) for method, path in used} - known == set()
