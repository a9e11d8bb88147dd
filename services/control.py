"""The control socket of an embedded platform: how the command line reaches the running process.

A Unix socket in the data folder, which only the folder's owner can open. One JSON object a line:
``{"service", "method", "deadline", "arguments"}`` in, ``{"result"}`` or ``{"refusal"}`` out.
"""

import errno
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import eventlet
import fasteners

from shared.errors import Refusal, Unavailable, from_plain
from shared.messaging.service_calls import ServiceCalls
from shared.private_folder import make_private
from shared.values import from_json, to_json

#: Seconds until the next look where the process can open no more files.
PAUSE = 0.1


class AlreadyRunning(Exception):
    """Another process has this data folder."""


@contextmanager
def sole_owner(data_dir: Path) -> Iterator[None]:
    """Own the data folder as long as the block lasts, and keep it private.

    Raises AlreadyRunning.
    """
    make_private(data_dir)
    lock = fasteners.InterProcessLock(data_dir / "lock")
    if not lock.acquire(blocking=False):
        raise AlreadyRunning(
            f"Another Entente process uses {data_dir}. Stop it, or choose another folder "
            "with ENTENTE_DATA_DIR."
        )
    try:
        yield
    finally:
        lock.release()


class ControlSocket:
    """Takes calls from the command line and passes them on."""

    def __init__(self, data_dir: Path, calls: ServiceCalls) -> None:
        self._path = _path(data_dir)
        self._calls = calls

    def start(self) -> None:
        self._path.unlink(missing_ok=True)
        self._listener = eventlet.listen(str(self._path), socket.AF_UNIX)
        self._accepting = eventlet.spawn(self._accept)

    def stop(self) -> None:
        self._accepting.kill()
        self._listener.close()
        self._path.unlink(missing_ok=True)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError as error:  # no file is left for it: those who came wait for one
                if error.errno not in (errno.EMFILE, errno.ENFILE):
                    raise
                eventlet.sleep(PAUSE)
                continue
            eventlet.spawn(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), connection, connection.makefile("rw", encoding="utf-8") as stream:
            for line in stream:
                stream.write(to_json(self._answer(from_json(line))) + "\n")
                stream.flush()

    def _answer(self, wanted: dict[str, Any]) -> dict[str, Any]:
        try:
            result = self._calls.call(
                wanted["service"],
                wanted["method"],
                deadline=wanted["deadline"],
                **wanted["arguments"],
            )
        except Refusal as refusal:
            return {"refusal": refusal.to_plain()}
        return {"result": result}


class ControlClient(ServiceCalls):
    """Calls over the control socket of a running embedded platform; several at the same time."""

    def __init__(self, data_dir: Path) -> None:
        """Raises OSError where no platform is running on the folder."""
        self._path = str(_path(data_dir))
        self._connected().close()

    def call(
        self,
        service: str,
        method: str,
        *,
        deadline: float | None = None,
        **arguments: Any,
    ) -> Any:
        wanted = {
            "service": service,
            "method": method,
            "deadline": deadline,
            "arguments": arguments,
        }
        try:
            with (
                self._connected() as connection,
                connection.makefile("rw", encoding="utf-8") as stream,
            ):
                stream.write(to_json(wanted) + "\n")
                stream.flush()
                line = stream.readline()
        except OSError:
            line = ""
        if not line:
            raise Unavailable("The running Entente process has stopped.", rule="process-gone")
        answer = from_json(line)
        if "refusal" in answer:
            raise from_plain(answer["refusal"])
        return answer["result"]

    def _connected(self) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(self._path)
        except OSError:
            connection.close()
            raise
        return connection


def _path(data_dir: Path) -> Path:
    """Relative where that is shorter: a socket's path has room for some 100 characters."""
    absolute = data_dir.resolve() / "control.sock"
    relative = Path(os.path.relpath(absolute))
    return min(absolute, relative, key=lambda path: len(str(path)))
