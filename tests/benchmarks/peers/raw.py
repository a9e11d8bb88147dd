"""The limit: loops written by hand on py-amqp and psycopg2, without framework and validation.

    python -m tests.benchmarks.peers.raw consume|produce DATABASE AMQP_URI

State and outbox row in one commit; a relay in a process of its own, batches of 200 with pipelined
confirms; a consumer that writes up to 200 in one commit, drops duplicates by key, and acknowledges
all of them at once. It keeps no order, validates nothing and holds nothing back.
"""

import json
import multiprocessing
import select
import sys
import time
from typing import Any

import psycopg2
from psycopg2.extras import execute_values

from tests.benchmarks.histories import drafts
from tests.benchmarks.orders import orders, paced
from tests.benchmarks.peers.messages import QUEUES, Confirmed, connect, message_of

BATCH = 200
QUEUE = QUEUES["raw"]


def relay(dsn: str, uri: str) -> None:
    database = psycopg2.connect(dsn)
    cursor = database.cursor()
    to = Confirmed(connect(uri), QUEUE)
    while True:
        cursor.execute(
            "select seq, body from outbox where not sent order by seq limit %s"
            " for update skip locked",
            (BATCH,),
        )
        found = cursor.fetchall()
        if not found:
            database.rollback()
            time.sleep(0.005)
            continue
        for _, body in found:
            to.publish(body)
        to.wait()
        cursor.execute(
            "update outbox set sent = true where seq = any(%s)", ([each for each, _ in found],)
        )
        database.commit()


def produce(dsn: str, uri: str) -> None:
    multiprocessing.Process(target=relay, args=(dsn, uri), daemon=True).start()
    database = psycopg2.connect(dsn)
    cursor = database.cursor()
    events = map(message_of, drafts())
    for count, rate in orders():
        for _ in paced(count, rate):
            event = next(events)
            body = json.dumps(event)
            cursor.execute("insert into contract (id, body) values (%s, %s)", (event["id"], body))
            cursor.execute("insert into outbox (body) values (%s)", (body,))
            database.commit()


def consume(dsn: str, uri: str) -> None:
    database = psycopg2.connect(dsn)
    cursor = database.cursor()
    connection = connect(uri)
    channel = connection.channel()
    channel.queue_declare(QUEUE, durable=True, auto_delete=False)
    channel.basic_qos(0, 2 * BATCH, False)
    arrived: list[Any] = []
    channel.basic_consume(QUEUE, callback=arrived.append)
    print("ready", flush=True)
    while True:
        connection.drain_events()
        while len(arrived) < BATCH and select.select([connection.transport.sock], [], [], 0)[0]:
            connection.drain_events()
        if not arrived:
            continue
        effects = [(json.loads(each.body)["id"], each.body) for each in arrived]
        execute_values(
            cursor, "insert into effect (id, body) values %s on conflict do nothing", effects
        )
        database.commit()
        channel.basic_ack(arrived[-1].delivery_tag, multiple=True)
        arrived.clear()


def main(role: str, database: str, uri: str) -> None:
    dsn = database.replace("+psycopg2", "")
    if role == "consume":
        consume(dsn, uri)
    else:
        produce(dsn, uri)


if __name__ == "__main__":
    main(*sys.argv[1:])
