"""Every refusal that stands in the code reads as a sentence of a careful editor.

Read off the source: f-strings with … where a value will stand.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

#: Raised with words for people as their first argument.
REFUSALS = {
    *("Invalid", "Conflict", "Forbidden", "NotFound", "Unavailable", "Stale", "VersionMissing"),
    *("BadRequest", "NotAcceptable", "UnsupportedMediaType", "Unexpected", "NotYet"),
    *("WrongSetting", "Finding"),
}
VALUE = "…"


def words_of(node: ast.expr) -> str | None:
    """The text with … for each value; None where it is not written where it is raised."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(
                str(part.value) if isinstance(part, ast.Constant) else VALUE for part in parts
            )
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return "".join(words_of(side) or VALUE for side in (left, right))
        case ast.IfExp(body=body):
            return words_of(body)
    return None


def refusals() -> Iterator[tuple[str, str]]:
    for folder in ("services", "shared"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if not isinstance(node, ast.Call):
                    continue
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                place = 2 if name == "Finding" else 0
                if name in REFUSALS and len(node.args) > place:
                    told = words_of(node.args[place])
                    if told:
                        yield f"{path.relative_to(ROOT)}:{node.lineno}", told


FOUND = list(refusals())


def test_there_are_many() -> None:
    assert len(FOUND) > 250


@pytest.mark.parametrize(
    ("fault", "shape"),
    [
        ("has no full stop at its end", rf"(?<![.?{VALUE}])$"),
        ("has doubled punctuation", r"[.,;:!?] ?[.,;:!?]"),
        ("begins with a small letter", r"^[a-z](?!\w*_)"),
        ("ends in spaces, or has two together", r"  |^ | $"),
        ("counts one in the plural", rf"(?<![\w{VALUE}])1 \w+s\b(?<!is)(?<!was)"),
        ("says that nothing is something", r"\bnull is nothing\b|\bat most 0\b"),
        ("speaks of a sign for a character", r"\bsigns? that\b|\bhalf a sign\b"),
        ("names a type, not a thing", r"\b(None|NoneType|UUID|ValueError|dict|tuple)\b"),
        ("advises an amendment that cannot raise a value", r"have the contract amended"),
        ("begins with its own kind", r"^(Refused|Error|Invalid|Forbidden|Conflict):"),
        ("is for another person than it is told", r"\bthe user\b|\bplease\b"),
    ],
)
def test_no_refusal(fault: str, shape: str) -> None:
    wrong = [f"{place} {fault}: {told}" for place, told in FOUND if re.search(shape, told)]
    assert wrong == []
