"""A Chromium for tests: of the PATH, else Playwright's own; `make setup` installs one if it can."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import eventlet
import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")


def executable(playwright: Playwright) -> str | None:
    """The path of a Chromium; None where there is none."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    own = playwright.chromium.executable_path
    return found or (own if Path(own).exists() else None)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Skips the test where there is no Chromium; with CI=true that fails it."""
    with _playwright() as playwright:
        path = executable(playwright)
        if path is None:
            missing = "there is no Chromium: install the package chromium, or run `make setup`"
            if os.environ.get("CI") == "true":
                pytest.fail(missing)
            pytest.skip(missing)
        # As root its sandbox does not start; the pages are our own.
        options = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(
            executable_path=path,
            args=options,
            # Playwright turns off that pages are kept for the back button; people have it on.
            ignore_default_args=["--disable-back-forward-cache"],
        )
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def _playwright() -> Iterator[Playwright]:
    """Playwright, which comes to an end also under eventlet.

    It waits for a greenlet of its own to end, and eventlet makes the hub that greenlet's parent:
    when it has ended the hub goes on, and nobody wakes whoever waited.
    """
    manager = sync_playwright()
    try:
        yield manager.__enter__()
    finally:
        with eventlet.Timeout(2, exception=False):
            manager.__exit__(None, None, None)
