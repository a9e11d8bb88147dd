"""Requests to a web application that looks after contracts, ours or the monolith."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.request import Request, urlopen
from uuid import uuid4

from tests.benchmarks.figures import Figures
from tests.benchmarks.ground import Place
from tests.benchmarks.histories import PARTNERS

CLIENTS = 16

#: A contract as an officer drafts it.
BODY: dict[str, Any] = {
    "partner_id": str(PARTNERS[0]),
    "type": "statement_of_work",
    "title": "Assessment reform",
    "starts_on": "2026-04-01",
    "ends_on": "2027-03-31",
    "value": {"amount": "60000.00", "currency": "GBP"},
    "milestones": [
        {
            "title": "Final report",
            "type": "payment",
            "due_on": "2027-03-31",
            "amount": {"amount": "60000.00", "currency": "GBP"},
        },
    ],
    "day_budget": [
        {"role": "educator", "days": "40", "rate": {"amount": "900.00", "currency": "GBP"}}
    ],
    "signatories": [
        {"name": "A. Provost", "email": "p@example.org", "side": "ours"},
        {"name": "B. Dean", "email": "dean@example.org", "side": "theirs"},
    ],
}


@dataclass
class Door:
    """Where an application listens, and the token with which it lets in."""

    place: Place
    port: int
    token: str

    def ask(self, path: str) -> Any:
        return self._send(Request(self._address(path), headers=self._headers))

    def draft(self) -> Any:
        """Draft a contract; what is answered."""
        headers = {**self._headers, "Content-Type": "application/json"}
        return self._send(Request(self._address("/contracts"), json.dumps(BODY).encode(), headers))

    def under_load(self, kind: str, ids: list[str], seconds: float) -> Figures:
        """Sixteen clients that `get` one contract each, `list` fifty, or give a `command`."""
        requests = {
            "get": [self._request("GET", f"/contracts/{id}") for id in ids],
            "list": [self._request("GET", "/contracts?limit=50")],
            "command": [self._request("POST", "/contracts", json.dumps(BODY))],
        }[kind]
        file = self.place.folder / f"{uuid4().hex[:8]}.requests.json"
        file.write_text(json.dumps(requests), "utf-8")
        where = "127.0.0.1", str(self.port), str(CLIENTS), str(seconds), str(file)
        found: Figures = json.loads(self.place.start("tests.benchmarks.load", *where).result())
        return found

    @property
    def _headers(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def _address(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}/api/v1{path}"

    def _send(self, request: Request) -> Any:
        with urlopen(request, timeout=30) as answer:  # our own, on this machine
            return json.load(answer)

    def _request(self, method: str, path: str, body: str = "") -> str:
        head = [
            f"{method} /api/v1{path} HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",
            f"Authorization: Bearer {self.token}",
        ]
        if body:
            head += ["Content-Type: application/json", f"Content-Length: {len(body.encode())}"]
        return "\r\n".join([*head, "", body])
