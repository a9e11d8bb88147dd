"""The partners: all of them, and each on a page with its timeline."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request

from services.gateway.pages.reading import Reader
from services.gateway.pages.timeline import PAGE, by_month, wanted

Guard = Callable[[Callable[..., str]], Callable[..., Any]]

#: As in the lifecycle of a partner.
STATES = (
    "prospect", "under_review", "approved", "active", "dormant", "exited", "declined",
)  # fmt: skip


def add_partner_pages(pages: Blueprint, for_readers: Guard) -> None:
    """Serve / and /partners/<id>."""

    @pages.get("/")
    @for_readers
    def partners(reader: Reader) -> str:
        sought = {name: request.args.get(name, "") for name in ("text", "state", "cursor")}
        listed = reader.panel("GET /partners", **sought, limit="25")
        return render_template("partners.html", listed=listed, sought=sought, states=STATES)

    @pages.get("/partners/<uuid:id>")
    @for_readers
    def partner(reader: Reader, id: UUID) -> str:
        shown = reader.main("GET /partners/{id}", id=str(id))
        part = wanted(request, "contract_id")
        timeline = reader.panel("GET /partners/{id}/timeline", id=str(id), limit=PAGE, **part)
        return render_template(
            "partner.html",
            partner=shown,
            contracts=reader.panel("GET /contracts", partner_id=str(id), limit="100"),
            timeline=timeline,
            months=by_month(timeline),
            wanted=part,
        )
