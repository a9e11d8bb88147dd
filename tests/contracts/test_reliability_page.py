"""The page on reliability names the stories that there are."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_file_of_stories_is_on_the_page_and_every_one_named_exists() -> None:
    page = (ROOT / "docs/reliability.md").read_text()
    named = set(re.findall(r"`(test_\w+)`", page))
    there = {each.stem for each in (ROOT / "tests/reliability").glob("test_*.py")}
    assert named == there
