"""Where people come in: by a link that holds their token, or by typing it in."""

from flask import (
    Blueprint,
    Request,
    Response,
    make_response,
    redirect,
    render_template,
    request,
)
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response as AnyResponse

from services.gateway.identity import Tokens, Visit, by_secret


def add_entrance(blueprint: Blueprint, tokens: Tokens, visit: Visit) -> None:
    """Serve /enter (link and form) and /leave."""

    def enter(secret: str, to: str) -> AnyResponse:
        token = by_secret(tokens, secret.strip())
        if token is None:
            return entrance(
                to,
                trouble="This token is unknown or was revoked. Ask an administrator for a new one.",
            )
        return visit.begin(token, request, redirect(_own_page(to), 303))

    @blueprint.get("/enter")
    def enter_by_link() -> AnyResponse:
        secret = request.args.get("token", "")
        return enter(secret, "/") if secret else entrance("/", status=200)

    @blueprint.post("/enter")
    def enter_by_form() -> AnyResponse:
        _refuse_other_sites(request)
        return enter(request.form.get("token", ""), request.form.get("to", "/"))

    @blueprint.post("/leave")
    def leave() -> AnyResponse:
        _refuse_other_sites(request)
        return visit.end(redirect("/", 303))


def entrance(to: str, *, trouble: str = "", status: int = 401) -> Response:
    """The sign-in page; who comes in goes on to the page `to`."""
    return make_response(render_template("entrance.html", to=to, trouble=trouble), status)


def _own_page(to: str) -> str:
    """`to` where it is a page of ours, so that no link leads through here to somewhere else."""
    is_ours = to.startswith("/") and not to.startswith("//") and "\\" not in to and to.isprintable()
    return to if is_ours else "/"


def _refuse_other_sites(request: Request) -> None:
    """A form on another site must not sign anybody in or out."""
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = request.headers.get("Origin")
    if site not in ("same-origin", "none") or (
        origin is not None and origin.partition("://")[2] != request.host
    ):
        raise Forbidden("This form was sent from another site.")
