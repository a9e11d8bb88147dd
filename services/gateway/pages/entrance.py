"""Where people come in, by their token or by the code of a sign-in link, and go out."""

from flask import (
    Blueprint,
    Request,
    Response,
    g,
    make_response,
    redirect,
    render_template,
    request,
)
from werkzeug.wrappers import Response as AnyResponse

from services.gateway.refusals import Refusals
from services.gateway.visits import Visits, address_of
from shared.errors import Forbidden, Unauthenticated
from shared.work import Call


def add_entrance(blueprint: Blueprint, visits: Visits, refusals: Refusals) -> None:
    """Serve /enter and /leave. Nothing is done by GET, so that no link signs anybody in: the code
    of a sign-in link stands after its `#`, which browsers keep to themselves.
    """

    @blueprint.before_request
    def refuse_other_sites() -> None:
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            check_own_site(request)

    @blueprint.get("/enter")
    def show_entrance() -> AnyResponse:
        if "token" in request.args:
            return entrance(
                "/",
                trouble="A token is not taken from an address, since browsers and proxies keep "
                "those. Whoever reads them could use this one: have it revoked.",
                status=400,
            )
        return entrance("/", status=200)

    @blueprint.post("/enter")
    def enter() -> AnyResponse:
        to = request.form.get("to", "/")
        call = Call(correlation_id=g.correlation_id)
        try:
            token = visits.token_of(request.form.get("token", "").strip(), call)
        except Unauthenticated as refused:
            refusals.note(address_of(request), refused.rule, "sign in", None, g.correlation_id)
            return entrance(to, trouble=refused.message)
        answer = redirect(_own_page(to), 303)
        return visits.begin(token, request, answer, g.correlation_id)

    @blueprint.post("/leave")
    def leave() -> AnyResponse:
        return visits.end(request, redirect("/", 303), g.correlation_id)


def entrance(to: str, *, trouble: str = "", status: int = 401) -> Response:
    """The sign-in page; who comes in goes on to the page `to`."""
    return make_response(render_template("entrance.html", to=to, trouble=trouble), status)


def _own_page(to: str) -> str:
    """`to` where it is a page of ours, so that no link leads through here to somewhere else."""
    is_ours = to.startswith("/") and not to.startswith("//") and "\\" not in to and to.isprintable()
    return to if is_ours else "/"


def check_own_site(request: Request) -> None:
    """A form on another site must do nothing here, not even sign somebody in or out.

    Browsers say where a request was made by Sec-Fetch-Site, and by Origin where they send that
    header only over HTTPS, or say "none": by no page. What sends neither is no browser, and
    carries nobody's cookie. Raises Forbidden.
    """
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site not in (None, "none"):
        is_foreign = site != "same-origin"
    else:
        is_foreign = origin is not None and origin.partition("://")[2] != request.host
    if is_foreign:
        raise Forbidden(
            "This form was sent from another site. Open the page here and send it again.",
            rule="same-site",
        )
