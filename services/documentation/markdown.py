"""The little Markdown that the reference pages need."""

from collections.abc import Iterable, Sequence

MADE = "<!-- Made from the code by `entente docs`. Change the code, then run it again. -->"


def page(title: str, *parts: str) -> str:
    return "\n\n".join((f"# {title}", MADE, *(part.strip() for part in parts if part))) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(each) for each in line) + " |" for line in lines)


def code(text: object) -> str:
    return f"`{text}`"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
