"""What the source says about the fields of a dataclass, where their readers can see it too."""

import ast
import inspect
import io
import re
import textwrap
import tokenize
from itertools import takewhile

_NAMED = re.compile(r"(\w+): (.+)")


def of_fields(cls: type) -> dict[str, str]:
    """The remark on each field that has one.

    It stands above the field after ``#:``, or behind it after ``#``, or in the class's docstring
    as ``name: remark``.
    """
    source = textwrap.dedent(inspect.getsource(cls))
    (definition,) = ast.parse(source).body
    assert isinstance(definition, ast.ClassDef)
    lines, behind = source.splitlines(), _comments(source)
    said = dict(_NAMED.findall(_docstring(cls)))
    found = {}
    for item in definition.body:
        if not isinstance(item, ast.AnnAssign) or not isinstance(item.target, ast.Name):
            continue
        name = item.target.id
        remark = (
            _above(lines[: item.lineno - 1])
            or behind.get(item.end_lineno or item.lineno, "")
            or said.get(name, "")
        )
        if remark:
            found[name] = remark
    return found


def of_class(cls: type) -> str:
    """The class's docstring in one line; empty where it has none."""
    return " ".join(_docstring(cls).split())


def _docstring(cls: type) -> str:
    text = inspect.cleandoc(cls.__dict__.get("__doc__") or "")
    # What `dataclass` makes up says nothing that the fields do not say.
    return "" if text.startswith(f"{cls.__name__}(") else text


def _above(lines: list[str]) -> str:
    """The ``#:`` remark that ends with the last of these lines."""
    block = list(takewhile(lambda line: line.startswith("#:"), map(str.strip, reversed(lines))))
    return " ".join(line.removeprefix("#:").strip() for line in reversed(block))


def _comments(source: str) -> dict[int, str]:
    """Comments by the line on which they stand."""
    return {
        token.start[0]: token.string.lstrip("# ")
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT and not token.string.startswith("#:")
    }
