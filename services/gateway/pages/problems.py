"""What a person sees where something did not work, and what each kind of problem means."""

from typing import Any

from flask import Blueprint, Request, Response, abort, make_response, render_template

from services.gateway.problems import KINDS


def wants_page(request: Request) -> bool:
    """Whether a person asks with a browser, for a page."""
    return not request.path.startswith("/api/") and "text/html" in request.accept_mimetypes.values()


def problem_page(problem: dict[str, Any], answer: Response) -> Response:
    """The problem as a page, with the status and headers of its answer to programs."""
    kind = problem["type"].rpartition("/")[2]
    page = make_response(
        render_template("problem.html", problem=problem, advice=KINDS[kind].advice),
        answer.status_code,
    )
    for name in ("Allow", "Retry-After", "WWW-Authenticate"):
        if name in answer.headers:
            page.headers[name] = answer.headers[name]
    return page


def add_explanations(blueprint: Blueprint) -> None:
    """Serve /problems/<kind>: where the type of a problem leads."""

    @blueprint.get("/problems/")
    def problem_kinds() -> str:
        return render_template("problems.html", kinds=KINDS)

    @blueprint.get("/problems/<kind>")
    def problem_kind(kind: str) -> str:
        if kind not in KINDS:
            abort(404)
        return render_template("problems.html", kinds={kind: KINDS[kind]})
