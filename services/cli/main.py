"""The commands put together, and what happens when one of them fails."""

import sys

import typer
from rich.console import Console

from services.cli import (
    demonstrating,
    documenting,
    holding,
    importing,
    operating,
    rebuilding,
    running,
)
from services.cli.exits import Exit
from services.control import AlreadyRunning
from shared.errors import Refusal, Unavailable
from shared.settings import WrongSetting

app = typer.Typer(
    name="entente",
    help="Entente: partners, contracts, consultancy, faculty development and finance of an "
    "office for international medical-education collaborations.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
running.register(app)
operating.register(app)
holding.register(app)
rebuilding.register(app)
demonstrating.register(app)
importing.register(app)
documenting.register(app)


def main() -> None:
    """Run a command. Errors that a person can mend are one sentence; others are traced."""
    try:
        app()
    except Unavailable as error:
        _fail(error.message, Exit.UNAVAILABLE)
    except Refusal as refusal:
        _fail(refusal.message, Exit.REFUSED)
    except (WrongSetting, AlreadyRunning) as error:
        _fail(str(error), Exit.USAGE)


def _fail(message: str, code: Exit) -> None:
    Console(stderr=True).print(message, style="red", highlight=False, markup=False)
    sys.exit(code)
