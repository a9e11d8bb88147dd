"""A service outlives the broker: what cannot be answered is asked again by whoever waits."""

from typing import Any

from amqp.exceptions import RecoverableConnectionError
from nameko.messaging import QueueConsumer

from infra.local.processes import free_port
from shared.messaging.replies import Reply


def test_an_answer_that_the_broker_does_not_take_is_lost_and_nothing_else() -> None:
    nobody = f"amqp://guest:guest@127.0.0.1:{free_port()}//"
    Reply(nobody).publish({"result": 1}, routing_key="somebody")


def test_a_call_whose_connection_is_gone_is_not_acknowledged_and_nothing_else() -> None:
    for gone in (BrokenPipeError(), RecoverableConnectionError("closed")):
        QueueConsumer().ack_message(_Message(gone))


class _Message:
    def __init__(self, error: Exception) -> None:
        self.error = error
        self.channel = self
        self.connection = self

    def ack(self) -> Any:
        raise self.error
