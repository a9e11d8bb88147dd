"""Keys: secret ones, those with which calls and heads are signed, and the files of TLS."""

import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from shared.keys import PublicKey, SigningKey

#: Kinds of key with which calls are signed: see `shared.messaging.signing`.
KEY_KINDS = ("people", "services", "tools")
#: What stands in examples, and in keys that somebody made up.
_MADE_UP = ("change", "secret", "passw", "example", "default", "insecure", "qwerty", "entente")


def strong(key: str) -> str:
    """A key that nobody guesses: long, of many different characters, without a pattern."""
    steps = {ord(b) - ord(a) for a, b in pairwise(key)}
    is_weak = (
        len(key) < 32
        or len(set(key)) < 10
        or len(steps) < 8  # 0123456789…, or as regular
        or key in (key + key)[1:-1]  # a part that is repeated
        or any(word in key.lower() for word in _MADE_UP)
    )
    if key and is_weak:
        raise ValueError(
            "at least 32 random characters; make them by: "
            'python3 -c "import secrets; print(secrets.token_urlsafe(32))"'
        )
    return key


def _pem(kind: str) -> Callable[[str], str]:
    """A converter for the path of a PEM file with a part of this kind in it."""

    def check(path: str) -> str:
        if not path:
            return ""
        try:
            content = Path(path).read_text(encoding="ascii", errors="replace")
        except (OSError, ValueError) as error:
            raise ValueError("the path of a file that this user can read") from error
        if not re.search(rf"-----BEGIN [A-Z ]*{kind}-----", content):
            raise ValueError(f"the path of a PEM file with a {kind.lower()}")
        return str(Path(path).resolve())

    return check


certificate, key_file = _pem("CERTIFICATE"), _pem("PRIVATE KEY")


def private(text: str) -> str:
    """Stays text: a settings object may be shown."""
    if text:
        SigningKey.from_text(text)
    return text


def of_calls(text: str) -> tuple[tuple[str, PublicKey], ...]:
    found = []
    for part in text.replace(",", " ").split():
        kind, _, key = part.partition("=")
        if kind not in KEY_KINDS:
            raise ValueError("like people=KEY services=KEY tools=KEY")
        found.append((kind, PublicKey.from_text(key)))
    if found and {kind for kind, _ in found} != set(KEY_KINDS):
        raise ValueError("at least one key each for people, services and tools")
    return tuple(found)


def public(text: str) -> tuple[PublicKey, ...]:
    return tuple(PublicKey.from_text(each) for each in text.replace(",", " ").split())
