"""The commands put together, and what happens when one of them fails."""

import importlib.metadata
import sys
from typing import Annotated

import typer
from rich.console import Console

from services import logs
from services.cli import (
    demonstrating,
    documenting,
    examining,
    holding,
    importing,
    operating,
    rebuilding,
    running,
    verifying,
)
from services.cli.exits import Exit
from services.control import AlreadyRunning
from shared.errors import Refusal, Unavailable
from shared.settings import WrongSetting

app = typer.Typer(
    name="entente",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
running.register(app)
examining.register(app)
operating.register(app)
verifying.register(app)
holding.register(app)
rebuilding.register(app)
demonstrating.register(app)
importing.register(app)
documenting.register(app)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"Entente {importlib.metadata.version('entente')}")
        raise typer.Exit


@app.callback()
def entente(
    _: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Entente: partners, contracts, consultancy, faculty development and finance of an office for
    international medical-education collaborations.
    """
    # What a command logs never mixes with what it prints: standard output belongs to the answer.
    logs.configure("WARNING")


def main() -> None:
    """Run a command. Errors that a person can correct are one sentence; others show a traceback."""
    try:
        app()
    except Unavailable as error:
        _fail(error.message, Exit.UNAVAILABLE)
    except Refusal as refusal:
        _fail(refusal.message, Exit.REFUSED)
    except (WrongSetting, AlreadyRunning) as error:
        _fail(str(error), Exit.USAGE)


def _fail(message: str, code: Exit) -> None:
    Console(stderr=True).print(message, style="red", highlight=False, markup=False, soft_wrap=True)
    sys.exit(code)
