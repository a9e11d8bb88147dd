"""The broker's users, rights, exchanges and policies, as a RabbitMQ definitions document.

`python -m infra.rabbitmq.definitions > definitions.json` writes it, with the passwords that
ENTENTE_<USER>_AMQP_PASSWORD name, as salted hashes. `rabbitmqctl import_definitions` and
`load_definitions` in rabbitmq.conf both take it, and taking it twice changes nothing.
"""

import base64
import hashlib
import json
import os
import secrets
import sys
from collections.abc import Mapping
from typing import Any

SERVICES = ("partner", "contract", "consultancy", "faculty", "finance", "insight", "gateway")
#: The command line's user: it calls services, and neither sends nor receives an event.
TOOLS = "tools"
USERS = (*SERVICES, TOOLS)

RPC_EXCHANGE = "nameko-rpc"
# Where an event goes that no queue is bound to, so that somebody sees it.
UNROUTED = "unrouted"
# Where a message goes that was delivered again and again without an answer: the last net for one
# that kills its process.
DEAD_LETTERS = "dead-letters"
DELIVERY_LIMIT = 10
# Days after which a queue that nobody reads goes. What was in it is fetched from its source.
UNREAD_FOR = 14


class MissingPasswords(Exception):
    """Some user has no password; the text names every variable that must be set."""


def password_variable(user: str) -> str:
    return f"ENTENTE_{user.upper()}_AMQP_PASSWORD"


def passwords_from(environment: Mapping[str, str]) -> dict[str, str]:
    """The password of each user; MissingPasswords names all that are not set."""
    missing = [name for name in map(password_variable, USERS) if not environment.get(name)]
    if missing:
        raise MissingPasswords("set " + ", ".join(missing))
    return {user: environment[password_variable(user)] for user in USERS}


def definitions(passwords: Mapping[str, str], virtual_host: str = "/") -> dict[str, Any]:
    """The document for the given users: services, by name, and TOOLS."""
    here = {"vhost": virtual_host}
    return {
        "vhosts": [{"name": virtual_host}],
        "users": [user(name, password) for name, password in passwords.items()],
        "permissions": [_rights(name) | here for name in passwords],
        "topic_permissions": [topics(name) | here for name in passwords],
        "exchanges": [exchange | here for exchange in exchanges()],
        "queues": [net | here for net in nets()],
        "bindings": [
            {
                "source": net,
                "destination": net,
                "destination_type": "queue",
                "routing_key": "",
                "arguments": {},
            }
            | here
            for net in (UNROUTED, DEAD_LETTERS)
        ],
        "policies": [policy | here for policy in policies()],
    }


def user(name: str, password: str) -> dict[str, Any]:
    salt = secrets.token_bytes(4)
    digest = hashlib.sha256(salt + password.encode()).digest()
    return {
        "name": name,
        "password_hash": base64.b64encode(salt + digest).decode(),
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": "",
    }


def _rights(user: str) -> dict[str, str]:
    if user == TOOLS:
        answers = rf"rpc\.reply-{_caller(TOOLS)}-.*"
        calls = rf"^({RPC_EXCHANGE}|{answers})$"
        return {"user": TOOLS, "configure": rf"^{answers}$", "write": calls, "read": calls}
    return permissions(user)


def permissions(service: str) -> dict[str, str]:
    """What a service may declare, write to and read, as patterns over the broker's names.

    Binding a queue takes a write right on the queue and a read right on the exchange; the right to
    write to a queue lets nobody publish to it, since all publishing goes through an exchange.
    """
    queues = rf"{service}\.from\.[a-z]+(\.\d+-of-\d+)?|rpc-{service}|rpc\.reply-{service}[-_].*"
    owned, used = rf"{service}\.events|{queues}", rf"{RPC_EXCHANGE}|{queues}"
    return {
        "user": service,
        "configure": rf"^({owned})$",
        "write": rf"^({service}\.events|{used})$",
        "read": rf"^([a-z]+\.events|{used})$",
    }


def topics(user: str) -> dict[str, str]:
    """What a user may send and hear over the exchange for calls, which everybody uses: calls to
    itself and answers to its own calls. Somebody who heard all of it could read what people do and
    see everywhere, and could answer in the place of others.
    """
    calls, answers = r"[a-z]+\.[a-z_]+", rf"{_caller(user)}[-_][0-9a-z_-]+"
    return {
        "user": user,
        "exchange": RPC_EXCHANGE,
        "write": rf"^{calls}$" if user == TOOLS else ".*",
        "read": rf"^{answers}$" if user == TOOLS else rf"^({user}\.\*|{answers})$",
    }


def _caller(user: str) -> str:
    """What the answers to a user's calls are named by."""
    return "cli" if user == TOOLS else user


def exchanges() -> list[dict[str, Any]]:
    """Made beforehand, so that a consumer may bind to the exchange of an owner yet to start."""
    topics = [f"{service}.events" for service in SERVICES] + [RPC_EXCHANGE]
    kinds = dict.fromkeys(topics, "topic") | dict.fromkeys((UNROUTED, DEAD_LETTERS), "fanout")
    return [
        {
            "name": name,
            "type": kind,
            "durable": True,
            "auto_delete": False,
            "internal": False,
            "arguments": {},
        }
        for name, kind in kinds.items()
    ]


def nets() -> list[dict[str, Any]]:
    """The queues that keep what nobody took, until an operator looks."""
    return [
        {
            "name": name,
            "durable": True,
            "auto_delete": False,
            "arguments": {"x-queue-type": "quorum"},
        }
        for name in (UNROUTED, DEAD_LETTERS)
    ]


def policies() -> list[dict[str, Any]]:
    return [
        {
            "name": "see-unrouted-events",
            "pattern": r"^.*\.events$",
            "apply-to": "exchanges",
            "priority": 0,
            "definition": {"alternate-exchange": UNROUTED},
        },
        {
            "name": "net-under-event-queues",
            "pattern": r"^[a-z]+\.from\.[a-z]+(\.\d+-of-\d+)?$",
            "apply-to": "queues",
            "priority": 0,
            "definition": {
                "delivery-limit": DELIVERY_LIMIT,
                "dead-letter-exchange": DEAD_LETTERS,
                "expires": UNREAD_FOR * 24 * 3600 * 1000,
            },
        },
    ]


def main() -> int:
    try:
        document = definitions(passwords_from(os.environ))
    except MissingPasswords as missing:
        print(f"definitions: {missing}", file=sys.stderr)
        return 2
    json.dump(document, sys.stdout, indent=2)
    print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
