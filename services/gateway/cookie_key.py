"""The key that signs the cookies of the pages: set by the office, or made once and kept."""

import os
import secrets
from pathlib import Path

FILE = "gateway.key"


def cookie_key(configured: str, data_dir: Path) -> str:
    """`configured`, or the key in the data folder, which is made where there is none.

    Several gateways must be given the same key: each folder has its own.
    """
    if configured:
        return configured
    path = data_dir / FILE
    data_dir.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii")
    key = secrets.token_urlsafe(32)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key)
    return key
