"""Processes that take commands and answer them, each a line of JSON."""

import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from typing import IO, Any, Self


class LineServer:
    """A module run as a process of its own; it ends when its input does."""

    def __init__(self, module: str, *arguments: str, said: IO[bytes] | None = None) -> None:
        """said: where its log goes; None: to our own."""
        self._turn = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
        )

    def tell(self, command: Mapping[str, Any]) -> Any:
        """Its answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._turn:
            self._process.stdin.write(json.dumps(command).encode() + b"\n")
            self._process.stdin.flush()
            return json.loads(self._process.stdout.readline())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()
