"""A signed head: where the hash chain of a service's event log stood, and who says so."""

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from shared.keys import SUFFIX, PublicKey, SigningKey, kept
from shared.settings import Settings

#: In the data folder: the key's name among the keys.
KEY, KEYS = "heads", "keys"


@dataclass(frozen=True)
class Head:
    """The hash of a service's log at one link, and who says so.

    signed_at: ISO 8601; key: the id of the public key (`shared.keys.PublicKey.id`); signature:
    Ed25519 over `statement`, as base64.
    """

    service: str
    link: int
    hash: str
    signed_at: str
    key: str
    signature: str = ""

    @property
    def statement(self) -> bytes:
        """What is signed: the fields a line each, behind a first line that says what they are."""
        lines = ("entente log head 1", self.service, self.link, self.hash, self.signed_at, self.key)
        return "\n".join(map(str, lines)).encode()

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> "Head":
        """Raises ValueError for what is no head."""
        try:
            head = cls(**{name: plain[name] for name in cls.__dataclass_fields__})
        except (KeyError, TypeError) as error:
            raise ValueError("not a signed head") from error
        texts = (head.service, head.hash, head.signed_at, head.key, head.signature)
        if type(head.link) is not int or not all(isinstance(each, str) for each in texts):
            raise ValueError("not a signed head")
        return head

    def is_signed_by(self, key: PublicKey) -> bool:
        try:
            signature = base64.b64decode(self.signature, validate=True)
        except (binascii.Error, ValueError):
            return False
        return key.id == self.key and key.verifies(signature, self.statement)


def signed(service: str, link: int, digest: str, moment: str, key: SigningKey) -> Head:
    head = Head(service, link, digest, moment, key.public.id)
    signature = base64.b64encode(key.sign(head.statement)).decode("ascii")
    return Head(**asdict(head) | {"signature": signature})


def signing_key(settings: Settings) -> SigningKey:
    """The key with which this installation signs heads. Raises WrongKey, OSError."""
    if settings.head_key:
        return SigningKey.from_text(settings.head_key)
    return kept(settings.data_dir / KEYS, KEY)


def trusted_keys(settings: Settings) -> dict[str, PublicKey]:
    """Keys whose heads are believed, by id: those that are set, and the own one. Makes none."""
    own: tuple[PublicKey, ...] = ()
    if settings.head_key or (settings.data_dir / KEYS / f"{KEY}{SUFFIX}").exists():
        own = (signing_key(settings).public,)
    return {key.id: key for key in (*settings.head_keys, *own)}


def read(lines: Iterable[str]) -> list[Head]:
    """Heads as `Journal` and `entente heads export` write them. Raises ValueError by its line."""
    found = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            found.append(Head.from_plain(json.loads(line)))
        except (ValueError, TypeError) as error:
            raise ValueError(f"line {number} is not a signed head") from error
    return found
