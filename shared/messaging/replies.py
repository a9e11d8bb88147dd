"""How calls are queued and answered: a service outlives what the broker loses or refuses."""

from functools import cache
from typing import Any

import nameko.rpc
import structlog
from kombu import Connection
from kombu.pools import producers
from nameko.constants import DEFAULT_TRANSPORT_OPTIONS
from nameko.messaging import QueueConsumer

from shared.messaging.broker import BROKER_ERRORS

log = structlog.get_logger()


class Reply:
    """Sends the answer to a call, if that can be done.

    It needs no persistence, and it may be lost: whoever waits for it runs into the deadline and
    asks again. nameko's own would end the whole service over an answer that the broker did not
    take, and parse the broker's address for each.
    """

    def __init__(self, amqp_uri: str, **_: Any) -> None:
        self._connection = _replying_over(amqp_uri)

    def publish(self, payload: Any, **properties: Any) -> None:
        try:
            with producers[self._connection].acquire(block=True) as producer:
                producer.publish(payload, delivery_mode=1, retry=False, **properties)
        except BROKER_ERRORS as error:
            log.warning("rpc: answer lost", error=str(error))


@cache
def _replying_over(uri: str) -> Connection:
    return Connection(uri, transport_options=DEFAULT_TRANSPORT_OPTIONS)


def acknowledge(consumer: QueueConsumer, message: Any) -> None:
    """Acknowledge a call; if its connection is gone, the broker has taken it back already."""
    try:
        _acknowledge(consumer, message)
    except BROKER_ERRORS as error:
        log.warning("rpc: not acknowledged", error=str(error))


def keep_calls_on_several_nodes(consumer: nameko.rpc.RpcConsumer) -> None:
    """Have the queue of calls outlive the loss of a node of the broker's cluster.

    A classic one is on one node; while that is away it can be neither used nor made anew.
    """
    _set_up(consumer)
    consumer.queue.queue_arguments = {"x-queue-type": "quorum"}


_acknowledge = QueueConsumer.ack_message
_set_up = nameko.rpc.RpcConsumer.setup


def outlive_the_broker() -> None:
    """Have nameko queue and answer calls in this way."""
    QueueConsumer.ack_message = acknowledge
    nameko.rpc.RpcConsumer.setup = keep_calls_on_several_nodes
    nameko.rpc.Responder.publisher_cls = Reply
