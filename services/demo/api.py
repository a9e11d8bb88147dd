"""A client of Entente's REST API, as another system would write one."""

import time
from dataclasses import dataclass, field
from typing import Any

import requests

#: Seconds for which a request that is not possible yet is made again.
PATIENCE = 60.0

#: Rules whose refusal passes by itself: the service has not learned of a fact yet, or is busy.
PASSING_RULES = {
    "partner-known",
    "partner-approved",
    "contract-active",
    "open-work",
    "exists",
    "too-busy",
}


class RequestRefused(Exception):
    """The API said no, with problem details."""

    def __init__(self, method: str, path: str, problem: dict[str, Any]) -> None:
        super().__init__(f"{method} {path}: {problem.get('detail') or problem.get('title')}")
        self.problem = problem


@dataclass
class Api:
    """Requests in the name of one token.

    Every command carries an Idempotency-Key made of `series` and a number, so that whoever plays
    the same series again gets the answers of before and changes nothing.
    """

    address: str
    token: str
    series: str
    _number: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {self.token}"

    def get(self, path: str, **parameters: Any) -> Any:
        return self._request("GET", path, params=parameters).json()

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        """Make or do something; a record that has a version is read first, for its ETag."""
        return self._command("POST", path, body)

    def put(self, path: str, **body: Any) -> dict[str, Any]:
        return self._command("PUT", path, body)

    def _command(self, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        self._number += 1
        headers = {"Idempotency-Key": f"{self.series}-{self._number}"}
        record = "/".join(path.split("/")[:3])
        if record != path:
            headers["If-Match"] = self._request("GET", record).headers.get("ETag", "*")
        answer: dict[str, Any] = self._request(method, path, json=body, headers=headers).json()
        return answer

    def _request(self, method: str, path: str, **options: Any) -> requests.Response:
        """The answer, once there is one: what is away or not known yet is asked for again."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                response = self._session.request(
                    method, f"{self.address}/api/v1{path}", timeout=20, **options
                )
            except requests.ConnectionError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
                continue
            if response.ok:
                return response
            problem = response.json()
            passing = response.status_code == 503 or problem.get("rule") in PASSING_RULES
            if not passing or time.monotonic() > deadline:
                raise RequestRefused(method, path, problem)
            time.sleep(0.1)
