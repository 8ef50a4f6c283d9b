# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""A command in a container: its input and output in pieces, and how it has ended, as `oc exec` learns it.

Each frame of the WebSocket begins with its channel (v4.channel.k8s.io): 0 input, 1 output, 2 errors, 3 the end, a
Status. Only that says that the command has ended by itself; a connection that was cut says nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Any

from .client import Client
from .errors import EngineError

try:
    from websocket import WebSocketException
except ImportError:  # the connection reports what is missing
    WebSocketException = OSError  # type: ignore[misc, assignment]

_INPUT, _OUTPUT, _ERRORS, _END = range(4)
_CLOSE = 8  # RFC 6455, 5.2
_PIECE = 65536
_ERRORS_KEPT = 20_000
_LONGEST = 100


@dataclass(frozen=True)
class Container:
    """Where a command runs."""

    namespace: str
    pod: str
    name: str

    def __str__(self) -> str:
        return f"container {self.name} of pod {self.namespace}/{self.pod}"


class CommandFailed(EngineError):
    """A command did not end well. ended: whether it ended by itself; errors: what it wrote to its standard error."""

    def __init__(self, where: Container, said: str, ended: bool = False, errors: str = "") -> None:
        super().__init__(f"{where}: {said}")
        self.ended = ended
        self.errors = errors


def run(
    client: Client, where: Container, command: list[str], seconds: float, given: Iterable[bytes] | None = None
) -> bytes:
    """Return what the command writes. `given` goes to its input first; `seconds` without a byte are too long."""
    return b"".join(pieces(client, where, command, seconds, given))


def pieces(
    client: Client, where: Container, command: list[str], seconds: float, given: Iterable[bytes] | None = None
) -> Iterator[bytes]:
    """Yield what the command writes, as it comes. Raises CommandFailed, and Unreachable when it can't be started.

    given: what goes to its input before its output is read. seconds: the longest silence.
    """
    socket = client.start(where.namespace, where.pod, where.name, command, given is not None)
    with closing(socket):
        socket.settimeout(seconds)
        # It may have ended before it has read everything: its end says why.
        with suppress(WebSocketException, OSError):
            _feed(socket, given or ())
        yield from _read(socket, where)


def _feed(socket: Any, given: Iterable[bytes]) -> None:
    for block in given:
        for start in range(0, len(block), _PIECE):
            socket.send_binary(bytes([_INPUT]) + block[start : start + _PIECE])


def _read(socket: Any, where: Container) -> Iterator[bytes]:
    errors = b""
    while True:
        try:
            code, frame = socket.recv_data_frame(True)
        except (WebSocketException, OSError) as error:
            raise CommandFailed(where, f"the connection was cut before the command ended ({error})") from None
        if code == _CLOSE:
            raise CommandFailed(where, "the connection was closed before the command ended")
        channel, data = (frame.data[0], frame.data[1:]) if frame.data else (None, b"")
        if channel == _OUTPUT and data:
            yield data
        elif channel == _ERRORS:
            errors = (errors + data)[:_ERRORS_KEPT]
        elif channel == _END:
            _judge(where, data, errors.decode("utf-8", "replace"))
            return


def _judge(where: Container, data: bytes, errors: str) -> None:
    """Raise CommandFailed unless the Status says that all was well."""
    status = json.loads(data)
    if status.get("status") == "Success":
        return
    causes = (status.get("details") or {}).get("causes") or []
    code = next((cause["message"] for cause in causes if cause.get("reason") == "ExitCode"), None)
    said = f"the command ended with exit code {code}" if code else _short(str(status.get("message", "")))
    raise CommandFailed(where, said, ended=True, errors=errors)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return f"{line[:_LONGEST]}…" if len(line) > _LONGEST else line
