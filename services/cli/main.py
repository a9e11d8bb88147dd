"""The commands put together, and what happens when one of them fails."""

import importlib.metadata
import sys
from importlib import import_module
from typing import Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperGroup

from services import logs
from services.cli.exits import Exit
from services.control import AlreadyRunning
from shared.errors import Refusal, Unavailable
from shared.http.listening import AddressTaken
from shared.keys import WrongKey
from shared.private_folder import OthersData
from shared.settings import WrongSetting

#: Where each command is: the module of `services.cli` that registers it.
COMMANDS = {
    "up": "running",
    "run": "running",
    "sign-in": "running",
    "sample": "running",
    "demo": "demonstrating",
    "import": "importing",
    "token": "tokens",
    "tick": "operating",
    "events": "operating",
    "verify": "verifying",
    "held": "holding",
    "heads": "witnessing",
    "rebuild": "rebuilding",
    "doctor": "examining",
    "db": "running",
    "docs": "documenting",
}


class _Lazy(TyperGroup):
    """Loads a command's module when it is asked for: most commands need little of the platform."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        part = typer.Typer()
        part.callback()(lambda: None)  # so that it stays a group with one command
        import_module(f"services.cli.{COMMANDS[cmd_name]}").register(part)
        return typer.main.get_group(part).commands[cmd_name]


app = typer.Typer(
    name="entente",
    cls=_Lazy,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


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
    except (WrongSetting, WrongKey, AlreadyRunning, AddressTaken, OthersData) as error:
        _fail(str(error), Exit.USAGE)
    except OSError as error:
        if error.filename is None:  # none of the files that a person named, or has
            raise
        _fail(f"{error.filename} cannot be used: {error.strerror}.", Exit.USAGE)


def _fail(message: str, code: Exit) -> None:
    Console(stderr=True).print(message, style="red", highlight=False, markup=False, soft_wrap=True)
    sys.exit(code)
