"""Ed25519 keys: read or made as files outside any database, written as text, sign and check.

Both kinds of key are 32 bytes, written as 43 characters of URL-safe base64 without padding.

By libsodium, since each internal call is signed and checked: it takes half of OpenSSL's time.
"""

import base64
import binascii
import hashlib
import os
import tempfile
from functools import cached_property
from pathlib import Path

import nacl.exceptions
import nacl.signing

#: What a key file is called: the key's name and this.
SUFFIX = ".key"


class WrongKey(ValueError):
    """The text is no Ed25519 key. The message does not repeat it: it may be a secret."""


class PublicKey:
    """Checks signatures; may be known to everybody."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._key = nacl.signing.VerifyKey(raw)

    @classmethod
    def from_text(cls, text: str) -> "PublicKey":
        """Raises WrongKey."""
        return cls(_raw(text))

    @cached_property
    def id(self) -> str:
        """Names the key among others: the first 16 hexadecimal digits of its SHA-256."""
        return hashlib.sha256(self._raw).hexdigest()[:16]

    @property
    def text(self) -> str:
        return _text(self._raw)

    def verifies(self, signature: bytes, content: bytes) -> bool:
        """Whether the holder of the private key signed exactly this content."""
        try:
            self._key.verify(content, signature)
        except nacl.exceptions.CryptoError:  # a wrong length, too
            return False
        return True


class SigningKey:
    """Signs; its text is a secret and appears in no `repr`."""

    def __init__(self, raw: bytes) -> None:
        self._key = nacl.signing.SigningKey(raw)
        self.public = PublicKey(bytes(self._key.verify_key))

    @classmethod
    def new(cls) -> "SigningKey":
        return cls(bytes(nacl.signing.SigningKey.generate()))

    @classmethod
    def from_text(cls, text: str) -> "SigningKey":
        """Raises WrongKey."""
        return cls(_raw(text))

    @property
    def text(self) -> str:
        return _text(bytes(self._key))

    def sign(self, content: bytes) -> bytes:
        """The signature, 64 bytes."""
        return self._key.sign(content).signature


def kept(folder: Path, name: str) -> SigningKey:
    """The key `name` of a folder, made where there is none yet; only its owner can read the file.

    Safe where several processes start at once: all get the same key, and none reads half of it.
    Raises OSError where the folder cannot be used, WrongKey where the file holds no key.
    """
    path = folder / f"{name}{SUFFIX}"
    if not path.exists():
        _make(path)
    try:
        return SigningKey.from_text(path.read_text(encoding="ascii").strip())
    except ValueError as error:
        raise WrongKey(
            f"{path} does not hold an Ed25519 key. Restore it from a backup, or remove it to have "
            "a new one made."
        ) from error


def _make(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Written under another name first: `link` fails where somebody else was faster.
    descriptor, written = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(SigningKey.new().text + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(written, path)
    except FileExistsError:
        pass
    finally:
        Path(written).unlink()


def _raw(text: str) -> bytes:
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != 32:
        raise WrongKey("an Ed25519 key: 43 characters of URL-safe base64")
    return raw


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")
