"""A person with a real browser: in by the link that was printed, reads, and out again."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from infra.local.processes import free_port
from tests.office import until
from tests.portal.browser import chromium

pytestmark = pytest.mark.row("X6")

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Started:
    """A platform that somebody has started, and what it printed."""

    environment: dict[str, str]
    printed: Path

    @property
    def text(self) -> str:
        return self.printed.read_text("utf-8")

    @property
    def link(self) -> str:
        return until(lambda: _link(self.text), "the sign-in link", patience=120)

    def another_link(self) -> str:
        command = [sys.executable, "-m", "services", "sign-in"]
        printed = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=True
        ).stdout
        return _link(printed) or pytest.fail(printed)


def _link(printed: str) -> str:
    found = re.search(r"^Sign in: (\S+)$", printed, re.M)
    return found[1] if found else ""


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    folder = tmp_path_factory.mktemp("browser")
    environment = os.environ | {
        "ENTENTE_DATA_DIR": str(folder / "data"),
        "ENTENTE_PORT": str(free_port()),
        "COLUMNS": "300",
    }
    printed = folder / "printed"
    with printed.open("w") as out:
        running = subprocess.Popen(
            [sys.executable, "-m", "services", "up"],
            cwd=ROOT,
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        yield Started(environment, printed)
    finally:
        running.terminate()
        running.wait(20)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as launched:
        yield launched


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A visitor's own browser: no cookies of others."""
    made = browser.new_context()
    yield made
    made.close()


def test_in_by_the_link_to_read_and_out_again(started: Started, context: BrowserContext) -> None:
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.url} {request.all_headers()}"))
    link = started.link
    code = link.partition("#code=")[2]

    page.goto(link)
    expect(page.get_by_label("Your access token or sign-in code")).to_have_value(code)
    assert code not in page.url
    page.get_by_role("button", name="Sign in").click()

    expect(page.get_by_role("heading", name="Partners")).to_be_visible()
    page.get_by_role("link", name="Contracts").first.click()
    expect(page.get_by_role("heading", name="Contracts")).to_be_visible()

    cookies = context.cookies()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Welcome to Entente")).to_be_visible()
    page.goto(link.partition("#")[0].replace("/enter", "/contracts"))
    expect(page.get_by_role("heading", name="Welcome to Entente")).to_be_visible()

    for each in cookies:  # as somebody who had copied it would
        context.add_cookies([{"name": each["name"], "value": each["value"], "url": page.url}])
    page.reload()
    expect(page.get_by_role("heading", name="Welcome to Entente")).to_be_visible()

    assert not [request for request in asked if code in request]
    assert code not in started.text.replace(link, "")


def test_the_link_works_once(started: Started, browser: Browser) -> None:
    link = started.another_link()
    for expected in ("Sign out", "Sign in"):
        visitor = browser.new_context()
        page = visitor.new_page()
        page.goto(link)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("button", name=expected)).to_be_visible()
        if expected == "Sign in":
            expect(page.get_by_role("alert")).to_contain_text("used already")
        visitor.close()


def test_a_token_is_typed_and_leads_to_the_page_that_was_wanted(
    started: Started, context: BrowserContext
) -> None:
    page = context.new_page()
    page.goto(started.link.partition("/enter")[0] + "/contracts")
    token = Path(started.environment["ENTENTE_DATA_DIR"], "owner.token").read_text()
    page.get_by_label("Your access token or sign-in code").fill(token)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Contracts")).to_be_visible()


def test_without_scripts_the_code_is_typed(started: Started, browser: Browser) -> None:
    link = started.another_link()
    visitor = browser.new_context(java_script_enabled=False)
    page = visitor.new_page()
    page.goto(link)
    page.get_by_label("Your access token or sign-in code").fill(link.partition("#code=")[2])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    visitor.close()


def test_a_form_on_another_site_signs_nobody_out(started: Started, context: BrowserContext) -> None:
    page = context.new_page()
    link = started.another_link()
    page.goto(link)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    home = link.partition("/enter")[0]
    evil = context.new_page()
    evil.goto("data:text/html,<p>evil</p>")
    evil.set_content(f"<form method=post action='{home}/leave'><button>Win</button></form>")
    evil.get_by_role("button", name="Win").click()
    expect(evil.get_by_text("another site")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def test_the_back_button_shows_nothing_after_signing_out(
    started: Started, context: BrowserContext
) -> None:
    page = context.new_page()
    link = started.another_link()
    home = link.partition("/enter")[0]
    page.goto(link)
    page.get_by_role("button", name="Sign in").click()
    for path, heading in (("/contracts", "Contracts"), ("/", "Partners")):
        page.goto(home + path)
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    for _ in range(2):
        page.go_back()
        expect(page.get_by_role("heading", name="Welcome to Entente")).to_be_visible()
        expect(page.get_by_role("button", name="Sign out")).to_have_count(0)


def test_who_opens_a_link_before_its_reader_uses_nothing_up(
    started: Started, browser: Browser
) -> None:
    """Mail scanners open links, some with a browser of their own; none presses the button."""
    link = started.another_link()
    scanner, reader = browser.new_context(), browser.new_context()
    for _ in range(2):
        opened = scanner.new_page()
        opened.goto(link)
        expect(opened.get_by_role("button", name="Sign in")).to_be_visible()
    assert not scanner.cookies()
    page = reader.new_page()
    page.goto(link)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    scanner.close()
    reader.close()
