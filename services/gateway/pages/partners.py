"""The partners: all of them, and each on a page with its timeline."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request

from services.gateway.identity import actor_of
from services.gateway.pages.reading import Reader
from services.gateway.pages.timeline import PAGE, by_month, wanted
from shared.events.permissions import PERMISSIONS, Permission
from shared.events.vocabulary import RiskBand, Sector

Guard = Callable[[Callable[..., str]], Callable[..., Any]]

#: As in the lifecycle of a partner.
STATES = (
    "prospect", "under_review", "approved", "active", "dormant", "exited", "declined",
)  # fmt: skip

#: What the list is narrowed by beside a text: name, label, and words or the kind of field.
CHOICES = (
    ("state", "State", STATES),
    ("country", "Country", "text"),
    ("sector", "Sector", tuple(Sector)),
    ("risk_band", "Risk", tuple(RiskBand)),
)


def add_partner_pages(pages: Blueprint, for_readers: Guard) -> None:
    """Serve / and /partners/<id>."""

    @pages.get("/")
    @for_readers
    def partners(reader: Reader) -> str:
        offered = [each for each in CHOICES if each[0] != "risk_band" or _sees_risk(reader)]
        names = ("text", *(name for name, _, _ in offered), "cursor")
        sought = {name: request.args.get(name, "") for name in names}
        listed = reader.panel("GET /partners", **sought, limit="25")
        return render_template("partners.html", listed=listed, sought=sought, choices=offered)

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


def _sees_risk(reader: Reader) -> bool:
    return PERMISSIONS.allows(actor_of(reader.token).roles, Permission.DUE_DILIGENCE_READ)
