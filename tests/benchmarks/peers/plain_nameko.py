"""nameko as its documentation shows it: commit, then dispatch; a worker and a commit per event.

    python -m tests.benchmarks.peers.plain_nameko ROLE DATABASE AMQP_URI …

An event is lost where the process dies between commit and dispatch, or where a handler fails; one
that comes twice takes effect twice.
"""

import eventlet

eventlet.monkey_patch()  # makes psycopg2 wait without blocking, too

import json  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from typing import Any  # noqa: E402

from nameko.events import event_handler  # noqa: E402
from nameko.rpc import RpcProxy, rpc  # noqa: E402
from nameko.runners import ServiceRunner  # noqa: E402
from nameko.standalone.events import event_dispatcher  # noqa: E402
from nameko.standalone.rpc import ClusterRpcProxy  # noqa: E402
from sqlalchemy import Engine, create_engine, text  # noqa: E402

from tests.benchmarks.histories import drafts  # noqa: E402
from tests.benchmarks.orders import orders, paced  # noqa: E402
from tests.benchmarks.peers.messages import message_of  # noqa: E402

_engine: Engine


class Consumer:
    name = "consumer"

    @event_handler("producer", "contract_changed")
    def on_contract(self, payload: dict[str, Any]) -> None:
        with _engine.begin() as connection:
            connection.execute(
                text("insert into effect (id, body) values (:id, :body)"),
                {"id": payload["id"], "body": json.dumps(payload)},
            )


class Owner:
    name = "owner"

    @rpc
    def ping(self) -> bool:
        return True


class Gateway:
    """Calls the owner from sixteen threads at once, as its own workers would."""

    name = "gateway"
    owner = RpcProxy("owner")

    @rpc
    def drive(self, count: int, at_once: int) -> float:
        """How many calls a second."""

        def calls(_: int) -> None:
            for _ in range(count // at_once):
                self.owner.ping()

        began = time.perf_counter()
        list(eventlet.GreenPool(at_once).imap(calls, range(at_once)))
        return count / (time.perf_counter() - began)


def produce(amqp_uri: str) -> None:
    dispatch = event_dispatcher({"AMQP_URI": amqp_uri})
    events = map(message_of, drafts())
    for count, rate in orders():
        for _ in paced(count, rate, eventlet.sleep):
            event = next(events)
            with _engine.begin() as connection:
                connection.execute(
                    text("insert into contract (id, body) values (:id, :body)"),
                    {"id": event["id"], "body": json.dumps(event)},
                )
            dispatch("producer", "contract_changed", event)


def call(amqp_uri: str, count: int, at_once: int) -> None:
    with ClusterRpcProxy({"AMQP_URI": amqp_uri}) as cluster:
        cluster.gateway.drive(20 * at_once, at_once)
        print(cluster.gateway.drive(count, at_once))


def serve(amqp_uri: str, *services: type) -> None:
    runner = ServiceRunner({"AMQP_URI": amqp_uri, "max_workers": 10})
    for service in services:
        runner.add_service(service)
    runner.start()
    print("ready", flush=True)
    runner.wait()


def main(role: str, database: str, amqp_uri: str, *more: str) -> None:
    global _engine
    _engine = create_engine(database, pool_size=20)
    match role:
        case "consume":
            serve(amqp_uri, Consumer)
        case "own":
            serve(amqp_uri, Owner)
        case "gateway":
            serve(amqp_uri, Gateway)
        case "call":
            call(amqp_uri, *map(int, more))
        case "produce":
            produce(amqp_uri)


if __name__ == "__main__":
    main(*sys.argv[1:])
