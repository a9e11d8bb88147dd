"""The page of settings: every environment variable with its default and meaning."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from services.documentation import markdown, remarks
from services.documentation.markdown import code
from shared.messaging import crash_points
from shared.policies import bounds
from shared.settings import Settings

_HEAD = ("Variable", "Default", "Meaning")

_INTRODUCTION = """\
Entente is set by environment variables. Each has a working default; a value that cannot be used is
refused at start, by name. `entente doctor` says whether all of them can be used.
"""

_POLICIES = """\
## Numbers of the services

What an office may decide for itself. Lists are separated by commas; yes and no are `true` and
`false`.
"""

_FAULTS = """\
## For tests of faults

A process that is started with {variable} as `<point>:<n>` dies when it comes to that point for the
nth time, as by a power cut. Never set it for an office at work. The points:
{points}.
"""


def page(policies: Mapping[str, type]) -> str:
    """policies: the policy class of each service."""
    return markdown.page(
        "Settings",
        _INTRODUCTION,
        "## Installation",
        markdown.table(_HEAD, [(code(n), d, m) for n, d, m in installation()]),
        _POLICIES,
        *(_policy(service, policy) for service, policy in policies.items()),
        _FAULTS.format(
            variable=code(crash_points.VARIABLE),
            points=", ".join(map(code, crash_points.POINTS)),
        ),
    )


def installation() -> list[tuple[str, str, str]]:
    """Name, default and meaning of every setting of an installation."""
    return [
        (
            f"ENTENTE_{item.name.upper()}",
            _shown(item.metadata["environ_config"].default),
            _sentence(item.metadata["environ_config"].help or ""),
        )
        for item in Settings.__attrs_attrs__  # type: ignore[attr-defined]
    ]


def of_policy(service: str, policy: type) -> list[tuple[str, str, str]]:
    """Name, default and meaning of every number of a service."""
    said = remarks.of_fields(policy)
    return [
        (
            f"ENTENTE_{service.upper()}_{item.name.upper()}",
            _shown(item.default),
            _sentence(said.get(item.name, "")) + _limits(item),
        )
        for item in dataclasses.fields(policy)
    ]


def _limits(item: dataclasses.Field[Any]) -> str:
    limits = bounds(item)
    return f" From {limits[0]} to {limits[1]}." if limits else ""


def _policy(service: str, policy: type) -> str:
    rows = [(code(name), default, meaning) for name, default, meaning in of_policy(service, policy)]
    return f"### {service}\n\n{markdown.table(_HEAD, rows)}" if rows else ""


def _shown(default: Any) -> str:
    if isinstance(default, tuple):
        default = ",".join(map(str, default))
    if isinstance(default, bool):
        default = str(default).lower()
    return code(default) if default != "" else "none"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("." if text and not text.endswith((".", ";")) else "")
