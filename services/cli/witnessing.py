"""Signed heads of the event logs: taken out, and checked against the logs as they are now."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import typer

from services.cli import reaching
from services.cli.exits import Exit
from services.registry import SERVICES
from shared import settings as configuration
from shared.errors import Unavailable
from shared.keys import PublicKey
from shared.messaging import log_head
from shared.messaging.log_head import Head
from shared.messaging.service_calls import ServiceCalls

#: Links that are asked for at a time.
_AT_ONCE = 1000


def register(app: typer.Typer) -> None:
    heads = typer.Typer(
        help="Signed heads of the event logs: proof, kept elsewhere, of what they said.",
        no_args_is_help=True,
    )
    heads.command("export")(export)
    heads.command("keys")(keys)
    app.add_typer(heads, name="heads")


def export() -> None:
    """Sign the head of every log now, and print all signed heads, a line of JSON each.

    Keep the output where nobody who can reach the databases can reach it, or give it to somebody
    else. `entente verify --heads FILE` checks the logs against it.
    """
    with reaching.services(configuration.read()) as calls:
        reaching.ask_all(calls, SERVICES, "sign_head")
        silent: dict[str, str] = {}
        for name in SERVICES:
            try:
                for head in known_to(calls, name):
                    print(json.dumps(head, ensure_ascii=False), flush=True)
            except Unavailable as error:
                silent[name] = error.message
    reaching.end_incomplete(silent)


def keys() -> None:
    """Print the public keys whose heads are believed here, with their ids."""
    for id, key in log_head.trusted_keys(configuration.read()).items():
        print(f"{id} {key.text}")


def read_file(path: Path) -> list[Head]:
    """The heads of a file that `export` wrote. Ends the command where it holds something else, or
    none: nothing would be checked, and an export that failed passed unnoticed.
    """
    try:
        found = log_head.read(path.read_text(encoding="utf-8").splitlines())
        reason = "" if found else "there are none in it"
    except UnicodeDecodeError:
        reason = "it is not text"
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
    if reason:
        typer.echo(f"{path} cannot be read as signed heads: {reason}.", err=True)
        raise typer.Exit(Exit.REFUSED)
    return found


def of_nobody(kept_elsewhere: Iterable[Head]) -> list[str]:
    """A sentence for each name in kept heads that no service has: these heads check nothing."""
    names = dict.fromkeys(head.service for head in kept_elsewhere if head.service not in SERVICES)
    return [f"{name}: there are signed heads of it, and no such service" for name in names]


def known_to(calls: ServiceCalls, name: str) -> list[dict[str, Any]]:
    """All signed heads that a service knows of its own log. Raises Unavailable."""
    found: list[dict[str, Any]] = []
    while True:
        further = calls.call(name, "log_heads", after=found[-1]["link"] if found else 0)
        if not further:
            return found
        found += further


def any_known(calls: ServiceCalls, names: Sequence[str]) -> bool:
    """Whether one of the services has signed a head; not in the first seconds of an office."""
    return any(reaching.ask_all(calls, names, "log_heads", after=0).given.values())


def check(
    calls: ServiceCalls, name: str, kept_elsewhere: Iterable[Head], keys: dict[str, PublicKey]
) -> list[str]:
    """What is wrong with a service's log by its signed heads, a sentence each.

    kept_elsewhere: heads beside those that the service knows. Raises Unavailable.
    """
    told = [Head.from_plain(each) for each in known_to(calls, name)]
    told += [each for each in kept_elsewhere if each.service == name]
    together = sorted(dict.fromkeys(told), key=lambda head: (head.link, head.signed_at))
    believed = [each for each in together if each.key in keys and each.is_signed_by(keys[each.key])]
    last, hashes = _now(calls, name, [each.link for each in believed])
    return [
        *_unbelieved(name, together, keys),
        *_against_the_log(name, believed, last, hashes),
    ]


def _now(calls: ServiceCalls, name: str, links: Sequence[int]) -> tuple[int, dict[int, str]]:
    """The log's last link now, and its hashes at these links, as far as it has them."""
    last = 0
    hashes: dict[int, str] = {}
    for start in range(0, len(links), _AT_ONCE):
        answer = calls.call(name, "log_hashes", links=list(links[start : start + _AT_ONCE]))
        last = answer["last"]
        hashes |= {int(link): digest for link, digest in answer["hashes"].items()}
    return last, hashes


def _unbelieved(name: str, heads: Sequence[Head], keys: dict[str, PublicKey]) -> list[str]:
    """A sentence for each unknown key, and for each head that was changed after it was signed."""
    lines = []
    strangers: dict[str, list[Head]] = {}
    for head in heads:
        if head.key not in keys:
            strangers.setdefault(head.key, []).append(head)
        elif not head.is_signed_by(keys[head.key]):
            lines.append(
                f"{name}: the signature on the head of link {head.link} is not valid: the head was "
                "changed after it was signed"
            )
    for key, signed in strangers.items():
        others = f" (and {len(signed) - 1:,} more)" if len(signed) > 1 else ""
        lines.append(
            f"{name}: the head of link {signed[0].link}{others} was signed with the key {key}, "
            "which is not trusted here; if it is an earlier key of yours, list it in "
            "ENTENTE_HEAD_KEYS"
        )
    return lines


def _against_the_log(
    name: str, heads: Sequence[Head], last: int, hashes: dict[int, str]
) -> list[str]:
    """A sentence for the first head that the log no longer reaches, or leads past."""
    fits = 0
    for head in heads:
        if head.link > last:
            return [
                f"{name}: the event log ends at link {last}, but the head of link {head.link} was "
                f"signed on {_when(head)}: the log was cut off, or restored to an earlier state"
            ]
        if hashes.get(head.link) != head.hash:
            at = f"links {fits + 1} to {head.link}" if fits + 1 < head.link else f"link {head.link}"
            return [
                f"{name}: the event log was rewritten at {at}: it does not lead to the head "
                f"that was signed on {_when(head)}"
            ]
        fits = head.link
    return []


def _when(head: Head) -> str:
    return head.signed_at[:19].replace("T", " ")
