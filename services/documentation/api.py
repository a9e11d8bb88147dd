"""The page of the REST API: every endpoint with what it does and who may call it."""

from collections.abc import Sequence

from services.documentation import markdown
from services.documentation.markdown import code
from services.gateway.api import PREFIX
from services.gateway.log_heads import PATH
from services.gateway.openapi import TAGS
from shared.operations import Operation

_INTRODUCTION = """\
All paths begin with `{prefix}`. A running platform shows the same with every field at
`{prefix}/docs`, and as an OpenAPI 3.1 document at `{prefix}/openapi.json`. How to identify, and how
versions (`ETag`, `If-Match`), retries (`Idempotency-Key`), paging and problems work, is said there
and in the [README of the gateway](../../services/gateway/README.md).

"Version" marks what needs `If-Match` with the `ETag` that was read; [Permissions](permissions.md)
says which roles have the permission that an endpoint needs.

`GET {heads}` needs no token: see
[Proof of what was published](../events-from-outside.md#proof-of-what-was-published).
"""


def page(operations: Sequence[Operation]) -> str:
    services = dict.fromkeys(operation.service for operation in operations)
    return markdown.page(
        "REST API",
        _INTRODUCTION.format(prefix=PREFIX, heads=PATH),
        *(
            _section(service, [each for each in operations if each.service == service])
            for service in services
        ),
    )


def _section(service: str, operations: Sequence[Operation]) -> str:
    rows = [
        (
            code(f"{each.method} {each.path}"),
            each.summary,
            "yes" if each.needs_version else "",
            code(each.needs),
        )
        for each in sorted(operations, key=lambda each: (each.path, each.method))
    ]
    head = ("Endpoint", "What it does", "Version", "Permission")
    return f"## {service}\n\n{TAGS[service]}\n\n{markdown.table(head, rows)}"
