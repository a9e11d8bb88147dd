"""What people see while a server is away, and that everything comes back without a restart."""

from typing import Any

import pytest
import requests
from kombu import Queue

from shared.events.vocabulary import Role
from shared.messaging import broker
from shared.work import Call
from tests.office import Office, until


@pytest.fixture(params=["distributed"])
def profile(request: pytest.FixtureRequest) -> str:
    """Servers can be away only where there are servers."""
    return str(request.param)


class Visitor:
    """Somebody at the gateway's door."""

    def __init__(self, office: Office) -> None:
        self.address, self.operations = office.address, office.operations
        body = {"name": "Visitor", "roles": [Role.ADMINISTRATOR, Role.PARTNERSHIP_MANAGER]}
        issued = office.calls.execute("gateway", "issue_token", body, Call())
        token = issued["body"]["secret"]
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str) -> requests.Response:
        return self.session.get(f"{self.address}{path}", timeout=20)

    def propose(self, name: str) -> requests.Response:
        body = {"legal_name": name, "country": "EG", "sector": "university"}
        return self.session.post(f"{self.address}/api/v1/partners", json=body, timeout=20)

    def down(self) -> set[str]:
        """The parts that operators are told are down."""
        parts = requests.get(f"{self.operations}/readyz", timeout=20).json()["parts"]
        return {name for name, word in parts.items() if word != "up"}

    def is_ready(self) -> bool:
        return self.get("/readyz").status_code == 200


@pytest.fixture
def visitor(office: Office) -> Visitor:
    found = Visitor(office)
    until(found.is_ready, "the platform being ready")
    return found


def test_calls_wait_where_the_loss_of_one_node_does_not_matter(
    office: Office, rabbitmq: Any
) -> None:
    """The broker refuses to declare a queue again as one of another kind."""
    with broker.connect(rabbitmq.uri) as connection:
        for service in office.names:
            kind = {"x-queue-type": "quorum"}
            queue = Queue(f"rpc-{service}", durable=True, queue_arguments=kind)
            queue(connection.channel()).queue_declare()


def test_a_database_that_is_away_is_said_so_and_comes_back(visitor: Visitor, postgres: Any) -> None:
    postgres.stop()
    try:
        refused = visitor.propose("Makerere University")
        assert refused.status_code == 503
        assert int(refused.headers["Retry-After"]) > 0
        until(lambda: not visitor.is_ready(), "the gateway noticing")
    finally:
        postgres.start()
    taken = until(lambda: _ok(visitor.propose("Makerere University")), "a command being taken")
    assert taken.status_code == 201
    until(visitor.is_ready, "the platform being ready again")


def test_a_broker_that_is_away_keeps_no_fact_from_being_kept(
    office: Office, visitor: Visitor, rabbitmq: Any
) -> None:
    desk = _desk_of(office, "partner")
    rabbitmq.stop()
    try:
        assert visitor.get("/api/v1/tokens").status_code == 200  # the gateway's own
        refused = visitor.get("/api/v1/partners")
        assert (refused.status_code, refused.json()["rule"]) == (503, "broker-down")
        until(lambda: "broker" in visitor.down(), "operators being told")
        kept = desk.execute(
            "propose_partner",
            {"legal_name": "Newgiza University", "country": "EG", "sector": "university"},
            Call(actor=office.actor(Role.PARTNERSHIP_OFFICER)),
        )
    finally:
        rabbitmq.start()
    until(visitor.is_ready, "the platform being ready again")
    path = f"/api/v1/partners/{kept['body']['id']}/timeline"
    told = until(lambda: _ok(visitor.get(path)), "insight knowing of the partner")
    assert [entry["type"] for entry in told.json()["items"]] == ["partner.proposed"]


def _ok(answer: requests.Response) -> requests.Response | None:
    return answer if answer.ok else None


def _desk_of(office: Office, service: str) -> Any:
    (container,) = [
        each for each in office.platform.runner.containers if each.service_name == service
    ]
    (runtime,) = [each for each in container.dependencies if each.attr_name == "runtime"]
    return runtime.desk
