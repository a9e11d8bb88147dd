"""The command that creates API tokens: token create."""

import json
from typing import Annotated

import typer
from rich.console import Console

from services.cli import reaching
from shared import settings as configuration
from shared.call import Call
from shared.events.vocabulary import Role

console = Console(highlight=False)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]


def register(app: typer.Typer) -> None:
    token = typer.Typer(help="API tokens.", no_args_is_help=True)
    token.command("create")(create)
    app.add_typer(token, name="token")


def create(
    role: Annotated[
        list[Role], typer.Option(help="What its holder may do; repeat it for several roles.")
    ],
    name: Annotated[str, typer.Option(help="Whose or what for.")],
    partner: Annotated[
        str | None, typer.Option(help="Id of the partner that a guest belongs to.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Create an API token and print its secret, which is shown only now."""
    scope = {"partner_id": partner} if partner else {}
    body = {"name": name, "roles": [each.value for each in role], **scope}
    with reaching.services(configuration.read()) as calls:
        answer = calls.execute("gateway", "issue_token", body, Call())
    if as_json:
        console.print_json(json.dumps(answer["body"]))
    else:
        console.print(answer["body"]["secret"], soft_wrap=True)
