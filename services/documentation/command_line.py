"""The page of the command line: every command with its arguments, options and exit codes."""

import inspect
import typing
from collections.abc import Iterator
from enum import Enum

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from services.documentation import markdown
from services.documentation.markdown import code

_INTRODUCTION = """\
`entente` is installed by `make setup` as `.venv/bin/entente`; `python -m services` is the same.
Where the platform runs in one process, the commands talk to that process; where it does not run,
they start the services for as long as they need them.

| Exit code | Says |
| --- | --- |
| 0 | done |
| 1 | refused: the reason is the sentence that was printed |
| 2 | used wrongly, or a setting cannot be used |
| 3 | a service or the broker cannot be reached; try again |
| 4 | something is missing, held or lags behind |
"""


def page(root: TyperCommand | TyperGroup) -> str:
    return markdown.page(
        "Command line",
        _INTRODUCTION,
        *(_section(name, command) for name, command in each(root)),
    )


def each(
    root: TyperCommand | TyperGroup, prefix: str = "entente"
) -> Iterator[tuple[str, TyperCommand]]:
    """Every command that does something, by its full name."""
    if isinstance(root, TyperCommand):
        yield prefix, root
        return
    context = typer.Context(root)
    for name in root.list_commands(context):
        command = root.get_command(context, name)  # loaded only now
        yield from each(typing.cast(TyperCommand | TyperGroup, command), f"{prefix} {name}")


def _section(name: str, command: TyperCommand) -> str:
    arguments = [item for item in command.params if isinstance(item, TyperArgument)]
    options = [item for item in command.params if isinstance(item, TyperOption)]
    usage = " ".join([name, *map(_placeholder, arguments), *(["[OPTIONS]"] if options else [])])
    parts = [f"## {name}", inspect.cleandoc(command.help or ""), f"```\n{usage}\n```"]
    hints = typing.get_type_hints(inspect.unwrap(command.callback or _section))
    rows = [(code(_placeholder(item)), _meaning(item, hints)) for item in arguments]
    rows += [(", ".join(map(code, item.opts)), _meaning(item, hints)) for item in options]
    if rows:
        parts.append(markdown.table(("", "Meaning"), rows))
    return "\n\n".join(parts)


def _placeholder(argument: TyperArgument) -> str:
    name = (argument.name or "").upper() + ("…" if argument.nargs != 1 else "")
    return name if argument.required else f"[{name}]"


def _meaning(parameter: TyperArgument | TyperOption, hints: dict[str, typing.Any]) -> str:
    parts = [parameter.help or ""]
    words = _words(hints.get(parameter.name or ""))
    if words:
        parts.append("One of " + ", ".join(map(code, words)) + ".")
    if parameter.required and isinstance(parameter, TyperOption):
        parts.append("Required.")
    default = parameter.default
    if default is not None and default is not False and default != "":
        parts.append(f"Default: {code(default)}.")
    return " ".join(filter(None, parts))


def _words(hint: typing.Any) -> list[str]:
    """What may be said, where that is a closed list."""
    for each_hint in (hint, *typing.get_args(hint)):
        if isinstance(each_hint, type) and issubclass(each_hint, Enum):
            return [word.value for word in each_hint]
    return []
