"""Style sheets, scripts and icons: our own, and the few files used of npm packages."""

from pathlib import Path

from flask import Blueprint, Response, abort, send_file

_OWN = Path(__file__).parent / "static"
_NPM = Path(__file__).parents[3] / "node_modules"

#: Name under /assets → file of an npm package. Nothing else of node_modules is served.
_BORROWED = {
    "bootstrap.css": "bootstrap/dist/css/bootstrap.min.css",
    "swagger-ui.css": "swagger-ui-dist/swagger-ui.css",
    "swagger-ui.js": "swagger-ui-dist/swagger-ui-bundle.js",
}


def add_assets(blueprint: Blueprint) -> None:
    """Serve /assets/<name>."""

    @blueprint.get("/assets/<name>")
    def asset(name: str) -> Response:
        path = _NPM / _BORROWED[name] if name in _BORROWED else _OWN / name
        if not path.is_file():
            abort(404)
        return send_file(path, max_age=3600)
