"""How a command in a container ends, by the frames of its WebSocket."""

from __future__ import annotations

import json
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.kube.execution import (
    CommandFailed,
    Container,
    pieces,
    run,
)

WHERE = Container("n", "p", "c")
BINARY, CLOSE = 2, 8
SUCCESS = (BINARY, b"\x03" + json.dumps({"status": "Success"}).encode())


class Socket:
    """The WebSocket of a command that answers with frames; after the last, the connection is cut."""

    def __init__(self, frames: Iterable[tuple[int, bytes]], reads: int = 10**9) -> None:
        self.frames = list(frames)
        self.reads = reads
        self.sent: list[bytes] = []
        self.closed = False

    def settimeout(self, _seconds: float) -> None:
        pass

    def send_binary(self, data: bytes) -> None:
        if len(self.sent) >= self.reads:
            raise BrokenPipeError
        self.sent.append(data)

    def recv_data_frame(self, _control: bool) -> tuple[int, Any]:
        if not self.frames:
            raise ConnectionResetError("reset by peer")
        code, data = self.frames.pop(0)
        return code, SimpleNamespace(data=data)

    def close(self) -> None:
        self.closed = True


def client(socket: Socket) -> Any:
    return SimpleNamespace(start=lambda *_arguments: socket)


def test_output_comes_in_pieces_and_input_goes_first() -> None:
    socket = Socket([(BINARY, b"\x01"), (BINARY, b"\x01ab"), (9, b""), (BINARY, b"\x01\xff"), SUCCESS])
    assert list(pieces(client(socket), WHERE, ["x"], 1, [b"i" * 70_000])) == [b"ab", b"\xff"]
    assert [len(data) for data in socket.sent] == [65_537, 4_465]
    assert socket.closed


@pytest.mark.parametrize(
    ("frames", "told", "ended"),
    [
        ([(BINARY, b"\x01half")], "the connection was cut before the command ended", False),
        ([(BINARY, b"\x01half"), (CLOSE, b"")], "the connection was closed before the command ended", False),
        (
            [
                (BINARY, b"\x02no space"),
                (
                    BINARY,
                    b"\x03"
                    + json.dumps(
                        {"status": "Failure", "details": {"causes": [{"reason": "ExitCode", "message": "3"}]}}
                    ).encode(),
                ),
            ],
            "the command ended with exit code 3",
            True,
        ),
        ([(BINARY, b'\x03{"status": "Failure", "message": "no such container"}')], "no such container", True),
    ],
)
def test_what_does_not_end_well_is_told(frames: list[tuple[int, bytes]], told: str, ended: bool) -> None:
    with pytest.raises(CommandFailed, match=told) as raised:
        run(client(Socket(frames)), WHERE, ["x"], 1)
    assert raised.value.ended is ended


def test_a_command_that_ends_before_it_has_read_everything_says_why() -> None:
    failed = (BINARY, b'\x03{"status": "Failure", "message": "it has had enough"}')
    with pytest.raises(CommandFailed, match="had enough"):
        run(client(Socket([failed], reads=1)), WHERE, ["x"], 1, [b"a", b"b"])
