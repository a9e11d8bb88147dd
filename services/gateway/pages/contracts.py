"""The contracts: all of them, and each on a page with its burn-down."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request

from services.gateway.pages.burn_down import MARKS, Chart
from services.gateway.pages.imports import CONFIRM, awaiting
from services.gateway.pages.reading import Reader
from services.gateway.pages.timeline import PAGE, by_month, wanted
from shared.events.vocabulary import ContractType

Guard = Callable[[Callable[..., str]], Callable[..., Any]]

#: As in the lifecycle of a contract.
STATES = (
    "draft", "in_review", "approved", "out_for_signature", "imported", "signed", "active",
    "completed", "expired", "cancelled",
)  # fmt: skip

#: What the list is narrowed by beside a text: name, label, and words or the kind of field.
CHOICES = (
    ("state", "State", STATES),
    ("type", "Type", tuple(ContractType)),
    ("ends_before", "Ending before", "date"),
)
#: Also by what links to the list name.
_NARROWED = ("text", *(name for name, _, _ in CHOICES), "partner_id", "owner_id")


def add_contract_pages(pages: Blueprint, for_readers: Guard) -> None:
    """Serve /contracts and /contracts/<id>."""

    @pages.get("/contracts")
    @for_readers
    def contracts(reader: Reader) -> str:
        narrowed = {name: request.args.get(name, "") for name in _NARROWED}
        cursor = request.args.get("cursor", "")
        return render_template(
            "contracts.html",
            listed=reader.panel("GET /contracts", **narrowed, cursor=cursor, limit="25"),
            totals=reader.panel("GET /contracts/totals", **narrowed),
            sought=narrowed | {"cursor": cursor},
            choices=CHOICES,
            awaiting=awaiting(reader, "1").items if reader.may(CONFIRM) else [],
        )

    @pages.get("/contracts/<uuid:id>")
    @for_readers
    def contract(reader: Reader, id: UUID) -> str:
        shown = reader.main("GET /contracts/{id}", id=str(id))
        burn_down = reader.panel("GET /contracts/{id}/burn-down", id=str(id))
        part = wanted(request)
        timeline = reader.panel("GET /contracts/{id}/timeline", id=str(id), limit=PAGE, **part)
        return render_template(
            "contract.html",
            contract=shown,
            burn_down=burn_down,
            chart=Chart.of(burn_down.content) if burn_down.content else None,
            marks=MARKS,
            invoices=reader.panel("GET /invoices", contract_id=str(id), limit="100"),
            timeline=timeline,
            months=by_month(timeline),
            wanted=part,
            may_confirm=reader.may(CONFIRM),
        )
