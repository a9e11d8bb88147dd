"""The command that writes the reference pages: docs."""

from pathlib import Path
from typing import Annotated, cast

import typer
from rich.console import Console
from typer.core import TyperGroup

from services.cli.exits import Exit
from services.documentation import reference

console = Console(highlight=False)

#: Of a checkout: the pages are kept beside the code that they are made from.
PLACE = Path("docs/reference")


def register(app: typer.Typer) -> None:
    app.command()(docs)


def docs(
    context: typer.Context,
    folder: Annotated[Path, typer.Option(help="Where the pages go.")] = PLACE,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; say which pages are out of date.")
    ] = False,
) -> None:
    """For developers: write the reference of settings, commands, endpoints and events.

    Exit code 0: the pages are current; 1: with --check, some are not.
    """
    pages = reference.pages(cast(TyperGroup, context.find_root().command))
    outdated = [
        name
        for name, text in pages.items()
        if not (folder / name).is_file() or (folder / name).read_text("utf-8") != text
    ]
    if check:
        for name in outdated:
            console.print(f"{folder / name} is out of date; run `entente docs`.")
        if outdated:
            raise typer.Exit(Exit.REFUSED)
        console.print("All pages are current.")
        return
    folder.mkdir(parents=True, exist_ok=True)
    for name in outdated:
        (folder / name).write_text(pages[name], "utf-8")
    console.print(f"Written: {', '.join(outdated)}" if outdated else "All pages are current.")
