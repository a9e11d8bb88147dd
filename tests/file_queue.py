"""A plugin of pytest: several runs share the files of one suite. Used by `python -m tests`.

Every run collects everything, and takes file after file from the queue, a folder in which each
file taken leaves a mark.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

OPTION = "--file-queue"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(OPTION, type=Path, help="folder in which runs mark the test files they take")


def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """As pytest's own loop, over the files that this run takes."""
    queue: Path | None = session.config.getoption(OPTION)
    if queue is None or session.testsfailed or session.config.option.collectonly:
        return None
    taken = _taken(session.items, queue)
    item = next(taken, None)
    while item is not None:
        # pytest leaves standing what the next test needs, so that one has to be known by now.
        following = next(taken, None)
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)
        item = following
    return True


def _taken(items: list[pytest.Item], queue: Path) -> Iterator[pytest.Item]:
    ours: dict[Path, bool] = {}
    for item in items:
        if item.path not in ours:
            ours[item.path] = _take(item.path, queue)
        if ours[item.path]:
            yield item


def _take(path: Path, queue: Path) -> bool:
    """False where another run has taken it."""
    try:
        (queue / hashlib.sha256(bytes(path)).hexdigest()).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True
