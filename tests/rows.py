"""Which tests show which row of the feature table: `python -m tests.rows`.

Exit code 1 where a test is marked with a row that there is not.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent

ROWS = {
    "P1": "Institution and contacts",
    "P2": "Proposal before use",
    "P3": "Due diligence and risk",
    "P4": "Duplicates and merging",
    "P5": "Needs assessment",
    "C1": "Contract types and families",
    "C2": "Fields of a contract",
    "C5": "Approval matrix",
    "C6": "Signing",
    "C7": "Amendments",
    "C8": "Milestones",
    "C10": "Live burn-down of the day budget",
    "C11": "Termination",
    "C15": "Open contracting data and CSV",
    "E1": "Engagement plan",
    "E2": "Day logging",
    "E3": "Submitting, approving, locking",
    "E4": "Going over the budget",
    "E6": "Deliverables",
    "E14": "Consultants",
    "F1": "Programme design",
    "F2": "Enrolment and waiting list",
    "F3": "From attendance to certificate",
    "F5": "Evaluation",
    "N1": "Each event counted once",
    "N4": "Invoice-ready pack",
    "N5": "Invoice states",
    "N6": "Reconciliation",
    "U1": "One timeline per partner",
    "U7": "Search",
    "X1": "Rebuildable projections",
    "X2": "Audit log",
    "X3": "Privacy",
    "X4": "REST API",
    "X5": "Published events",
    "X6": "Accounts and single sign-on",
}


def marked(folder: Path = TESTS) -> Iterator[tuple[str, str]]:
    """(row, test) for every mark; read from the source, so that nothing needs to be running."""
    for path in sorted(folder.rglob("test_*.py")):
        place = path.relative_to(folder.parent).as_posix()
        tree = ast.parse(path.read_text(encoding="utf-8"))
        yield from _marked_in(tree, place, _module_rows(tree))


def unknown(marks: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The marks of rows that there are not."""
    return [(row, test) for row, test in marks if row not in ROWS]


def _module_rows(tree: ast.Module) -> list[str]:
    """What `pytestmark` says of a whole file."""
    return [
        row
        for statement in tree.body
        if isinstance(statement, ast.Assign)
        and any(isinstance(to, ast.Name) and to.id == "pytestmark" for to in statement.targets)
        for mark in ast.walk(statement.value)
        for row in _rows_of(mark)
    ]


def _marked_in(node: ast.AST, place: str, rows: list[str]) -> Iterator[tuple[str, str]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            own = rows + [row for mark in child.decorator_list for row in _rows_of(mark)]
            name = f"{place}::{child.name}"
            if isinstance(child, ast.ClassDef):
                yield from _marked_in(child, name, own)
            elif child.name.startswith("test"):
                yield from ((row, name) for row in own)
        elif isinstance(child, ast.Assign) and "TestCase" in ast.dump(child.value):
            # A state machine: TestBudget = pytest.mark.row("C10")(BudgetMachine.TestCase)
            name = f"{place}::{ast.unparse(child.targets[0])}"
            own = rows + [row for mark in ast.walk(child.value) for row in _rows_of(mark)]
            yield from ((row, name) for row in own)


def _rows_of(mark: ast.AST) -> list[str]:
    """The rows of `pytest.mark.row("C10")`; none for anything else."""
    if not isinstance(mark, ast.Call) or not ast.unparse(mark.func).endswith("mark.row"):
        return []
    return [str(each.value) for each in mark.args if isinstance(each, ast.Constant)]


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def main() -> int:
    marks = list(marked())
    for row, title in ROWS.items():
        tests = [test for marked_row, test in marks if marked_row == row]
        say(f"{row:4} {title} ({len(tests)})")
        for test in tests:
            say(f"     {test}")
    wrong = unknown(marks)
    for row, test in wrong:
        say(f"unknown row {row!r}: {test}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
