"""A command in a terminal, as a person sees it: what is on the screen now, and every line that has been."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyte

ROWS = 24


class Terminal:
    """A running command whose standard streams are a terminal of so many columns."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], columns: int, cwd: Path) -> None:
        """Start the command."""
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, columns, 0, 0))
        self._process = subprocess.Popen(
            command, cwd=cwd, env=dict(environment), stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
        )
        os.close(theirs)
        self._screen = pyte.HistoryScreen(columns, ROWS, history=10_000)
        self._stream = pyte.ByteStream(self._screen)
        self.raw = b""

    def shown(self) -> list[str]:
        """Return the lines on the screen."""
        return [line.rstrip() for line in self._screen.display]

    def until(self, *texts: str, seconds: float = 120.0) -> list[str]:
        """Return the lines on the screen as soon as some line has each of the texts."""
        end = time.monotonic() + seconds
        while not all(any(text in line for line in self.shown()) for text in texts):
            if not self._read() or time.monotonic() > end:
                self._process.kill()
                raise AssertionError("\n".join(self.shown()))
        return self.shown()

    def finish(self, code: int = 0, seconds: float = 300.0) -> list[str]:
        """Wait for the command's end and return every line that it has left, above the screen and on it."""
        end = time.monotonic() + seconds
        while self._read():
            if time.monotonic() > end:
                self._process.kill()
        os.close(self._ours)
        above = [
            "".join(line[column].data for column in range(self._screen.columns)).rstrip()
            for line in self._screen.history.top
        ]
        lines = [*above, *self.shown()]
        assert self._process.wait() == code, "\n".join(lines)
        return lines

    def _read(self) -> bool:
        """Take what the command has written, within a second; False when it has closed the terminal."""
        if not select.select([self._ours], [], [], 1.0)[0]:
            return True
        try:
            data = os.read(self._ours, 65536)
        except OSError:  # the other side is closed
            return False
        self.raw += data
        self._stream.feed(data)
        return bool(data)
