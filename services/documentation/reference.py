"""All reference pages together, by file name."""

import json
from importlib import import_module
from pathlib import Path

from typer.core import TyperGroup

from services.documentation import (
    api,
    asyncapi,
    command_line,
    events,
    metrics,
    permissions,
    settings,
)
from services.platform import operations, service_class
from services.registry import SERVICES
from shared.events import published

_ROOT = Path(__file__).resolve().parents[2]

#: Where golden samples of the events are kept, each in ``<type>.v<version>.json``.
SAMPLES = Path("tests/contracts/samples")


def pages(root: TyperGroup) -> dict[str, str]:
    """The text of each page by file name. root: the whole command line."""
    language = sorted(published().values(), key=lambda event: SERVICES.index(event.source()))
    sources: dict[str, list[str]] = {}
    for name in SERVICES:
        for source in service_class(name).runtime.parts.reactions.sources:
            sources.setdefault(source, []).append(name)
    return {
        "settings.md": settings.page(policies()),
        "commands.md": command_line.page(root),
        "api.md": api.page(operations()),
        "permissions.md": permissions.page(operations()),
        "events.md": events.page(language, readers_of, _samples()),
        "metrics.md": metrics.page(),
        "asyncapi.json": json.dumps(
            asyncapi.document(language, sources), indent=2, ensure_ascii=False
        )
        + "\n",
    }


def policies() -> dict[str, type]:
    return {name: import_module(f"services.{name}.domain.policy").Policy for name in SERVICES}


def readers_of(type_: str) -> list[str]:
    """The services that do something on events of a type."""
    return [name for name in SERVICES if service_class(name).runtime.parts.reactions.handles(type_)]


def _samples() -> dict[str, str]:
    """The address of each event's golden sample, as seen from a page, by its key."""
    return {
        path.name.removesuffix(".json"): f"../../{SAMPLES}/{path.name}"
        for path in (_ROOT / SAMPLES).glob("*.json")
    }
