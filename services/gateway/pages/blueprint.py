"""The pages, put together."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Concatenate, ParamSpec
from zoneinfo import ZoneInfo

from flask import Blueprint, Flask, g, render_template, request
from werkzeug.wrappers import Response

from services.gateway.api import PREFIX
from services.gateway.calls import Calls
from services.gateway.pages.assets import add_assets
from services.gateway.pages.contracts import add_contract_pages
from services.gateway.pages.entrance import add_entrance, entrance
from services.gateway.pages.imports import add_import_pages
from services.gateway.pages.partners import add_partner_pages
from services.gateway.pages.problems import add_explanations
from services.gateway.pages.reading import Reader, by_binding
from services.gateway.pages.wording import add_wording
from services.gateway.refusals import Refusals
from services.gateway.visits import Visits
from shared.operations import Operation

P = ParamSpec("P")


def add_pages(
    app: Flask,
    operations: Sequence[Operation],
    calls: Calls,
    visits: Visits,
    refusals: Refusals,
    zone: ZoneInfo,
) -> None:
    """Serve the pages; moments on them are in the office's `zone`."""
    known = by_binding(operations)
    pages = Blueprint("pages", __name__)

    def for_readers(
        view: Callable[Concatenate[Reader, P], Response | str],
    ) -> Callable[P, Response | str]:
        """A page that only somebody who is signed in sees; others are asked in."""

        @wraps(view)
        def page(*args: P.args, **kwargs: P.kwargs) -> Response | str:
            token = visits.token(request)
            if token is None:
                return entrance(
                    request.full_path.rstrip("?"),
                    status=200 if request.path == "/" else 401,
                )
            g.actor_id, g.visitor = str(token.id), token
            return view(Reader(known, calls, token), *args, **kwargs)

        return page

    add_wording(app, zone)
    add_assets(pages)
    add_explanations(pages)
    add_entrance(pages, visits, refusals)
    add_partner_pages(pages, for_readers)
    add_contract_pages(pages, for_readers)
    add_import_pages(pages, for_readers)

    @pages.get(f"{PREFIX}/docs")
    def docs() -> str:
        return render_template("docs.html")

    app.register_blueprint(pages)
