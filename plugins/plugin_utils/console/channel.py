# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The way from workers to the controller for lines of progress, which the callback `console` shows as a board.

Ansible forks a worker for each task. What a worker inherits is all that it shares with the controller: a pipe.
"""

from __future__ import annotations

import contextlib
import json
import os
import select


class Channel:
    """Lines of text from many processes to one; each is written at once, so that none mixes with another."""

    def __init__(self) -> None:
        """Open the pipe."""
        self._reader, self._writer = os.pipe()
        for end in (self._reader, self._writer):
            os.set_blocking(end, False)
        self._rest = b""

    def send(self, line: str) -> None:
        """Send a line; one that is too long for a pipe is cut, and one for which there is no room is lost."""
        text = json.dumps(line)
        if len(text) >= select.PIPE_BUF:
            text = json.dumps(line[: select.PIPE_BUF // 8])
        with contextlib.suppress(OSError):  # the controller has ended, or does not read
            os.write(self._writer, f"{text}\n".encode())

    def wait(self, seconds: float | None) -> None:
        """Return when a line has come, or after so many seconds (None: as long as it takes)."""
        select.select([self._reader], [], [], seconds)

    def received(self) -> list[str]:
        """Return the lines that have come."""
        with contextlib.suppress(BlockingIOError):
            while data := os.read(self._reader, 65536):
                self._rest += data
        *whole, self._rest = self._rest.split(b"\n")
        return [json.loads(line) for line in whole]


class _Current:
    """What workers inherit: the channel of this run, if its callback opened one."""

    channel: Channel | None = None


def opened() -> Channel:
    """Open the channel of this run and return it."""
    _Current.channel = Channel()
    return _Current.channel


def sent(line: str) -> bool:
    """Send a line, and say whether somebody reads it."""
    if _Current.channel is None:
        return False
    _Current.channel.send(line)
    return True
