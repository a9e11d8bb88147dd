"""The secrets of API tokens: made, recognised, never kept."""

import hashlib
import secrets

#: Begins every secret, so that secret scanners (and people) recognise a leaked one.
PREFIX = "ent_"


def new_secret() -> str:
    """256 random bits as text."""
    return PREFIX + secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What is stored of a secret, hexadecimal.

    A plain SHA-256: slow password hashing protects secrets that can be guessed, and 256 random
    bits cannot, while every request pays for the hash.
    """
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
