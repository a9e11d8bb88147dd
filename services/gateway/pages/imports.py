"""The imported contracts that await confirmation: a list, to confirm one of them, some or all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from services.gateway.pages.reading import Panel, Reader

Guard = Callable[[Callable[..., Any]], Callable[..., Any]]

CONFIRM = "POST /contracts/imports/confirm"
#: Contracts on a page; as many are confirmed together.
SHOWN = "100"


@dataclass(frozen=True)
class Result:
    """What became of what somebody chose: how many are confirmed, and which are not, with why."""

    confirmed: int = 0
    refused: Sequence[tuple[str, str]] = ()
    #: Nothing was chosen.
    is_empty: bool = False


def awaiting(reader: Reader, limit: str = SHOWN) -> Panel:
    """The contracts that await confirmation, as far as `limit` reaches."""
    return reader.panel(
        "GET /contracts", awaiting_confirmation="true", sort="reference", limit=limit
    )


def add_import_pages(pages: Blueprint, for_readers: Guard) -> None:
    """Serve /contracts/imports."""

    @pages.get("/contracts/imports")
    @for_readers
    def imports(reader: Reader) -> str:
        return _page(reader, Result(request.args.get("confirmed", 0, type=int)))

    @pages.post("/contracts/imports")
    @for_readers
    def confirm_imports(reader: Reader) -> Response | str:
        chosen = _chosen(request.form)
        if not chosen:
            return _page(reader, Result(is_empty=True))
        names = {each["id"]: each["title"] for each in awaiting(reader).items}
        result = _confirmed(reader, chosen, names)
        if result.refused:
            return _page(reader, result)
        return redirect(f"/contracts/imports?confirmed={result.confirmed}", 303)


def _page(reader: Reader, result: Result) -> str:
    return render_template(
        "imports.html", listed=awaiting(reader), result=result, may_confirm=reader.may(CONFIRM)
    )


def _chosen(form: MultiDict[str, str]) -> list[str]:
    """Each as ``id:version``, so that nobody confirms what they have not seen."""
    if form.get("only"):
        return [form["only"]]
    return form.getlist("shown" if form.get("all") else "row")


def _confirmed(reader: Reader, chosen: Sequence[str], names: dict[str, str]) -> Result:
    """A contract is refused while its parent awaits confirmation: so what was refused beside
    something that was confirmed is tried again.
    """
    rows = [{"id": id, "version": version} for id, _, version in (c.partition(":") for c in chosen)]
    refused: dict[str, str] = {}
    left = len(rows) + 1
    while 0 < len(rows) < left:
        left = len(rows)
        outcomes = reader.execute(CONFIRM, rows=rows)["rows"]
        refused = {each["id"]: each["reason"] for each in outcomes if each["outcome"] == "refused"}
        rows = [each for each in rows if each["id"] in refused]
    return Result(
        len(chosen) - len(rows),
        [(names.get(id, "A contract"), reason) for id, reason in refused.items()],
    )
