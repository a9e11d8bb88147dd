"""The page of permissions: which role may do and see what, made from the one table."""

from collections.abc import Sequence

from services.documentation import markdown
from services.documentation.markdown import code
from shared.events.permissions import PERMISSIONS, Permission
from shared.events.vocabulary import Role
from shared.operations import Operation
from shared.permissions import Extent

_INTRODUCTION = """\
A role is a set of permissions; a person with several roles has those of each. **all**: everywhere;
**own**: only what is theirs (a consultant's own days and engagements, a lead's own programmes, what
concerns a guest's own partner); empty: not at all. The service that owns the data checks.
"""
_MARKS = {Extent.ALL: "all", Extent.OWN: "own"}


def page(operations: Sequence[Operation]) -> str:
    return markdown.page(
        "Permissions",
        _INTRODUCTION,
        "## Roles\n\n" + markdown.table(_head(), map(_row, Permission)),
        "## Endpoints\n\n" + markdown.table(_ENDPOINTS, _endpoints(operations)),
    )


_ENDPOINTS = ("Permission", "Lets somebody", "Endpoints")


def _head() -> list[str]:
    return ["Permission", *(role.replace("_", " ") for role in Role)]


def _row(permission: Permission) -> list[str]:
    holders = PERMISSIONS.holders(permission)
    return [code(permission), *(_MARKS[holders[r]] if r in holders else "" for r in Role)]


def _endpoints(operations: Sequence[Operation]) -> list[list[str]]:
    return [
        [
            code(permission),
            permission.words,
            ", ".join(
                code(f"{each.method} {each.path}")
                for each in operations
                if each.needs == permission
            ),
        ]
        for permission in Permission
    ]
