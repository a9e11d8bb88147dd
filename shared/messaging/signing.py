"""Calls are signed: being let in by the broker is not enough to ask a service for anything.

A signature covers the service and method that are called, the whole body (so the actor with roles
and scope, the operation, the command id, the correlation and all values), the moment at which it
ends, and the call's number with the queue that its answer goes to: so no two calls have the same
signature, and a copy of one tells nobody else its answer. Each key is of one kind, and a method
names the kinds of key that may call it.
"""

import base64
import binascii
import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from shared.converters.keys import KEY_KINDS
from shared.errors import Forbidden, Unauthenticated
from shared.keys import PublicKey, SigningKey, kept
from shared.messaging.replays import TakenCalls
from shared.settings import Settings, WrongSetting

#: Signs what people and their programs do; only the gateway holds it.
PEOPLE = "people"
#: Signs the services' own technical calls to each other: reading event logs, and no more.
SERVICES = "services"
#: Signs what an operator does by the command line; reaches only what is listed for it.
TOOLS = "tools"

#: Seconds for which a signed call may be carried out.
LIFE = 60
#: Seconds by which the clocks of two machines may differ.
SKEW = 10

#: In the data folder.
FOLDER = "keys"

_KEY, _UNTIL, _SIGNATURE = "key", "until", "signature"


#: The methods that carry out the operations of a service.
_OPERATIONS = ("execute", "ask")


class Answer(NamedTuple):
    """Where a call's answer goes: the queue of who waits for it, and the call's number there."""

    reply_to: str
    number: str


class Seal(NamedTuple):
    """What a call was signed with: the kind of the key, and the signature, as no other call has."""

    kind: str
    signature: bytes


class Signer:
    """Signs the calls of one process, or of one service."""

    def __init__(self, technical: SigningKey, operations: SigningKey | None = None) -> None:
        """operations: signs commands and queries, where that is another key."""
        self._technical = technical
        self._operations = operations or technical

    def headers(self, service: str, method: str, body: bytes, answer_to: Answer) -> dict[str, str]:
        """What goes with a call as the headers of its message."""
        key = self._operations if method in _OPERATIONS else self._technical
        until = str(int(time.time()) + LIFE)
        signature = key.sign(_statement(key.public.id, service, method, until, body, answer_to))
        return {
            _KEY: key.public.id,
            _UNTIL: until,
            _SIGNATURE: base64.b64encode(signature).decode("ascii"),
        }


@dataclass(frozen=True)
class TrustedKeys:
    """The public keys that a service knows, by id, each with its kind."""

    by_id: Mapping[str, tuple[str, PublicKey]]

    def seal(
        self,
        service: str,
        method: str,
        body: bytes,
        headers: Mapping[str, Any],
        answer_to: Answer,
    ) -> Seal:
        """What a call was signed with. Raises Unauthenticated; its rule says why."""
        id, until, signature = (str(headers.get(name, "")) for name in (_KEY, _UNTIL, _SIGNATURE))
        if not signature:
            raise _refused("unsigned", "carries no signature")
        if id not in self.by_id:
            raise _refused("unknown-key", "was signed with a key that ENTENTE_CALL_KEYS lacks")
        kind, key = self.by_id[id]
        signed = _decoded(signature)
        if not key.verifies(signed, _statement(id, service, method, until, body, answer_to)):
            raise _refused("wrong-signature", "is not what was signed")
        left = int(until) - time.time()  # digits: our own side wrote and signed them
        if left <= 0:
            raise _refused("expired", "was signed too long ago; do the clocks agree?")
        if left > LIFE + SKEW:
            raise _refused("from-the-future", "was signed in the future; do the clocks agree?")
        return Seal(kind, signed)


def check_first(seal: Seal, taken: TakenCalls) -> None:
    """Raises Unauthenticated where the same call was taken before."""
    if not taken.is_first(seal.signature):
        raise _refused("replayed", "has been carried out before")


def check_may(kind: str, allowed: frozenset[str], method: str) -> None:
    """Raises Forbidden where this kind of key may not call the method."""
    if kind not in allowed:
        raise Forbidden(f"A key for {kind} may not call {method}.", rule="not-for-this-key")


def own_key(settings: Settings, kind: str) -> SigningKey:
    """This process's key of a kind. Raises WrongSetting."""
    if not settings.call_keys:
        return kept(settings.data_dir / FOLDER, kind)
    if not settings.call_key:
        raise WrongSetting(
            f"ENTENTE_CALL_KEY is not set, and ENTENTE_CALL_KEYS is: set it to the private key "
            f"for {kind}."
        )
    key = SigningKey.from_text(settings.call_key)
    if trusted(settings).by_id.get(key.public.id, ("", None))[0] != kind:
        raise WrongSetting(
            f"ENTENTE_CALL_KEY is not the private half of a key that ENTENTE_CALL_KEYS lists for "
            f"{kind} ({kind}={key.public.text} is missing there)."
        )
    return key


def trusted(settings: Settings) -> TrustedKeys:
    """The keys whose calls the services take: those that are set, else those of the data folder."""
    if settings.call_keys:
        listed = settings.call_keys
    else:
        folder = settings.data_dir / FOLDER
        listed = tuple((kind, kept(folder, kind).public) for kind in KEY_KINDS)
    return TrustedKeys({key.id: (kind, key) for kind, key in listed})


def _statement(
    id: str, service: str, method: str, until: str, body: bytes, answer_to: Answer
) -> bytes:
    digest = hashlib.sha256(body).hexdigest()
    words = ("entente call 2", id, service, method, until, digest, *answer_to)
    return "\n".join(words).encode()


def _decoded(signature: str) -> bytes:
    try:
        return base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _refused(rule: str, why: str) -> Unauthenticated:
    return Unauthenticated(f"This call {why}; it was not carried out.", rule=rule)
