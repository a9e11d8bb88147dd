"""The gateway over real desks with SQLite, without a broker: its own tokens, and a tiny service."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient

from services.gateway import commands, queries, store
from services.gateway.app import create_app
from services.gateway.domain.policy import Policy
from services.gateway.observing import Metrics
from services.gateway.operations import operations as own
from services.gateway.refusals import Refusals
from services.gateway.store import TokenStore
from services.gateway.visits import Visits
from shared.clock import SystemClock
from shared.database import Database
from shared.desk import Desk
from shared.events.vocabulary import Role
from shared.messaging import tables
from shared.operations import Operations
from shared.work import OFFICE, Call, UnitOfWork
from tests.unit.gateway import library

__all__ = ["commands", "queries"]

LONDON = ZoneInfo("Europe/London")
BODY_LIMIT = 10_000
#: Under which sessions are kept.
KEY = "only for tests"


def desk(operations: Operations, metadata: Any, folder: Path) -> Desk:
    database = Database(f"sqlite:///{folder}/{operations.service}.db")
    tables.metadata.create_all(database.engine)
    metadata.create_all(database.engine)
    return Desk(operations, UnitOfWork(database, SystemClock(), LONDON, Policy()))


class DeskCalls:
    """Calls that go to desks in this process; remembers the last one."""

    def __init__(self, desks: dict[str, Desk]) -> None:
        self.desks = desks
        self.last = Call()

    def execute(self, service: str, name: str, body: dict[str, Any], call: Call) -> dict[str, Any]:
        self.last = call
        return self.desks[service].execute(name, body, call)

    def ask(
        self, service: str, name: str, parameters: dict[str, Any], call: Call
    ) -> dict[str, Any]:
        self.last = call
        return self.desks[service].ask(name, parameters, call)


@dataclass
class Gateway:
    """The gateway as seen from outside, and what is behind it."""

    app: Flask
    calls: DeskCalls
    parts: dict[str, str]
    metrics: Metrics
    visits: Visits

    def token(self, *roles: Role, partner_id: UUID | None = None) -> Any:
        """A new token as its issuer sees it, with id and secret."""
        body: dict[str, Any] = {"name": "Amina", "roles": list(roles or [Role.ADMINISTRATOR])}
        if partner_id:
            body["partner_id"] = str(partner_id)
        issued: dict[str, Any] = self.calls.desks["gateway"].execute(
            "issue_token", body, Call(actor=OFFICE)
        )
        return issued["body"]

    def client(
        self, role: Role = Role.ADMINISTRATOR, partner_id: UUID | None = None
    ) -> FlaskClient:
        """Somebody who sends a token with every request."""
        client = self.app.test_client()
        secret = self.token(role, partner_id=partner_id)["secret"]
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
        return client

    def visitor(self, role: Role = Role.OBSERVER) -> FlaskClient:
        """Somebody who signed in to the pages."""
        client = self.app.test_client()
        client.post("/enter", data={"token": self.token(role)["secret"]})
        return client


@contextmanager
def gateway_in(folder: Path, **more: Any) -> Iterator[Gateway]:
    """A gateway with its data in a folder; `more` goes to `create_app`."""
    desks = {
        "gateway": desk(own, store.metadata, folder),
        "library": desk(library.operations, library.metadata, folder),
    }
    calls = DeskCalls(desks)
    parts = {"broker": "", "library": ""}
    metrics = Metrics()
    visits = Visits(desks["gateway"].unit_of_work, KEY)
    app = create_app(
        [*library.operations.all.values(), *own.all.values()],
        calls,
        TokenStore(desks["gateway"].unit_of_work.database),
        lambda: parts,
        visits,
        Refusals(desks["gateway"].unit_of_work),
        zone=LONDON,
        body_limit=BODY_LIMIT,
        metrics=metrics,
        **{"log_heads": lambda: ([], [])} | more,
    )
    yield Gateway(app, calls, parts, metrics, visits)
    for each in desks.values():
        each.unit_of_work.database.close()


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    with gateway_in(tmp_path) as made:
        yield made


@pytest.fixture
def api(gateway: Gateway) -> FlaskClient:
    """An administrator's program."""
    return gateway.client()


@pytest.fixture
def note(api: FlaskClient) -> dict[str, Any]:
    """A note that is there already, at version 1."""
    written: dict[str, Any] = api.post("/api/v1/notes", json={"title": "First"}).get_json()
    return written
